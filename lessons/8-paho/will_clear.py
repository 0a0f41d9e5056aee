"""will_clear(): the will is taken back; and a change of mind that comes too late."""

import queue

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/lamps/+/status"
heard = queue.Queue()


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(TOPIC, qos=1)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    heard.put("ready")


def on_message(client, userdata, message):
    heard.put(message.payload.decode())


watcher = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
watcher.on_connect = on_connect
watcher.on_subscribe = on_subscribe
watcher.on_message = on_message
watcher.connect(BROKER)
watcher.loop_start()
print("watcher:", heard.get(timeout=5))


def lamp(name, before=False, after=False):
    """A lamp that takes its will back before it connects, or after that, and whose plug is pulled then."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.will_set(f"{ID}/lamps/{name}/status", f"{name} is gone", qos=1)
    if before:
        client.will_clear()
    client.connect(BROKER)
    while not client.is_connected():
        client.loop()
    if after:
        client.will_clear()
    print(f"{name}: will_topic is {client.will_topic!r}")
    client.socket().close()


lamp("the first lamp", before=True)
lamp("the second lamp", after=True)
lamp("the third lamp")
print("watcher:", heard.get(timeout=5))
print("watcher:", heard.get(timeout=5))
watcher.disconnect()
watcher.loop_stop()
