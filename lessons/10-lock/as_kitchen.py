"""Be the device in the kitchen, which has been taken over:

python as_kitchen.py say TOPIC MESSAGE
python as_kitchen.py hear TOPIC
python as_kitchen.py be CLIENT_ID
"""

import sys
import time
from pathlib import Path

import paho.mqtt.client as mqtt

FOLDER = Path("locked/devices/kitchen")
what, subject, message = [*sys.argv[1:], ""][:3]


def on_connect(client, userdata, flags, reason, properties):
    print("The broker:", reason)
    if reason.is_failure:
        client.disconnect()
    elif what == "say":
        client.publish(subject, message, qos=1)
    elif what == "hear":
        client.subscribe(subject, qos=1)


def on_publish(client, userdata, mid, reason, properties):
    print("The broker has it.")
    client.disconnect()


def on_subscribe(client, userdata, mid, reasons, properties):
    print("The broker grants it:", reasons[0])


def on_message(client, userdata, message):
    print(message.topic, message.payload.decode())


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, subject if what == "be" else "")
client.on_connect, client.on_publish = on_connect, on_publish
client.on_subscribe, client.on_message = on_subscribe, on_message
client.tls_set(ca_certs=FOLDER / "ca.pem")
client.username_pw_set((FOLDER / "user").read_text().strip(), (FOLDER / "password").read_text().strip())
client.connect("localhost", 8883)
end = time.monotonic() + 7
while time.monotonic() < end and client.loop() == mqtt.MQTT_ERR_SUCCESS:
    pass
print("Over.")
