import json

import paho.mqtt.client as mqtt
from seat import BROKER, ID

led_on = False  # what was commanded last


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(f"{ID}/telemetry")


def handle_telemetry(client, userdata, message):
    global led_on
    try:
        telemetry = json.loads(message.payload)
        led_on = telemetry["light"] < (350 if led_on else 300)
    except (ValueError, KeyError, TypeError):
        print("Not telemetry:", message.payload)
        return
    command = {"led_on": led_on}
    print("Message received:", telemetry)
    print("Sending message:", command)
    client.publish(f"{ID}/commands", json.dumps(command))


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-server")
client.on_connect = handle_connect
client.on_message = handle_telemetry
client.connect(BROKER)
client.loop_forever()
