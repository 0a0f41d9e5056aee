"""Does a reading save a keep-alive? Publishes until three keep-alives have been sent:  python pings.py"""

import time

import paho.mqtt.client as mqtt
from seat import BROKER, ID

pings = []


def handle_log(client, userdata, level, line):
    if "PINGREQ" in line:
        pings.append(line)
        print(line)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-pings")
client.on_log = handle_log
client.connect(BROKER, keepalive=2)
client.loop_start()
while len(pings) < 3:
    client.publish(f"{ID}/telemetry", '{"light": 412}', qos=1).wait_for_publish()
    time.sleep(0.5)
print("It has published each half second.")
client.disconnect()
