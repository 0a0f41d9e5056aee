"""The publish module: connect, send, disconnect, all in one call."""

import logging
import queue
import ssl
import sys

import paho.mqtt.client as mqtt
from paho.mqtt import publish

logging.basicConfig(stream=sys.stdout, format="  %(levelname)s: %(message)s")
heard = queue.Queue()


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe("step8/once/#", qos=2)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    heard.put("ready")


def on_message(client, userdata, message):
    if message.payload:
        heard.put(f"{message.topic}: {message.payload.decode()}, QoS {message.qos}")


listener = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
listener.on_connect = on_connect
listener.on_subscribe = on_subscribe
listener.on_message = on_message
listener.connect("localhost")
listener.loop_start()
print(heard.get(timeout=5))

publish.single("step8/once/light", "80")
print(heard.get(timeout=5))

# That ERROR is none: it is what the loop says when it finds the connection closed, as it should be.
logging.getLogger("paho.mqtt.client").setLevel(logging.CRITICAL)

publish.single(
    "step8/once/all",
    payload="all at once",
    qos=1,
    retain=True,
    hostname="localhost",
    port=1883,
    client_id="step8-once",
    keepalive=30,
    will={"topic": "step8/once/will", "payload": "never seen: it says goodbye", "qos": 1, "retain": False},
    protocol=mqtt.MQTTv31,
    transport="tcp",
)
print(heard.get(timeout=5))
publish.single("step8/once/all", retain=True)  # removes the retained message

publish.single("step8/once/login", "with a password", port=1884, auth={"username": "learner", "password": "moonlight"})
print(heard.get(timeout=5))

tls = {
    "ca_certs": "ca.crt",
    "certfile": "client.crt",
    "keyfile": "client.key",
    "tls_version": ssl.PROTOCOL_TLS_CLIENT,
    "ciphers": "ECDHE+AESGCM",
}
publish.single("step8/once/tls", "with a certificate", port=8884, tls=tls)
print(heard.get(timeout=5))

messages = [
    {"topic": "step8/once/first", "payload": "a dictionary", "qos": 1, "retain": False},
    ("step8/once/second", "a tuple", 0, False),
]
publish.multiple(messages)
print(heard.get(timeout=5))
print(heard.get(timeout=5))

publish.multiple(
    [("step8/once/web", "over WebSockets", 0, False)],
    hostname="localhost",
    port=9001,
    client_id="step8-once",
    keepalive=30,
    will={"topic": "step8/once/will"},
    protocol=mqtt.MQTTv311,
    transport="websockets",
)
print(heard.get(timeout=5))

publish.multiple(
    [("step8/once/secret", "over TLS, with a password that nobody asked for", 0, False)],
    port=8883,
    auth={"username": "learner", "password": "moonlight"},
    tls={"ca_certs": "ca.crt"},
)
print(heard.get(timeout=5))

# The certificate says localhost.
tls = {"ca_certs": "ca.crt", "insecure": True}
publish.single("step8/once/name", "nobody has looked at the broker's name", hostname="127.0.0.1", port=8883, tls=tls)
print(heard.get(timeout=5))

listener.disconnect()
listener.loop_stop()
