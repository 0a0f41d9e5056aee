"""Plays twenty seats, each with a sensor and a lamp:  python stadium.py [dark|bright|noise|silent HOW_MANY]"""

import json
import sys
import time

import paho.mqtt.client as mqtt
from seat import BROKER, ID
from sensors import SEATS, read_all

kind, broken = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else ("", 0)
sun = 800  # how bright it really is
lamps = dict.fromkeys(SEATS, False)


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe([(f"{ID}/sun", 0), (f"{ID}/stadium/+/commands", 0)])


def handle_message(client, userdata, message):
    global sun
    try:
        if message.topic == f"{ID}/sun":
            sun = int(message.payload)
        else:
            seat = message.topic.split("/")[-2]
            lamps[seat] = json.loads(message.payload)["led_on"] is True
    except (ValueError, KeyError, TypeError):
        print("Neither a sun nor a command:", message.payload)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-stadium")
client.on_connect = handle_connect
client.on_message = handle_message
client.connect(BROKER)
client.loop_start()

shining = None
while True:
    time.sleep(1)
    if sum(lamps.values()) != shining:
        shining = sum(lamps.values())
        print("Lamps that shine:", shining)
    for seat, light in read_all(sun, kind, broken).items():
        client.publish(f"{ID}/stadium/{seat}/telemetry", json.dumps({"light": light}))
