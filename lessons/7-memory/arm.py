"""A robot arm that obeys each command once and in order:  python arm.py SECONDS [PORT]"""

import queue
import sys
import time
from pathlib import Path

import paho.mqtt.client as mqtt
from seat import BROKER, ID

SECONDS = float(sys.argv[1])  # how long a movement takes
ADDRESS = ("localhost", int(sys.argv[2])) if sys.argv[2:] else (BROKER, 1883)  # a plug's port, or the broker
OBEYED = Path("obeyed.txt")  # the numbers of the commands that it has obeyed
waiting = queue.Queue()  # the commands that it has received, each with the number of its connection


def on_connect(client, userdata, flags, reason_code, properties):
    client.subscribe(f"{ID}/arm/commands", qos=1)


def on_disconnect(client, userdata, flags, reason_code, properties):
    client.connection += 1


def on_subscribe(client, userdata, mid, reason_codes, properties):
    print("ready", flush=True)


def on_message(client, userdata, message):
    waiting.put((message, client.connection))  # a movement takes long: here the network loop would have to wait for it
    print("received", message.payload.decode(), flush=True)


def obey(number):
    time.sleep(SECONDS)  # a real arm moves here
    with OBEYED.open("a") as file:
        file.write(f"{number}\n")


def last_obeyed():
    numbers = OBEYED.read_text().split() if OBEYED.exists() else []
    return int(numbers[-1]) if numbers else 0


arm = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-robot-arm", clean_session=False, manual_ack=True)
arm.on_connect, arm.on_disconnect = on_connect, on_disconnect
arm.on_subscribe, arm.on_message = on_subscribe, on_message
arm.connection = 1  # the number of this connection
arm.reconnect_delay_set(0)
arm.connect(*ADDRESS)
arm.loop_start()

last = last_obeyed()
while True:
    message, connection = waiting.get()
    number = int(message.payload)
    if number > last:
        obey(number)
        last = number
    if connection == arm.connection:  # if not, the broker sends it again, and the arm acknowledges that one
        arm.ack(message.mid, message.qos)
