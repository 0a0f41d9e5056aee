"""Hears what all the devices say, and notes when each reading came."""

import json
import threading
import time
from collections import Counter, defaultdict

import paho.mqtt.client as mqtt
from seat import BROKER, ID


class Witness:
    def __init__(self):
        self.second = 0  # what time it is in the experiment
        self.online = Counter()  # how often each device has said that it is online
        self.arrived = defaultdict(list)  # each reading of a device, in which second it came, and at what real time
        self.is_listening = threading.Event()
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-witness")
        client.on_connect = self.handle_connect
        client.on_subscribe = lambda *_: self.is_listening.set()
        client.on_message = self.handle_message
        client.connect(BROKER)
        client.loop_start()
        self.is_listening.wait()

    def handle_connect(self, client, userdata, flags, reason, properties):
        client.subscribe([(f"{ID}/+/status", 1), (f"{ID}/+/telemetry", 1)])

    def handle_message(self, client, userdata, message):
        name, kind = message.topic.split("/")[-2:]
        if kind == "status":
            self.online[name] += 1
        else:
            self.arrived[name].append((json.loads(message.payload)["light"], self.second, time.monotonic()))

    def report(self, name, how_many, back):
        """What became of so many readings. `back` is when the connection came back: the second, and the real time."""
        lights = [light for light, second, moment in self.arrived[name]]
        different = len(set(lights))
        oldest = max(second - light for light, second, moment in self.arrived[name])
        kept = [moment for light, second, moment in self.arrived[name] if light <= back[0] <= second]
        caught_up = f"{max(kept) - back[1]:.1f} s" if kept else "-"
        return f"{how_many - different:4}{len(lights) - different:9}{oldest:6} s  {caught_up}"


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("This took too long. Is the broker still running?")
        time.sleep(0.005)
