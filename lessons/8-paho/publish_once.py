"""The publish module: connect, send, disconnect, all in one call."""

import logging
import queue
import sys

import paho.mqtt.client as mqtt
from paho.mqtt import publish
from seat import BROKER, ID

logging.basicConfig(stream=sys.stdout, format="  %(levelname)s: %(message).55s...")
ONCE = f"{ID}/once"
heard = queue.Queue()


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(f"{ONCE}/#", qos=2)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    heard.put("ready")


def on_message(client, userdata, message):
    if message.payload:
        heard.put(f"{message.topic}: {message.payload.decode()}, QoS {message.qos}")


listener = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
listener.on_connect = on_connect
listener.on_subscribe = on_subscribe
listener.on_message = on_message
listener.connect(BROKER)
listener.loop_start()
print(heard.get(timeout=5))

publish.single(f"{ONCE}/light", "80", hostname=BROKER)
print(heard.get(timeout=5))

# That ERROR is no error: the loop says it when it finds the connection closed, as it should be.
logging.getLogger("paho.mqtt.client").setLevel(logging.CRITICAL)

publish.single(
    f"{ONCE}/all",
    payload="all at once",
    qos=1,
    retain=True,
    hostname=BROKER,
    port=1883,
    client_id=f"{ID}-once",
    keepalive=30,
    will={"topic": f"{ONCE}/will", "payload": "never seen: it says goodbye", "qos": 1, "retain": False},
    protocol=mqtt.MQTTv311,
    transport="tcp",
)
print(heard.get(timeout=5))
publish.single(f"{ONCE}/all", retain=True, hostname=BROKER)  # removes the retained message

messages = [
    {"topic": f"{ONCE}/first", "payload": "a dictionary", "qos": 1, "retain": False},
    (f"{ONCE}/second", "a tuple", 0, False),
]
publish.multiple(
    messages,
    hostname=BROKER,
    port=1883,
    client_id=f"{ID}-once",
    keepalive=30,
    will={"topic": f"{ONCE}/will"},
    protocol=mqtt.MQTTv311,
    transport="tcp",
)
print(heard.get(timeout=5))
print(heard.get(timeout=5))
listener.disconnect()
listener.loop_stop()

try:
    publish.single(f"{ONCE}/light", "80", hostname="localhost", port=1)
except ConnectionRefusedError:
    print("where nobody listens: ConnectionRefusedError")
