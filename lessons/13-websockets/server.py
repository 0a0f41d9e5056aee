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
    try:
        telemetry = json.loads(message.payload)
        command = {"led_on": telemetry["light"] < 300}
    except (ValueError, KeyError, TypeError):
        print("Not telemetry:", message.payload)
        return
    print("Message received:", telemetry)
    print("Sending message:", command)
    client.publish(f"{ID}/commands", json.dumps(command))


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-server", transport="websockets")
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect(BROKER, 9001)
client.loop_forever()
