"""Three ways to run the network loop."""

import threading

import paho.mqtt.client as mqtt
from seat import BROKER

connected = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    where = "the main thread" if threading.current_thread() is threading.main_thread() else "a thread of its own"
    print("  on_connect in", where)
    connected.set()
    if userdata == "short of time":
        client.disconnect()


def on_connect_fail(client, userdata):
    print("  nobody listens on port", client.port)
    client.disconnect()


def new_client(userdata=None):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, userdata=userdata)
    client.on_connect = on_connect
    client.on_connect_fail = on_connect_fail
    connected.clear()
    return client


print("loop(): you call it, again and again")
client = new_client()
client.connect(BROKER)
while not connected.is_set():
    client.loop(timeout=0.1)
client.disconnect()
print("  without a connection it returns", client.loop(timeout=0.1).name)

print("loop_start(): a thread calls it")
client = new_client()
client.connect(BROKER)
first, second = client.loop_start(), client.loop_start()
connected.wait(timeout=5)
print(" ", first.name, "and a second time", second.name)
client.disconnect()
client.loop_stop()

print("loop_forever(): it blocks until somebody calls disconnect()")
client = new_client("short of time")
client.connect(BROKER)
client.loop_forever(timeout=0.5)

print("loop_forever() after connect_async(), where nobody listens")
client = new_client()
client.connect_async("localhost", 1)
try:
    client.loop_forever()
except ConnectionRefusedError:
    print("  ConnectionRefusedError")

print("and with retry_first_connection")
client = new_client()
client.connect_async("localhost", 1)
client.loop_forever(retry_first_connection=True)
print("  no error: without disconnect() it would try again and again")
