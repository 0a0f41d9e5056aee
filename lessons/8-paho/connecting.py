"""To connect at once, by hand again, or later; and to leave."""

import threading

import paho.mqtt.client as mqtt
from seat import BROKER

answered = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    print("on_connect:", reason_code)
    answered.set()


def on_disconnect(client, userdata, flags, reason_code, properties):
    print("on_disconnect:", reason_code)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_disconnect = on_disconnect


def wait_for_answer():
    while not answered.is_set():
        client.loop()
    answered.clear()


print("connect():", client.connect(BROKER, port=1883, keepalive=30, bind_address="0.0.0.0").name)
print("connected:", client.is_connected())
wait_for_answer()
print("connected:", client.is_connected())
print("disconnect():", client.disconnect().name)

print("reconnect():", client.reconnect().name)
wait_for_answer()
client.disconnect()
print("disconnect() once more:", client.disconnect().name)

try:
    client.connect("localhost", 1)
except ConnectionRefusedError:
    print("connect() where nobody listens: ConnectionRefusedError")

print("connect_async():", client.connect_async(BROKER, port=1883, keepalive=30, bind_address="0.0.0.0"))
client.loop_start()  # the thread connects
answered.wait(timeout=5)
client.disconnect()
client.loop_stop()
