"""The callbacks, in the order in which a message's life calls them."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/callbacks"


def on_connect(client, userdata, flags, reason_code, properties):
    print(f"on_connect: {reason_code}, session present: {flags.session_present}")
    _, mid = client.subscribe(TOPIC, qos=1)
    print("  subscribe() has the id", mid)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    print(f"on_subscribe: {mid}, {reason_codes[0]}, as a number {reason_codes[0].value}")
    info = client.publish(TOPIC, "good evening", qos=1)
    print("  publish() has the id", info.mid)


def on_publish(client, userdata, mid, reason_code, properties):
    print(f"on_publish: {mid}, {reason_code}")


def on_message(client, userdata, message):
    print(f"on_message: {message.topic}, {message.payload}, QoS {message.qos}, retained: {message.retain}")
    userdata["messages"] += 1
    _, mid = client.unsubscribe(TOPIC)
    print("  unsubscribe() has the id", mid)


def on_unsubscribe(client, userdata, mid, reason_codes, properties):
    print(f"on_unsubscribe: {mid}, {reason_codes}")
    client.disconnect()


def on_disconnect(client, userdata, flags, reason_code, properties):
    print(f"on_disconnect: {reason_code}")


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
for callback in (on_connect, on_subscribe, on_publish, on_message, on_unsubscribe, on_disconnect):
    setattr(client, callback.__name__, callback)  # the same as client.on_connect = on_connect, and so on

count = {"messages": 0}
client.user_data_set(count)
client.connect(BROKER)
client.loop_forever()
print("userdata is now", count)
