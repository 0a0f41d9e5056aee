"""proxy_set(), and the setting MQTT_PROXY, without the package PySocks."""

import os

import paho.mqtt.client as mqtt
from seat import BROKER

mqtt.socks = None  # this is so where PySocks is not installed; the line hides it where it is
HTTP = 3  # what PySocks calls socks.HTTP


def on_connect(client, userdata, flags, reason_code, properties):
    print("on_connect:", reason_code)
    client.disconnect()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
try:
    client.proxy_set(proxy_type=HTTP, proxy_addr="localhost", proxy_port=1)
except ValueError as error:
    print("ValueError:", error)

os.environ["MQTT_PROXY"] = "http://localhost:1"  # a proxy that does not exist
client.connect(BROKER)
client.loop_forever()
