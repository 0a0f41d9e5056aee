"""A server that takes each reading for one of now, as that of step 4 does. It only says what it would command."""

import json

import paho.mqtt.subscribe as subscribe
from seat import BROKER, ID


def handle_telemetry(client, userdata, message):
    light = json.loads(message.payload)["light"]
    print(f"The light is {light}: I would switch the LED {'on' if light < 300 else 'off'}.", flush=True)


subscribe.callback(handle_telemetry, f"{ID}/telemetry", hostname=BROKER)
