"""clean_session=False: the broker keeps a client's subscriptions, and its messages, while it is away."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/session"


def on_connect(client, userdata, flags, reason_code, properties):
    print("session present:", flags.session_present)
    if flags.session_present:
        return  # the broker still knows what this client has subscribed to
    client.subscribe(TOPIC, qos=1)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    client.disconnect()


def on_message(client, userdata, message):
    print("received:", message.payload.decode())
    client.disconnect()


def visit(clean_session):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-session", clean_session=clean_session)
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.connect(BROKER)
    client.loop_forever()


def send(text):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect(BROKER)
    client.loop_start()
    client.publish(TOPIC, text, qos=1).wait_for_publish(timeout=5)
    client.disconnect()
    client.loop_stop()


visit(clean_session=False)
send("said while you were away")
visit(clean_session=False)
visit(clean_session=True)  # now the broker forgets: the next run prints the same again
