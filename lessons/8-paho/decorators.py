"""Callbacks as decorators, and two callbacks that the guide does not have."""

import paho.mqtt.client as mqtt
from seat import BROKER

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, userdata="the lamp")


@client.pre_connect_callback()
def announce(client, userdata):
    print(f"on_pre_connect: {userdata} connects to port {client.port}")


@client.connect_fail_callback()
def lament(client, userdata):
    print("on_connect_fail: nobody listens there")


@client.connect_callback()
def greet(client, userdata, flags, reason_code, properties):
    print(f"on_connect: {reason_code}, user_data_get() is {client.user_data_get()!r}")
    client.disconnect()


client.connect_async("localhost", 1)
try:
    client.loop_forever()
except ConnectionRefusedError:
    print("loop_forever() raises a ConnectionRefusedError")

client.connect(BROKER)
client.loop_forever()
