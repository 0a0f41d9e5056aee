"""A connection is lost. When does paho-mqtt try again, if nobody tells it how long to wait?"""

import time

import paho.mqtt.client as mqtt
from cable import Cable
from seat import ID
from witness import until


def handle_failure(client, userdata):
    print(f"tried after {time.monotonic() - pulled_at:.0f} seconds", flush=True)


cable = Cable()
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-patience")
client.on_connect_fail = handle_failure
client.connect("localhost", cable.port)
client.loop_start()
until(client.is_connected)
cable.pull()
pulled_at = time.monotonic()
time.sleep(7.4)
