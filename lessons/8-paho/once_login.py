"""The modules publish and subscribe, with a password."""

import logging

import paho.mqtt
from paho.mqtt import publish, subscribe
from seat import ID

logging.getLogger("paho.mqtt.client").setLevel(logging.CRITICAL)  # see publish_once.py

LIGHT = f"{ID}/once/light"
LEARNER = {"username": "learner", "password": "moonlight"}

publish.single(LIGHT, "80", qos=1, retain=True, port=1884, auth=LEARNER)
message = subscribe.simple(LIGHT, port=1884, auth=LEARNER)
print("simple():", message.payload.decode())


def on_message(client, userdata, message):
    print("callback():", message.payload.decode())
    client.disconnect()


subscribe.callback(on_message, LIGHT, port=1884, auth=LEARNER)
publish.multiple([(LIGHT, None, 1, True)], port=1884, auth=LEARNER)  # clears the light away

try:
    publish.single(LIGHT, "80", port=1884, auth={"username": "learner", "password": "sunlight"})
except paho.mqtt.MQTTException as error:
    print("MQTTException:", error)
