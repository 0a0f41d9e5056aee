"""The limit of paho-mqtt: driven as this nightlight drives it, with a handler that answers always the same."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from paho.mqtt.enums import CallbackAPIVersion

from nightlight.loop import Client, Loop

port, id, qos = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


def begin(*_: object) -> None:
    client.subscribe(f"{id}/+/telemetry", qos)


def always_the_same(*_: object) -> None:
    client.publish(f"{id}/00000/commands", b'{"led_on": true}', qos)


client = Client(CallbackAPIVersion.VERSION2)
client.on_connect = begin
client.on_message = always_the_same
client.connect("127.0.0.1", port)
with Loop(client) as loop:
    while loop.turn(1):
        pass
