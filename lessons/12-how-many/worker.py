"""One of perhaps several servers:  python worker.py [--share NAME] [--quiet] [--slow] [--lasting]"""

import argparse
import json
import os
import time

import paho.mqtt.client as mqtt
from seat import BROKER, ID

parser = argparse.ArgumentParser()
parser.add_argument("--share", help="the name of the group that shares the work")
parser.add_argument("--quiet", action="store_true", help="print nothing for each message")
parser.add_argument("--slow", action="store_true", help="wait 50 ms before each answer")
parser.add_argument("--lasting", action="store_true", help="have a fixed name and a persistent session")
options = parser.parse_args()

topics = f"{ID}/+/telemetry"
if options.share:
    topics = f"$share/{options.share}/{topics}"


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(topics)


def handle_telemetry(client, userdata, message):
    try:
        telemetry = json.loads(message.payload)
        command = {"led_on": telemetry["light"] < 300}
    except (ValueError, KeyError, TypeError):
        print("Not telemetry:", message.payload)
        return
    if options.slow:
        time.sleep(0.05)  # in place of a question to another machine
    if not options.quiet:
        print("Message received:", telemetry)
        print("Sending message:", command)
    client.publish(message.topic.replace("telemetry", "commands"), json.dumps(command))


name = "lasting" if options.lasting else os.getpid()  # each process has another number
client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-worker-{name}", clean_session=not options.lasting
)
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect(BROKER)
client.loop_forever()
