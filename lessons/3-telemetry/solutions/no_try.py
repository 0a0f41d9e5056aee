import json

import paho.mqtt.client as mqtt
from seat import BROKER, ID


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(f"{ID}/telemetry")


def handle_telemetry(client, userdata, message):
    telemetry = json.loads(message.payload)
    print("Message received:", telemetry)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-server")
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect(BROKER)
client.loop_forever()
