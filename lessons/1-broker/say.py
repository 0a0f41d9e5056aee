"""Publishes one message below your id: python say.py TOPIC MESSAGE"""

import sys

import paho.mqtt.client as mqtt
from seat import BROKER, ID

topic, message = sys.argv[1:]
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.connect(BROKER)
client.loop_start()
client.publish(f"{ID}/{topic}", message).wait_for_publish()
client.disconnect()
