"""Decides for the whole stadium, and forgets what is old:  python forget.py any|mean|median"""

import json
import sys
import time

import paho.mqtt.client as mqtt
from rules import RULES
from seat import BROKER, ID

rule = RULES[sys.argv[1]]
FRESH = 3  # seconds: what is older does not count
lights = {}  # the newest light of each seat, and when it came
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
        lights[seat] = int(json.loads(message.payload)["light"]), time.monotonic()
    except (ValueError, KeyError, TypeError, OverflowError):
        print("Not telemetry:", message.payload)
        return
    fresh = [light for light, came in lights.values() if time.monotonic() - came < FRESH]
    before, decision = decision, {"led_on": rule(fresh) < 300}
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
