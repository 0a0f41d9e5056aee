"""The server as lessons on the Internet of Things have it."""

import json
import sys
import time

import paho.mqtt.client as mqtt

broker_port, id = int(sys.argv[1]), sys.argv[2]

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{id}-server")
client.connect("127.0.0.1", broker_port)
client.loop_start()


def handle_telemetry(client, userdata, message):
    payload = json.loads(message.payload.decode())
    print("Message received:", payload)
    command = {"led_on": payload["light"] < 300}
    print("Sending message:", command)
    client.publish(f"{id}/commands", json.dumps(command))


client.subscribe(f"{id}/telemetry")
client.on_message = handle_telemetry

while True:
    time.sleep(2)
