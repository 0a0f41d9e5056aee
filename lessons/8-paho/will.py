"""The last will: what the broker says for a client that is gone without goodbye."""

import queue

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/lamp/status"
heard = queue.Queue()


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(TOPIC, qos=1)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    heard.put("ready")


def on_message(client, userdata, message):
    heard.put(f"{message.payload.decode() or 'nothing'}, QoS {message.qos}")


watcher = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
watcher.on_connect = on_connect
watcher.on_subscribe = on_subscribe
watcher.on_message = on_message
watcher.connect(BROKER)
watcher.loop_start()
print("watcher:", heard.get(timeout=5))


def lamp():
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.will_set(TOPIC, payload="the lamp is gone", qos=1, retain=True)
    client.connect(BROKER)
    while not client.is_connected():
        client.loop()
    return client


lamp().disconnect()
watcher.publish(TOPIC, "the first lamp has said goodbye", qos=1)
print("watcher:", heard.get(timeout=5))

lamp().socket().close()  # as if its plug were pulled
print("watcher:", heard.get(timeout=5))

watcher.publish(TOPIC, None, qos=1, retain=True)  # an empty retained message removes the one that is there
print("watcher:", heard.get(timeout=5))
watcher.disconnect()
watcher.loop_stop()

for topic, qos in ("", 0), (TOPIC, 3):
    try:
        watcher.will_set(topic, qos=qos)
    except ValueError as error:
        print("ValueError:", error)
