"""Publishes 100,000 brackets as one message:  python brackets.py TOPIC"""

import sys

import paho.mqtt.client as mqtt
from seat import BROKER, ID

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-stranger")
client.connect(BROKER)
client.loop_start()
client.publish(f"{ID}/{sys.argv[1]}", "[" * 100_000).wait_for_publish()
client.disconnect()
