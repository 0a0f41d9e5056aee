"""A slow worker with eight threads:  python threads.py"""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import paho.mqtt.client as mqtt
from seat import BROKER, ID

pool = ThreadPoolExecutor(8)


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(f"{ID}/+/telemetry")


def handle_telemetry(client, userdata, message):
    pool.submit(answer, message)  # and back to the network loop, for the next message


def answer(message):
    try:
        command = {"led_on": json.loads(message.payload)["light"] < 300}
    except (ValueError, KeyError, TypeError):
        print("Not telemetry:", message.payload)
        return
    time.sleep(0.05)  # in place of a question to another machine
    client.publish(message.topic.replace("telemetry", "commands"), json.dumps(command))


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-worker-{os.getpid()}")
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect(BROKER)
client.loop_forever()
