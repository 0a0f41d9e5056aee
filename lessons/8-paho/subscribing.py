"""The three forms of subscribe(), and the two of unsubscribe()."""

import queue

import paho.mqtt.client as mqtt
from seat import BROKER, ID

HALL, LED, BEDROOM, KITCHEN = (f"{ID}/house/{name}" for name in ("hall", "led", "bedroom", "kitchen"))
answers = queue.Queue()


def on_connect(client, userdata, flags, reason_code, properties):
    answers.put("connected")


def on_subscribe(client, userdata, mid, reason_codes, properties):
    answers.put((mid, [reason_code.value for reason_code in reason_codes]))


def on_unsubscribe(client, userdata, mid, reason_codes, properties):
    answers.put(mid)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_unsubscribe = on_unsubscribe

result, mid = client.subscribe(HALL)
print("not connected:", result.name, mid)

client.connect(BROKER)
client.loop_start()
answers.get(timeout=5)

result, mid = client.subscribe(HALL, qos=2)
print(result.name, mid, "- the broker grants", answers.get(timeout=5))
result, mid = client.subscribe((LED, 1))
print(result.name, mid, "- the broker grants", answers.get(timeout=5))
result, mid = client.subscribe([(f"{BEDROOM}/#", 0), (f"{KITCHEN}/#", 2)])
print(result.name, mid, "- the broker grants", answers.get(timeout=5))

result, mid = client.unsubscribe(HALL)
print(result.name, mid, "- the broker agrees to", answers.get(timeout=5))
result, mid = client.unsubscribe([LED, f"{BEDROOM}/#", f"{KITCHEN}/#"])
print(result.name, mid, "- the broker agrees to", answers.get(timeout=5))
client.disconnect()
client.loop_stop()

for topic, qos in (None, 0), ("", 0), (80, 0), (HALL, 3), (f"{ID}/#/hall", 0):
    try:
        client.subscribe(topic, qos)
    except ValueError as error:
        print("ValueError:", error)
