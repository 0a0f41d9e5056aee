"""The subscribe module: connect, wait for messages, disconnect, all in one call."""

import logging
import threading

import paho.mqtt.client as mqtt
from paho.mqtt import publish, subscribe
from seat import BROKER, ID

logging.getLogger("paho.mqtt.client").setLevel(logging.CRITICAL)  # see publish_once.py

# Retained messages, so that there is something to receive at once.
LIGHT, LED = f"{ID}/again/light", f"{ID}/again/led"
publish.multiple([(LIGHT, "80", 1, True), (LED, "on", 1, True)], hostname=BROKER)

message = subscribe.simple(LIGHT, hostname=BROKER)
print(f"one: {message.topic} {message.payload.decode()}, retained: {message.retain}")

messages = subscribe.simple(
    [LIGHT, LED],
    qos=1,
    msg_count=2,
    retained=True,
    hostname=BROKER,
    port=1883,
    client_id=f"{ID}-again",
    keepalive=30,
    will={"topic": f"{ID}/again/will", "payload": "never seen", "qos": 0, "retain": False},
    protocol=mqtt.MQTTv311,
)
print("two:", *(message.payload.decode() for message in messages))

# retained=False waits for something new. Somebody says it, until it has been heard.
heard = threading.Event()


def say_it():
    while not heard.wait(timeout=0.1):
        publish.single(LIGHT, "90", hostname=BROKER)


thread = threading.Thread(target=say_it)
thread.start()
message = subscribe.simple(LIGHT, retained=False, hostname=BROKER)
heard.set()
thread.join()
print("something new:", message.payload.decode())


def on_message(client, userdata, message):
    userdata.append(message.payload.decode())
    if len(userdata) == 2:
        client.disconnect()  # without it callback() would go on for ever


seen = []
subscribe.callback(
    on_message,
    [LIGHT, LED],
    qos=1,
    userdata=seen,
    hostname=BROKER,
    port=1883,
    client_id=f"{ID}-again",
    keepalive=30,
    will={"topic": f"{ID}/again/will"},
    protocol=mqtt.MQTTv311,
)
print("callback() has seen:", *seen)

seen = ["nothing yet"]
subscribe.callback(on_message, LIGHT, userdata=seen, hostname=BROKER)
print("callback() has seen:", *seen)

publish.multiple([(LIGHT, None, 1, True), (LED, None, 1, True)], hostname=BROKER)  # clears them away
