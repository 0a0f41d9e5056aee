"""The nightlight over MQTT: both sides publish, and the broker passes it on."""

import json
from functools import partial
from queue import Empty, Queue

import paho.mqtt.client as mqtt
from seat import BROKER, ID

ADDRESS = BROKER, 1883
PUSHES = True
readings = []


class Client:
    def __init__(self, name, address, topic, qos):
        self.topic, self.qos, self.ready = f"{ID}/{topic}", qos, Queue()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-{name}", clean_session=qos == 0)
        self.client.on_connect = self.on_connect
        self.client.on_subscribe = self.on_subscribe
        self.client.on_message = self.on_message
        self.client.connect(*address)
        self.client.loop_start()
        self.ready.get()  # wait until it has subscribed

    def on_connect(self, client, userdata, flags, reason, properties):
        client.subscribe(self.topic, self.qos)

    def on_subscribe(self, client, userdata, mid, reasons, properties):
        self.ready.put(True)

    def on_message(self, client, userdata, message):
        self.hear(json.loads(message.payload))

    def publish(self, topic, what):
        self.client.publish(f"{ID}/{topic}", json.dumps(what), self.qos)

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()


class Server(Client):
    def __init__(self):
        super().__init__("server", ADDRESS, "telemetry", qos=1)

    def hear(self, telemetry):
        readings.append(telemetry["light"])
        self.command(telemetry["light"] < 300)

    def command(self, led_on):
        self.publish("commands", {"led_on": led_on})


class Device(Client):
    def __init__(self, port, qos):
        self.heard = Queue()
        super().__init__(f"device-{qos}", ("127.0.0.1", port), "commands", qos)

    def hear(self, command):
        self.heard.put(command)

    def send(self, light):
        self.publish("telemetry", {"light": light})

    def wait(self, seconds):
        try:
            return self.heard.get(timeout=seconds)
        except Empty:
            return None

    def silence(self, plug):
        """Bytes in a day without a command: each minute PINGREQ and PINGRESP (MQTT 3.1.1 sections 3.12 and 3.13)."""
        return 1440 * (2 + 2)


def forget():
    """Come under each name with a clean session, so that the broker keeps nothing."""
    for name in "server", "device-0", "device-1":
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-{name}")
        client.on_connect = lambda client, *_: client.disconnect()
        client.connect(*ADDRESS)
        client.loop_forever()


DEVICES = {f"MQTT, QoS {qos}": partial(Device, qos=qos) for qos in (0, 1)}
