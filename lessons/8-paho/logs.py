"""What paho says about itself: to a callback, or to Python's own logging."""

import logging
import sys

import paho.mqtt.client as mqtt
from seat import BROKER

logging.basicConfig(stream=sys.stdout, level=logging.DEBUG, format="%(name)s %(levelname)s: %(message).15s...")

for level in mqtt.MQTT_LOG_ERR, mqtt.MQTT_LOG_WARNING, mqtt.MQTT_LOG_NOTICE, mqtt.MQTT_LOG_INFO, mqtt.MQTT_LOG_DEBUG:
    print(f"{level.name} = {level.value}, in logging {logging.getLevelName(mqtt.LOGGING_LEVEL[level])}")


def on_log(client, userdata, level, buf):
    print(f"on_log: {mqtt.LogLevel(level).name}: {buf[:15]}...")


def on_connect(client, userdata, flags, reason_code, properties):
    client.disconnect()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect


def visit():
    client.connect(BROKER)
    client.loop_forever()


print("-- on_log")
client.on_log = on_log
visit()

client.on_log = None
print("-- enable_logger(), with a logger of ours")
client.enable_logger(logger=logging.getLogger("lamp"))
visit()

print("-- disable_logger()")
client.disable_logger()
visit()

print("-- enable_logger(), with paho's own")
client.enable_logger()
visit()
