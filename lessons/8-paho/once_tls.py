"""The modules publish and subscribe, inside TLS."""

import logging
import ssl

from paho.mqtt import publish, subscribe
from seat import ID

logging.getLogger("paho.mqtt.client").setLevel(logging.CRITICAL)  # see publish_once.py

LIGHT = f"{ID}/once/light"
LEARNER = {
    "ca_certs": "ca.crt",
    "certfile": "client.crt",
    "keyfile": "client.key",
    "tls_version": ssl.PROTOCOL_TLS_CLIENT,
    "ciphers": "ECDHE+AESGCM",
}

publish.single(LIGHT, "80", qos=1, retain=True, port=8884, tls=LEARNER)
message = subscribe.simple(LIGHT, port=8884, tls=LEARNER)
print("simple():", message.payload.decode())


def on_message(client, userdata, message):
    print("callback():", message.payload.decode())
    client.disconnect()


subscribe.callback(on_message, LIGHT, port=8884, tls=LEARNER)

# The certificate says localhost.
ANY_NAME = {"ca_certs": "ca.crt", "insecure": True}
publish.multiple([(LIGHT, None, 1, True)], hostname="127.0.0.1", port=8883, tls=ANY_NAME)  # clears the light away
print("of my dictionary is left:", ANY_NAME)
