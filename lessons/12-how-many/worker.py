"""One of perhaps several servers:  python worker.py FILTER [quiet] [slow] [lasting]"""

import json
import sys
import time

import paho.mqtt.client as mqtt

topics, *how = sys.argv[1:]


def handle_connect(client, userdata, flags, reason, properties):
    print("The broker refuses us." if reason.is_failure else "MQTT connected!")
    client.subscribe(topics)


def handle_telemetry(client, userdata, message):
    try:
        telemetry = json.loads(message.payload)
        command = {"led_on": telemetry["light"] < 300}
    except (ValueError, KeyError, TypeError, RecursionError):
        print("Not telemetry:", message.payload)
        return
    if "slow" in how:
        time.sleep(0.05)  # it looks something up on another machine
    if "quiet" not in how:
        print("Message received:", telemetry)
        print("Sending message:", command)
    client.publish(message.topic.replace("telemetry", "commands"), json.dumps(command))


if "lasting" in how:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "lasting-worker", clean_session=False)
else:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)  # no name, so that several can run
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect("localhost")
client.loop_forever()
