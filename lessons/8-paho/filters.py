"""A callback for some topics, and one for the rest."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

HOUSE = f"{ID}/house"


def show(name):
    def on_message(client, userdata, message):
        print(f"  {name}: {message.topic}")
        if message.payload == b"last":
            client.disconnect()

    return on_message


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(f"{HOUSE}/#")


def on_subscribe(client, userdata, mid, reason_codes, properties):
    client.publish(f"{HOUSE}/kitchen/light")
    client.publish(f"{HOUSE}/bedroom/light", "last")


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = show("the rest")
client.message_callback_add(f"{HOUSE}/bedroom/#", show("the bedroom"))
client.topic_callback(f"{HOUSE}/+/light")(show("a light"))  # as a decorator: @client.topic_callback(...)

print("with two filters")
client.connect(BROKER)
client.loop_forever()

client.message_callback_remove(f"{HOUSE}/+/light")
print("with one")
client.connect(BROKER)
client.loop_forever()
