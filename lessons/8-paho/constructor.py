"""What a client is told when it is made, and how to make it anew."""

import paho.mqtt.client as mqtt


def on_connect(client, userdata, flags, reason_code, properties):
    print(f"{userdata}: {reason_code}, {client.protocol.name} over {client.transport}")
    client.disconnect()


def greet(client, port):
    """Connect, and leave as soon as the broker has answered."""
    client.on_connect = on_connect
    client.connect("localhost", port)
    client.loop_forever()


lamp = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    client_id="lamp",
    clean_session=True,
    userdata="the lamp",
    protocol=mqtt.MQTTv311,
    transport="tcp",
)
greet(lamp, 1883)

old = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="", userdata="an old one", protocol=mqtt.MQTTv31)
greet(old, 1883)

web = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, userdata="one from the web", transport="websockets")
greet(web, 9001)

# The same object, made anew: what it was told before is forgotten, its callbacks and its transport too.
web.reinitialise(client_id="anew", clean_session=True, userdata="one made anew")
print("on_connect is now", web.on_connect)
greet(web, 1883)

try:
    mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, clean_session=False)
except ValueError as error:
    print("ValueError:", error)
