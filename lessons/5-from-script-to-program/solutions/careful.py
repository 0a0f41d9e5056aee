import json
import time

import paho.mqtt.client as mqtt
from counterfit_connection import CounterFitConnection
from counterfit_shims_grove.grove_led import GroveLed
from counterfit_shims_grove.grove_light_sensor_v1_2 import GroveLightSensor
from seat import BROKER, ID

CounterFitConnection.init("127.0.0.1", 5000)
light_sensor = GroveLightSensor(0)
led = GroveLed(5)


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(f"{ID}/commands")


def handle_disconnect(client, userdata, flags, reason, properties):
    print("MQTT disconnected:", reason)


def handle_command(client, userdata, message):
    try:
        command = json.loads(message.payload)
        led_on = command["led_on"]
        if type(led_on) is not bool:
            raise TypeError("neither true nor false")
    except (ValueError, KeyError, TypeError, RecursionError):
        print("Not a command:", message.payload[:50])
        return
    print("Message received:", command)
    if led_on:
        led.on()
    else:
        led.off()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-device")
client.on_connect = handle_connect
client.on_disconnect = handle_disconnect
client.on_message = handle_command
client.connect(BROKER)
client.loop_start()

while True:
    light = light_sensor.light
    print("Light level:", light)
    client.publish(f"{ID}/telemetry", json.dumps({"light": light}))
    time.sleep(1)
