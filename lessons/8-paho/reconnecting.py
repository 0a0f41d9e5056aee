"""When the connection breaks: the loop's thread connects again, after a while that grows."""

import socket
import threading
import time

import paho.mqtt.client as mqtt

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
client.connect("localhost")
client.loop_start()
connected.wait(timeout=5)

connected.clear()
lost = time.monotonic()
client.socket().shutdown(socket.SHUT_RDWR)  # as if the cable were cut
connected.wait(timeout=5)
print("it took a second or more:", time.monotonic() - lost >= 1)
client.disconnect()
client.loop_stop()
