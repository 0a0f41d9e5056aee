"""on_message fails at QoS 1, in a persistent session."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/fails"


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(f"{TOPIC}/#", qos=1)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    if userdata == "send":
        client.publish(TOPIC, "dark", qos=1)
    client.publish(f"{TOPIC}/end")  # comes back after all that the broker had for us before


def on_message(client, userdata, message):
    if message.topic.endswith("/end"):
        client.disconnect()
        return
    print(f"  {message.payload.decode()}, dup: {message.dup}")
    if userdata == "send":
        int(message.payload)


def visit(what="look", suppress=False, clean_session=False):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-fails", clean_session, what)
    client.suppress_exceptions = suppress
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.connect(BROKER)
    try:
        client.loop_forever()
    except ValueError:
        print("  ValueError")
        client.socket().close()


for suppress in False, True:
    print("suppress_exceptions:", suppress)
    visit("send", suppress)
    print(" the same client comes again")
    visit()
visit(clean_session=True)
