"""Decides for the whole stadium:  python decide.py any|mean|median"""

import json
import sys

import paho.mqtt.client as mqtt
from rules import RULES
from seat import BROKER, ID

rule = RULES[sys.argv[1]]
lights = {}  # the newest light of each seat
decision = None


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(f"{ID}/stadium/+/telemetry")


def handle_telemetry(client, userdata, message):
    global decision
    seat = message.topic.split("/")[-2]
    try:
        lights[seat] = int(json.loads(message.payload)["light"])
    except (ValueError, KeyError, TypeError, OverflowError):
        print("Not telemetry:", message.payload)
        return
    before, decision = decision, {"led_on": rule(lights.values()) < 300}
    if decision == before:
        tell(seat)
    else:
        print("Sending message:", decision, "to all, after a message from", seat)
        for each in lights:
            tell(each)


def tell(seat):
    client.publish(f"{ID}/stadium/{seat}/commands", json.dumps(decision))


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-stadium-server")
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect(BROKER)
client.loop_forever()
