"""The loop is yours: paho tells which socket to watch, you tell paho when something is there."""

import select

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/external"


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(TOPIC)
    print("on_connect; something to write:", client.want_write())


def on_subscribe(client, userdata, mid, reason_codes, properties):
    client.publish(TOPIC, "seen by select()")
    print("on_subscribe; something to write:", client.want_write())


def on_message(client, userdata, message):
    print("on_message:", message.payload.decode())


def on_log(client, userdata, level, buf):
    if "PING" in buf:
        print(buf)
    if "PINGRESP" in buf:
        client.disconnect()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.on_log = on_log
client.connect(BROKER, keepalive=2)  # so that there is a ping to see soon

while client.socket() is not None:  # None: the connection is closed
    watched = [client.socket()]
    readable, writable, _ = select.select(watched, watched if client.want_write() else [], [], 0.5)
    if readable:
        client.loop_read()
    if writable:
        client.loop_write()
    client.loop_misc()  # sends the ping when it is time
print("closed")
