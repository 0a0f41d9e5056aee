"""Shows what is published below your id: python listen.py [TOPIC]"""

import sys

import paho.mqtt.subscribe as subscribe
from seat import BROKER, ID


def show(client, userdata, message):
    print(message.topic, message.payload.decode())


topic = sys.argv[1] if len(sys.argv) > 1 else "#"
subscribe.callback(show, f"{ID}/{topic}", hostname=BROKER)
