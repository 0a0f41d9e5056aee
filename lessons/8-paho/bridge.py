"""enable_bridge_mode(): a client that does not hear itself."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/bridge"


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(TOPIC)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    client.publish(TOPIC, "anybody there?")
    client.unsubscribe(TOPIC)


def on_message(client, userdata, message):
    print("  heard:", message.payload.decode())


def on_unsubscribe(client, userdata, mid, reason_codes, properties):
    client.disconnect()


def visit(is_bridge):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    if is_bridge:
        client.enable_bridge_mode()
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.on_unsubscribe = on_unsubscribe
    client.connect(BROKER)
    client.loop_forever()


print("as usual")
visit(is_bridge=False)
print("as a bridge")
visit(is_bridge=True)
