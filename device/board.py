"""The board: a light sensor and an LED, wherever they are.

To add a board, write its Hardware in a file of its own, as in counterfit.py and grove_hat.py, and
name it in BoardName and open_board().
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from checkup.findings import Finding, cross, tick
from nightlight.address import is_host
from nightlight.messages import MAX_LIGHT, LedState
from nightlight.notices import Problem, Trouble, say
from nightlight.program import BadOption

MODEL = Path("/proc/device-tree/model")
"""Where Linux says what machine this is: `Raspberry Pi 5 Model B Rev 1.0`, on a Pi."""

RETRY = 1.0  # seconds between looks at a board that does not answer
CALM = 2.0  # seconds without a failure after which a board is said to be well again
BLINK = 0.25  # seconds that the LED is on, and then off, when a check-up makes it blink
SLOW = 1.5  # seconds after which a slow board's LED is not made to blink again


class LightSensor(Protocol):
    @property
    def light(self) -> int:
        """0 (dark) to 65,535, in the sensor's own unit."""


class Led(Protocol):
    def on(self) -> None: ...
    def off(self) -> None: ...


class Hardware(Protocol):
    """What one kind of board brings. Any of it may raise what explain() puts into words."""

    @property
    def light_sensor(self) -> LightSensor: ...

    @property
    def led(self) -> Led: ...

    def find(self) -> str:
        """What is there, in words for a check-up."""

    def find_led(self) -> str:
        """Where the LED is, for a person who looks for it."""

    def explain(self, error: Exception) -> Problem:
        """What is wrong, and what to do about it."""


class Board:
    """A light sensor and an LED that may be away for a while.

    What is wrong is said in one line, once, and that it is over when it has been for some seconds: a
    loose cable comes and goes. The LED is off at first. When the board is back, it is set as it should be by
    then; when the board is closed, it is switched off.
    """

    def __init__(self, hardware: Hardware) -> None:
        self.when_switched: Callable[[LedState], object] = lambda led: None
        """Called with what the LED is now, each time it has been switched."""
        self._hardware = hardware
        self._wanted = LedState(led_on=False, by="device")  # until somebody says otherwise
        self._led_is_set = False
        self._sensor_fails = False
        self._trouble = Trouble()
        self._next_try = 0.0
        self._last_failure = 0.0

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *_: object) -> None:
        """An LED that nobody commands any more should not shine."""
        with suppress(Exception):  # it has been said, or the program is ending anyway
            self._hardware.led.off()
            self.when_switched(LedState(led_on=False, by="device"))

    def read_light(self) -> int | None:
        """The light level, 0 to 65,535; None while it cannot be read."""
        if (self._sensor_fails or not self._led_is_set) and time.monotonic() < self._next_try:
            return None
        try:
            light = self._measure()
        except Exception as error:
            self._sensor_fails = True
            self._led_is_set = False  # who knows what has become of it
            self._failed(error)
            return None
        self._sensor_fails = False
        if not self._led_is_set:
            self._switch_led()
        if self._trouble and time.monotonic() - self._last_failure > CALM:
            self._trouble.over()
            say("The board answers.")
        return light

    def set_led(self, led: LedState) -> None:
        """Switch the LED, now or as soon as that is possible."""
        self._wanted = led
        self._switch_led()

    def questions(self) -> Iterator[Finding]:
        """The board's part of a check-up: is it there, does it measure, does its LED shine?"""
        for subject, ask in (("board", self._hardware.find), ("light", self._measure), ("LED", self._blink)):
            try:
                yield tick(subject, str(ask()))
            except Exception as error:
                yield cross(subject, self._hardware.explain(error))
                return

    def _blink(self) -> str:
        place = self._hardware.find_led()
        started = time.monotonic()
        for on in (True, False) * 3:
            if on and time.monotonic() - started > SLOW:
                break
            self._hardware.led.on() if on else self._hardware.led.off()
            time.sleep(BLINK)
        return f"{place}: did it blink three times?"

    def _measure(self) -> int:
        light = self._hardware.light_sensor.light
        if not 0 <= light <= MAX_LIGHT:
            raise ValueError(f"a light level of {light}")
        return light

    def _switch_led(self) -> None:
        """Switch the LED as it should be; later, if that does not work now."""
        self._led_is_set = False
        try:
            self._hardware.led.on() if self._wanted.led_on else self._hardware.led.off()
        except Exception as error:
            self._failed(error)
            return
        self._led_is_set = True
        self.when_switched(self._wanted)

    def _failed(self, error: Exception) -> None:
        self._trouble.say(f"{self._hardware.explain(error)} Trying again...")
        self._last_failure = time.monotonic()
        self._next_try = self._last_failure + RETRY


@dataclass(frozen=True)
class BoardName:
    """Which board: the Grove Base Hat of this Raspberry Pi, or a CounterFit at some host and port."""

    kind: Literal["pi", "counterfit"]
    # A number, not "localhost": Windows would try IPv6 first, for two seconds at every reading.
    host: str = "127.0.0.1"
    port: int = 5000

    @classmethod
    def parse(cls, text: str) -> BoardName:
        """What `pi`, `counterfit` or `counterfit://host:port` names. ValueError if it is none of them."""
        if text == "pi":
            if sys.platform != "linux":
                raise ValueError("pi is for a Raspberry Pi; here there are counterfit and counterfit://host:port")
            return cls("pi")
        if text in ("counterfit", "counterfit://"):
            return cls("counterfit")
        with suppress(ValueError):  # the port is no port, or the IPv6 address no address
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
            if parts.scheme == "counterfit" and is_host(host) and port != 0 and not parts.path.strip("/") + parts.query:
                return cls("counterfit", f"[{host}]" if ":" in host else host, port or cls.port)
        raise ValueError(f"{text!r} is no board; there are pi, counterfit and counterfit://host:port")


PI, COUNTERFIT = BoardName("pi"), BoardName("counterfit")


def open_board(name: BoardName | None, light_pin: int, led_pin: int, i2c_bus: int = 1) -> Board:
    """The board of this name, or the one that is found, with its sensor and LED on these pins.

    It need not be there yet. BadOption if it has no such pins.
    """
    name = name or find_board(i2c_bus)
    # Imported only here: a Pi need not have what CounterFit takes, nor a laptop what the Pi takes.
    if name.kind == "pi":
        from device.grove_hat import GroveBaseHat

        try:
            return Board(GroveBaseHat(light_pin, led_pin, i2c_bus, is_a_pi()))
        except ValueError as error:
            raise BadOption(f"argument --board: {error}") from None
    from device.counterfit import CounterFit

    return Board(CounterFit(name.host, name.port, light_pin, led_pin))


def find_board(i2c_bus: int = 1) -> BoardName:
    """The board of this machine: `pi` on a Raspberry Pi, `counterfit` elsewhere.

    A Pi that has no hat, but a CounterFit, is taken as `counterfit` as well.
    """
    if not is_a_pi():
        return COUNTERFIT
    from device.grove_hat import GroveLightSensor

    with suppress(OSError):  # no hat, or I2C is off; a board called `pi` will say which
        GroveLightSensor(0, i2c_bus).find()
        return PI
    try:
        socket.create_connection((COUNTERFIT.host, COUNTERFIT.port), timeout=1).close()
        return COUNTERFIT
    except OSError:
        return PI


def is_a_pi() -> bool:
    """Whether this machine is a Raspberry Pi."""
    try:
        return MODEL.read_text().startswith("Raspberry Pi")
    except OSError:
        return False
