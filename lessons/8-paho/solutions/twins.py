"""Two clients with one id, for five seconds."""

import time

import paho.mqtt.client as mqtt
from seat import BROKER, ID

connects = {"first": 0, "second": 0}


def on_connect(client, userdata, flags, reason_code, properties):
    connects[userdata] += 1


for name in connects:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-twin", userdata=name)
    client.on_connect = on_connect
    client.connect(BROKER)
    client.loop_start()

time.sleep(5)
print("more than one connection of the first:", connects["first"] > 1)
print("more than one connection of the second:", connects["second"] > 1)
print("at most one a second:", max(connects.values()) <= 6)
