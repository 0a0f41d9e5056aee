"""25 messages for a client that acknowledges none, until it has waited for a second."""

import time

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/by-hand"
come = []


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(TOPIC, qos=1)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    for number in range(25):
        client.publish(TOPIC, number, qos=1)


def on_message(client, userdata, message):
    come.append(message)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, manual_ack=True)
client.max_inflight_messages_set(25)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.connect(BROKER)
client.loop_start()
while len(come) < 20:
    time.sleep(0.1)
time.sleep(1)
print("have come:", len(come))
for message in come[:5]:
    client.ack(message.mid, message.qos)
while len(come) < 25:
    time.sleep(0.1)
print("after five acknowledgements:", len(come))
client.disconnect()
