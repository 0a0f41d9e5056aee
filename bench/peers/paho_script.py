"""The usual script with paho-mqtt, as tutorials have it: json, two prints, and the library's own thread."""

import json
import sys
import time

import paho.mqtt.client as mqtt

port, id, qos = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.connect("127.0.0.1", port)
client.loop_start()


def handle_telemetry(client, userdata, message):
    payload = json.loads(message.payload.decode())
    print("Message received:", payload)
    command = {"led_on": payload["light"] < 300}
    print("Sending message:", command)
    client.publish(message.topic.replace("telemetry", "commands"), json.dumps(command), qos)


client.on_message = handle_telemetry
client.subscribe(f"{id}/+/telemetry", qos)

while True:
    time.sleep(2)
