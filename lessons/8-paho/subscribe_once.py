"""The subscribe module: connect, wait for messages, disconnect, all in one call."""

import logging
import ssl
import threading

import paho.mqtt.client as mqtt
from paho.mqtt import publish, subscribe

logging.getLogger("paho.mqtt.client").setLevel(logging.CRITICAL)  # see publish_once.py

# Retained messages, so that there is something to receive at once.
LIGHT, LED = "step8/again/light", "step8/again/led"
publish.multiple([(LIGHT, "80", 1, True), (LED, "on", 1, True)])

message = subscribe.simple(LIGHT)
print(f"one: {message.topic} {message.payload.decode()}, retained: {message.retain}")

messages = subscribe.simple(
    [LIGHT, LED],
    qos=1,
    msg_count=2,
    retained=True,
    hostname="localhost",
    port=1883,
    client_id="step8-again",
    keepalive=30,
    will={"topic": "step8/again/will", "payload": "never seen", "qos": 0, "retain": False},
    protocol=mqtt.MQTTv31,
)
print("two:", *(message.payload.decode() for message in messages))

message = subscribe.simple(LIGHT, port=1884, auth={"username": "learner", "password": "moonlight"})
print("with a password:", message.payload.decode())

tls = {
    "ca_certs": "ca.crt",
    "certfile": "client.crt",
    "keyfile": "client.key",
    "tls_version": ssl.PROTOCOL_TLS_CLIENT,
    "ciphers": "ECDHE+AESGCM",
}
message = subscribe.simple(LIGHT, port=8884, tls=tls)
print("with a certificate:", message.payload.decode())

# retained=False waits for something new. Somebody says it, until it has been heard.
heard = threading.Event()


def say_it():
    while not heard.wait(timeout=0.1):
        publish.single(LIGHT, "90")


thread = threading.Thread(target=say_it)
thread.start()
message = subscribe.simple(LIGHT, retained=False)
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
    hostname="localhost",
    port=8884,
    client_id="step8-again",
    keepalive=30,
    will={"topic": "step8/again/will"},
    tls={"ca_certs": "ca.crt", "certfile": "client.crt", "keyfile": "client.key"},
    protocol=mqtt.MQTTv311,
)
print("callback() has seen:", *seen)

seen = ["nothing yet"]
subscribe.callback(on_message, LIGHT, userdata=seen, port=1884, auth={"username": "learner", "password": "moonlight"})
print("callback() has seen:", *seen)

publish.multiple([(LIGHT, None, 1, True), (LED, None, 1, True)])  # clears them away
