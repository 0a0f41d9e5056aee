"""transport="unix": the broker on this machine, by a socket that is a file."""

import paho.mqtt.client as mqtt
from seat import ID

TOPIC = f"{ID}/unix"


def on_connect(client, userdata, flags, reason_code, properties):
    print(f"on_connect: {reason_code}, {client.socket().family.name}, host {client.host}")
    client.subscribe(TOPIC)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    client.publish(TOPIC, "through a file")


def on_message(client, userdata, message):
    print("on_message:", message.payload.decode())
    client.disconnect()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, transport="unix")
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.connect("mosquitto.sock")
client.loop_forever()

try:
    client.connect("nobody.sock")
except FileNotFoundError as error:
    print("FileNotFoundError:", error.strerror)
