"""How many messages may be under way, and how many may wait."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/options"


def on_log(client, userdata, level, buf):
    if "PUBLISH" in buf or "PUBACK" in buf:
        print("   ", *buf.split()[:2])


def on_connect(client, userdata, flags, reason_code, properties):
    for number in range(3):
        client.publish(TOPIC, number, qos=1)


def on_publish(client, userdata, mid, reason_code, properties):
    userdata.append(mid)
    if len(userdata) == 3:
        client.disconnect()


def send_three(inflight):
    print(f"at most {inflight} under way")
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, userdata=[])
    client.max_inflight_messages_set(inflight)
    client.on_log = on_log
    client.on_connect = on_connect
    client.on_publish = on_publish
    client.connect(BROKER)
    client.loop_forever()


send_three(20)
send_three(1)

print("at most 2 waiting, and no connection")
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.max_queued_messages_set(queue_size=2)
for number in range(3):
    info = client.publish(TOPIC, number, qos=1)
    print("   ", info.rc.name, "=", mqtt.error_string(info.rc))

print("drop_out_messages() gives back:", *(message.payload.decode() for message in client.drop_out_messages()))
