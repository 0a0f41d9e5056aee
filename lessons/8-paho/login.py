"""A user's name and password, and what a broker may say to a client that it does not let in."""

import socket
import threading

import paho.mqtt.client as mqtt


def on_log(client, userdata, level, buf):
    if buf.startswith("Received CONNACK"):
        print("  packet:", buf)


def on_connect(client, userdata, flags, reason_code, properties):
    print(f"  on_connect: {reason_code}, as a number {reason_code.value}, a failure: {reason_code.is_failure}")
    client.disconnect()


def try_to_connect(port, username=None, password=None):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_log = on_log
    client.on_connect = on_connect
    client.username_pw_set(username, password)  # a username of None: no login at all
    client.connect("localhost", port)
    client.loop_forever()


print("the right password")
try_to_connect(1884, "learner", "moonlight")
print("a wrong one")
try_to_connect(1884, "learner", "sunlight")
print("none")
try_to_connect(1884)


def broker_that_says(code):
    """A broker of our own, which gives every client this answer; its port."""
    server = socket.create_server(("localhost", 0))

    def answer():
        while True:
            client, _ = server.accept()
            client.recv(1024)  # CONNECT
            client.sendall(bytes([0x20, 2, 0, code]))  # CONNACK (MQTT 3.1.1 section 3.2)

    threading.Thread(target=answer, daemon=True).start()
    return server.getsockname()[1]


for code in range(1, 5):
    print(code, mqtt.connack_string(code))
    try_to_connect(broker_that_says(code))
