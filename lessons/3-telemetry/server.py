import json

import paho.mqtt.client as mqtt

ID = "my-room"


def handle_connect(client, userdata, flags, reason, properties):
    print("The broker refuses us." if reason.is_failure else "MQTT connected!")
    client.subscribe(f"{ID}/telemetry")


def handle_telemetry(client, userdata, message):
    try:
        print("Message received:", json.loads(message.payload))
    except (ValueError, RecursionError):
        print("Not JSON:", message.payload)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-server")
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect("localhost")
client.loop_forever()
