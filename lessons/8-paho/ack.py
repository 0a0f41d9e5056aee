"""manual_ack: a message is acknowledged when you say so, and not when on_message returns."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/ack"


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(f"{TOPIC}/#", qos=userdata["qos"])


def on_subscribe(client, userdata, mid, reason_codes, properties):
    for word in userdata["words"]:
        client.publish(TOPIC, word, qos=userdata["qos"])
    client.publish(f"{TOPIC}/end", qos=userdata["qos"])  # comes back after all that the broker had for us before


def on_message(client, userdata, message):
    if message.topic.endswith("/end"):
        client.ack(message.mid, message.qos)
        client.disconnect()
        return
    word = message.payload.decode()
    print(f"  {word}, dup: {message.dup}")
    if word in userdata["done"]:
        print("    ack():", client.ack(message.mid, message.qos).name)


def visit(qos, words=(), done=(), clean_session=False):
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2,
        client_id=f"{ID}-ack",
        clean_session=clean_session,
        userdata={"qos": qos, "words": words, "done": done},
        manual_ack=True,
    )
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.connect(BROKER)
    client.loop_forever()


for qos in 1, 2:
    print(f"QoS {qos}: three messages, the first is acknowledged")
    visit(qos, words=["one", "two", "three"], done=["one"])
    print(f"QoS {qos}: the same client comes again")
    visit(qos, done=["two", "three"])
    visit(qos, clean_session=True)  # the broker forgets this client
