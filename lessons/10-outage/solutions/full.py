"""A queue with room for 20 messages gets 60 readings. Which of them arrive?"""

import json

import paho.mqtt.client as mqtt
from seat import BROKER, ID
from witness import Witness, until

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-full")
client.max_queued_messages_set(20)
refused = 0
for light in range(1, 61):
    delivery = client.publish(f"{ID}/full/telemetry", json.dumps({"light": light}), qos=1)
    refused += delivery.rc == mqtt.MQTT_ERR_QUEUE_SIZE

witness = Witness()
client.connect(BROKER)
client.loop_start()
until(lambda: len(witness.arrived["full"]) == 20)
lights = [light for light, second, moment in witness.arrived["full"]]
print(f"{refused} refused; {len(lights)} arrived, from {lights[0]} to {lights[-1]}")
