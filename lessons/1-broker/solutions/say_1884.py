"""Publishes one message through the second broker: python say_1884.py TOPIC MESSAGE"""

import sys

import paho.mqtt.client as mqtt
from seat import BROKER, ID

topic, message = sys.argv[1:]
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.connect(BROKER, 1884)
client.loop_start()
client.publish(f"{ID}/{topic}", message).wait_for_publish()
client.disconnect()
