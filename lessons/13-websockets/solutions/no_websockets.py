"""Speaks plain MQTT at the port for WebSockets."""

import time

import paho.mqtt.client as mqtt
from seat import BROKER, ID


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")


def handle_disconnect(client, userdata, flags, reason, properties):
    print("Disconnected:", reason)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-device")
client.on_connect = handle_connect
client.on_disconnect = handle_disconnect
client.connect(BROKER, 9001)
client.loop_start()
time.sleep(5)
