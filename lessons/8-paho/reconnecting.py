"""When the connection breaks: the loop connects again, after a while that grows, or gives up."""

import socket
import threading
import time

import paho.mqtt.client as mqtt
from seat import BROKER

connected = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    print("on_connect:", reason_code)
    connected.set()


def on_disconnect(client, userdata, flags, reason_code, properties):
    print("on_disconnect:", reason_code)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_disconnect = on_disconnect
client.reconnect_delay_set(min_delay=1, max_delay=4)
client.connect(BROKER)
client.loop_start()
connected.wait(timeout=5)

connected.clear()
lost = time.monotonic()
client.socket().shutdown(socket.SHUT_RDWR)  # as if the cable were cut
connected.wait(timeout=5)
print("it took a second or more:", time.monotonic() - lost >= 1)
client.disconnect()
client.loop_stop()


def cut(client, userdata, flags, reason_code, properties):
    client.socket().shutdown(socket.SHUT_RDWR)


print("with reconnect_on_failure=False")
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
client.on_connect = cut
client.on_disconnect = on_disconnect
client.connect(BROKER)
print("loop_forever():", client.loop_forever().name)
