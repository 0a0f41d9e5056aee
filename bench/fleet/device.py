"""Device: to the broker and the server what device/app.py is, without a board."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from bench.fleet.light import Sensor
from bench.fleet.mqtt import Connection
from device.outbox import MOST_ON_THEIR_WAY
from device.reporter import Reporter
from nightlight.messages import BadMessage, Command, LedState, Status, Telemetry

ONLINE, OFFLINE = Status(online=True).encode(), Status(online=False).encode()


@dataclass
class Tally:
    """How many messages of all devices."""

    readings: int = 0
    leds: int = 0
    commands: int = 0


class Device:
    """A sensor, an LED, and a connection of its own. It never decides alone: what is measured is the server."""

    def __init__(self, id: str, name: str, sensor: Sensor, reporter: Reporter, qos: int, tally: Tally) -> None:
        """`name` is its client id."""
        self.name = name
        self.last_will: tuple[str, bytes] | None = (Status.topic(id), OFFLINE)
        self.sensor = sensor
        self.led_on = False
        self.switched_at = -math.inf
        self.said: tuple[int, float] | None = None
        """The newest reading that it has sent, and when."""
        self._id = id
        self._reporter = reporter
        self._qos = qos
        self._tally = tally
        self._connection: Connection | None = None
        self._connections = 0
        self._readings = Telemetry.topic(id)

    @property
    def is_online(self) -> bool:
        return self._connection is not None

    def look(self, daylight: float) -> None:
        """Look at the sensor, and report it if that is worth it."""
        connection = self._connection
        if connection is None or connection.unacknowledged >= MOST_ON_THEIR_WAY:
            return
        light = self.sensor.light(daylight)
        if light is not None and self._reporter.is_due(light, self._connections):
            connection.publish(self._readings, Telemetry(light).encode(), self._qos)
            connection.write()
            self._reporter.sent()
            self.said = light, time.monotonic()
            self._tally.readings += 1

    def opened(self, connection: Connection) -> None:
        self._connection = connection
        self._connections += 1
        connection.subscribe(Command.topic(self._id), self._qos)
        connection.publish(Status.topic(self._id), ONLINE, self._qos, retain=True)
        self._tell_led()

    def heard(self, topic: str, payload: bytes) -> None:
        try:
            command = Command.decode(payload)
        except BadMessage:
            return
        self._tally.commands += 1
        if command.led_on != self.led_on:
            self.led_on, self.switched_at = command.led_on, time.monotonic()
            self._tell_led()

    def closed(self) -> None:
        self._connection = None

    def leave(self) -> None:
        """Say goodbye, as a device does that is switched off."""
        if self._connection:
            self._connection.publish(Status.topic(self._id), OFFLINE, qos=0, retain=True)
            self._connection.say_goodbye()
            self._connection.write()

    def _tell_led(self) -> None:
        if self._connection:
            led = LedState(self.led_on, by="server")
            self._connection.publish(LedState.topic(self._id), led.encode(), self._qos, retain=True)
            self._tally.leds += 1
