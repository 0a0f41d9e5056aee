"""Shows every message that passes through the broker."""

import paho.mqtt.subscribe as subscribe


def show(client, userdata, message):
    print(message.topic, message.payload.decode())


subscribe.callback(show, "#", hostname="localhost")
