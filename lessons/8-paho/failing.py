"""A callback that fails: who hears of it?"""

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/failing"


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(TOPIC)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    client.publish(TOPIC, "dark")
    client.publish(TOPIC, "80")


def on_message(client, userdata, message):
    print("  a number:", int(message.payload))
    client.disconnect()


def on_log(client, userdata, level, buf):
    if level == mqtt.MQTT_LOG_ERR and buf.startswith("Caught"):
        print("  on_log:", buf.partition(":")[0])
    raise RuntimeError("a mistake in on_log, of which nobody hears")


def new_client():
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.on_log = on_log
    client.connect(BROKER)
    return client


print("on_message fails")
client = new_client()
try:
    client.loop_forever()
except ValueError as error:
    print("  loop_forever() raises:", error)
print("  is_connected() says", client.is_connected())

print("the same, with suppress_exceptions")
client = new_client()
client.suppress_exceptions = True
client.loop_forever()
