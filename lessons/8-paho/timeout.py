"""connect_timeout: what it limits, and what it does not."""

import socket
import time

import paho.mqtt.client as mqtt

server = socket.create_server(("localhost", 0))  # accepts each connection, and never answers
port = server.getsockname()[1]
began = 0.0


def say(*words):
    print(*words, f"after {time.monotonic() - began:.1f} s")


def on_disconnect(client, userdata, flags, reason_code, properties):
    say("  on_disconnect:", reason_code)
    client.disconnect()


def visit(transport):
    global began
    print(transport)
    began = time.monotonic()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, transport=transport)
    client.on_disconnect = on_disconnect
    client.connect_timeout = 0.5
    try:
        client.connect("localhost", port, keepalive=2)
    except TimeoutError:
        say("  connect() raises a TimeoutError")
        return
    say("  connect() returns")
    client.loop_forever()


visit("websockets")
visit("tcp")
try:
    mqtt.Client(mqtt.CallbackAPIVersion.VERSION2).connect_timeout = 0
except ValueError as error:
    print("ValueError:", error)
