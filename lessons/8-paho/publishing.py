"""publish(): what can be sent, and what comes back."""

import struct
import threading

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/publishing"
ready = threading.Event()
last_one = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(TOPIC, qos=2)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    ready.set()


def on_message(client, userdata, message):
    print(f"  received: {message.payload}, QoS {message.qos}")
    if message.payload == b"good night":
        last_one.set()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message

info = client.publish(TOPIC, "too early")
print("not connected:", info.rc == mqtt.MQTT_ERR_NO_CONN, "-", mqtt.error_string(info.rc))
try:
    info.wait_for_publish(timeout=1)
except RuntimeError as error:
    print("RuntimeError:", error)

client.connect(BROKER)
client.loop_start()
ready.wait(timeout=5)
for payload in "text: grüß Gott", b"bytes", 80, 21.5, struct.pack(">H", 80), None:
    client.publish(TOPIC, payload)
info = client.publish(TOPIC, payload="good night", qos=2, retain=True)
info.wait_for_publish(timeout=5)
last_one.wait(timeout=5)
print("success:", info.rc == mqtt.MQTT_ERR_SUCCESS, "- published:", info.is_published(), "- id:", info.mid)

client.unsubscribe(TOPIC)
client.publish(TOPIC, retain=True).wait_for_publish(timeout=5)  # no payload: nothing is retained any more
client.disconnect()
client.loop_stop()

client.max_queued_messages_set(1)
client.publish(TOPIC, "waits", qos=1)
info = client.publish(TOPIC, "one too many", qos=1)
print("queue full:", info.rc == mqtt.MQTT_ERR_QUEUE_SIZE)
for question in info.is_published, info.wait_for_publish:
    try:
        question()
    except ValueError as error:
        print("ValueError:", error)

too_large = bytes(268_435_456)  # one byte more than MQTT can say
for topic, payload, qos in (None, "", 0), ("", "", 0), ("lamps/+", "", 0), (TOPIC, "", 3), (TOPIC, too_large, 0):
    try:
        client.publish(topic, payload, qos)
    except ValueError as error:
        print("ValueError:", error)
