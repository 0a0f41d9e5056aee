"""A device that keeps its readings in one of three ways: python meter.py NAME nothing|queue|disk PORT

Its light sensor is its standard input: each line is a reading.
"""

import json
import sqlite3
import sys

import paho.mqtt.client as mqtt
from seat import ID

name, keeps, port = sys.argv[1:]


def handle_connect(client, userdata, flags, reason, properties):
    client.publish(f"{ID}/{name}/status", "online")


def publish(light, qos):
    return client.publish(f"{ID}/{name}/telemetry", json.dumps({"light": light}), qos).mid


class Nothing:
    def take(self, light):
        publish(light, qos=0)  # without a connection it is gone


class Queue:
    def take(self, light):
        publish(light, qos=1)  # without a connection paho-mqtt keeps it, in memory


class Disk:
    def __init__(self):
        self.file = sqlite3.connect(f"{name}.sqlite3", isolation_level=None)
        self.file.execute("CREATE TABLE IF NOT EXISTS readings (number INTEGER PRIMARY KEY, light INTEGER)")
        self.on_their_way = {}  # the number of each message's reading
        self.acknowledged = []  # the messages that the broker has
        client.on_publish = self.handle_acknowledgement

    def take(self, light):
        self.file.execute("INSERT INTO readings (light) VALUES (?)", [light])
        while self.acknowledged:
            mid = self.acknowledged.pop()
            if mid in self.on_their_way:
                self.file.execute("DELETE FROM readings WHERE number = ?", [self.on_their_way.pop(mid)])
        if client.is_connected():
            for number, kept in self.file.execute("SELECT * FROM readings ORDER BY number").fetchall():
                if number not in self.on_their_way.values():
                    self.on_their_way[publish(kept, qos=1)] = number

    def handle_acknowledgement(self, client, userdata, mid, reason, properties):
        self.acknowledged.append(mid)  # no more here, in paho-mqtt's thread: the file belongs to the other one


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-{name}")
client.on_connect = handle_connect
client.reconnect_delay_set(0.1, 0.1)  # try ten times a second
client.connect_async("localhost", int(port))  # the cable may be out
client.loop_start()
keeper = {"nothing": Nothing, "queue": Queue, "disk": Disk}[keeps]()
for line in sys.stdin:
    keeper.take(int(line))
    print("Light level:", line.strip(), flush=True)
