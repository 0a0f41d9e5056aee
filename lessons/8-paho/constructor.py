"""What a client is told when it is made, and how to make it anew."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID


def on_connect(client, userdata, flags, reason_code, properties):
    print(f"{userdata}: {reason_code}, {client.protocol.name} over {client.transport}")
    client.disconnect()


def greet(client):
    """Connect, and leave as soon as the broker has answered."""
    client.on_connect = on_connect
    client.connect(BROKER)
    client.loop_forever()


lamp = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    client_id=f"{ID}-lamp",
    clean_session=True,
    userdata="the lamp",
    protocol=mqtt.MQTTv311,
    transport="tcp",
)
greet(lamp)

old = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="", userdata="an old one", protocol=mqtt.MQTTv31)
greet(old)

# The same object, made anew: it forgets what it was told before, also its callbacks and its protocol.
old.reinitialise(client_id=f"{ID}-anew", clean_session=True, userdata="the old one, made anew")
print("on_connect is now", old.on_connect)
greet(old)

try:
    mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, clean_session=False)
except ValueError as error:
    print("ValueError:", error)
