"""How many packets one message needs."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID


def on_log(client, userdata, level, buf):
    how, what = buf.split()[:2]
    if how in ("Sending", "Received") and what.startswith("PUB"):
        userdata.append(what)


def on_connect(client, userdata, flags, reason_code, properties):
    client.publish(f"{ID}/packets", "one", qos=client.qos)


def on_publish(client, userdata, mid, reason_code, properties):
    client.disconnect()


for qos in range(3):
    packets = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, userdata=packets)
    client.qos = qos
    client.on_log = on_log
    client.on_connect = on_connect
    client.on_publish = on_publish
    client.connect(BROKER)
    client.loop_forever()
    print(f"QoS {qos}: {len(packets)}", *packets)
