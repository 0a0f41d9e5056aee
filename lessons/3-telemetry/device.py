import json
import time

import paho.mqtt.client as mqtt
from counterfit_connection import CounterFitConnection
from counterfit_shims_grove.grove_light_sensor_v1_2 import GroveLightSensor

ID = "my-room"

CounterFitConnection.init("127.0.0.1", 5000)
light_sensor = GroveLightSensor(0)


def handle_connect(client, userdata, flags, reason, properties):
    print("The broker refuses us." if reason.is_failure else "MQTT connected!")


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-device")
client.on_connect = handle_connect
client.connect("localhost")
client.loop_start()

while True:
    light = light_sensor.light
    print("Light level:", light)
    client.publish(f"{ID}/telemetry", json.dumps({"light": light}))
    time.sleep(1)
