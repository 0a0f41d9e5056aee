import json
from queue import Queue

import paho.mqtt.client as mqtt
from seat import BROKER, ID

commands = Queue()


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(f"{ID}/commands")


def handle_subscribe(client, userdata, mid, reasons, properties):
    commands.put("subscribed")


def handle_command(client, userdata, message):
    commands.put(json.loads(message.payload))


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-device", transport="websockets")
client.on_connect = handle_connect
client.on_subscribe = handle_subscribe
client.on_message = handle_command
client.connect(BROKER, 9001)
client.loop_start()

commands.get()  # "subscribed": from now on no command gets lost
for light in 400, 80, 350:
    print("Light level:", light)
    client.publish(f"{ID}/telemetry", json.dumps({"light": light}))
    print("Message received:", commands.get(timeout=10))
client.disconnect()
