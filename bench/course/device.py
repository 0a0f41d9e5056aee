"""The device as lessons on the Internet of Things have it: look at the light, send it, wait five seconds."""

import json
import sys
import time

import paho.mqtt.client as mqtt
from counterfit_connection import CounterFitConnection
from counterfit_shims_grove.grove_led import GroveLed
from counterfit_shims_grove.grove_light_sensor_v1_2 import GroveLightSensor

broker_port, board_port, id = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

CounterFitConnection.init("127.0.0.1", board_port)
light_sensor = GroveLightSensor(0)
led = GroveLed(5)

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{id}-device")
client.connect("127.0.0.1", broker_port)
client.loop_start()
print("MQTT connected!")


def handle_command(client, userdata, message):
    payload = json.loads(message.payload.decode())
    print("Message received:", payload, flush=True)
    if payload["led_on"]:
        led.on()
    else:
        led.off()


client.subscribe(f"{id}/commands")
client.on_message = handle_command

while True:
    telemetry = json.dumps({"light": light_sensor.light})
    print("Sending telemetry:", telemetry)
    client.publish(f"{id}/telemetry", telemetry)
    time.sleep(5)
