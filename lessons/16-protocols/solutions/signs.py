"""What passes while nothing happens? With a keep-alive of 2 s, so that nobody has to wait for a minute."""

import time

import paho.mqtt.client as mqtt
from plug import Plug
from seat import BROKER, ID

plug = Plug(BROKER, 1883)
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-quiet")
client.connect("127.0.0.1", plug.port, keepalive=2)
client.loop_start()
time.sleep(1)
plug.count()  # the connection is none of our business
while len(plug.passed) < 6:
    time.sleep(0.1)
for direction, size in plug.passed[:6]:
    print(f"{direction:5} {size} bytes")
client.disconnect()
