"""The lamp's connection breaks, and is there again a second later. What do others hear of its status?"""

import socket
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from seat import BROKER, ID
from versions import all_that_comes, connect, leave, properties


def old_lamp():
    lamp = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-lamp")
    lamp.will_set(f"{ID}/status", "offline", 1)
    lamp.connect_async(BROKER)
    return lamp


def new_lamp():
    lamp = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-lamp", protocol=mqtt.MQTTv5)
    later = properties(PacketTypes.WILLMESSAGE, {"WillDelayInterval": 5})
    lamp.will_set(f"{ID}/status", "offline", 1, properties=later)
    lasts = properties(PacketTypes.CONNECT, {"SessionExpiryInterval": 10})
    lamp.connect_async(BROKER, clean_start=False, properties=lasts)
    return lamp


listener = connect("3.1.1", "listener", f"{ID}/status")
for version, lamp in ("3.1.1", old_lamp()), ("MQTT 5", new_lamp()):
    lamp.on_connect = lambda client, *_: client.publish(f"{ID}/status", "online", 1)
    lamp.loop_start()
    time.sleep(1)
    lamp.socket().shutdown(socket.SHUT_RDWR)  # as if the Wi-Fi were lost; paho connects again after a second
    time.sleep(3)
    leave(lamp)
    print(f"{version:8}", [message.payload.decode() for message in all_that_comes(listener, "status")])
leave(listener)
