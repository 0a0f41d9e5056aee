"""The three forms of subscribe(), and the two of unsubscribe()."""

import queue

import paho.mqtt.client as mqtt

answers = queue.Queue()


def on_connect(client, userdata, flags, reason_code, properties):
    answers.put("connected")


def on_subscribe(client, userdata, mid, reason_codes, properties):
    answers.put((mid, [reason_code.value for reason_code in reason_codes]))


def on_unsubscribe(client, userdata, mid, reason_codes, properties):
    answers.put(mid)


def on_message(client, userdata, message):
    answers.put(f"on_message: {message.topic}")


def on_bedroom(client, userdata, message):
    answers.put(f"on_bedroom: {message.topic}")


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_unsubscribe = on_unsubscribe
client.on_message = on_message

result, mid = client.subscribe("step8/light")
print("not connected:", result.name, mid)

client.connect("localhost")
client.loop_start()
answers.get(timeout=5)

result, mid = client.subscribe("step8/light", qos=2)
print(result.name, mid, "- the broker grants", answers.get(timeout=5))
result, mid = client.subscribe(("step8/led", 1))
print(result.name, mid, "- the broker grants", answers.get(timeout=5))
result, mid = client.subscribe([("step8/bedroom/#", 0), ("step8/kitchen/#", 2)])
print(result.name, mid, "- the broker grants", answers.get(timeout=5))

client.message_callback_add("step8/bedroom/#", on_bedroom)  # a callback for some topics only
for topic in "step8/kitchen/light", "step8/bedroom/light":
    client.publish(topic, 80)
    print(answers.get(timeout=5))

result, mid = client.unsubscribe("step8/light")
print(result.name, mid, "- the broker agrees to", answers.get(timeout=5))
result, mid = client.unsubscribe(["step8/led", "step8/bedroom/#", "step8/kitchen/#"])
print(result.name, mid, "- the broker agrees to", answers.get(timeout=5))
client.disconnect()
client.loop_stop()

for topic, qos in (None, 0), ("", 0), (80, 0), ("step8/light", 3):
    try:
        client.subscribe(topic, qos)
    except ValueError as error:
        print("ValueError:", error)
