"""The board: a light sensor and an LED, wherever they are.

To add a board, write its Hardware in a file of its own, as in counterfit.py and grove_hat.py, and
name it in open_board().
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from nightlight.findings import Finding, cross, tick
from nightlight.messages import MAX_LIGHT
from nightlight.notices import Problem, Trouble, say

COUNTERFIT = ("127.0.0.1", 5000)
"""Where CounterFit is when nobody says otherwise."""

MODEL = Path("/proc/device-tree/model")
"""Where Linux says what machine this is: `Raspberry Pi 5 Model B Rev 1.0`, on a Pi."""

RETRY = 1.0
"""Seconds between looks at a board that does not answer."""

CALM = 2.0
"""Seconds without a failure after which a board is said to be well again."""

BLINK = 0.25
"""Seconds that the LED is on, and then off, when a check-up makes it blink."""

SLOW = 1.5
"""Seconds after which a slow board's LED is not made to blink again."""


class LightSensor(Protocol):
    """What measures."""

    @property
    def light(self) -> int:
        """0 (dark) to 65,535, in the sensor's own unit."""


class Led(Protocol):
    """What shines."""

    def on(self) -> None: ...
    def off(self) -> None: ...


class Hardware(Protocol):
    """What one kind of board brings. Any of it may raise what explain() puts into words."""

    @property
    def light_sensor(self) -> LightSensor: ...

    @property
    def led(self) -> Led: ...

    @property
    def led_place(self) -> str:
        """Where the LED is, for a person who looks for it."""

    def find(self) -> str:
        """What is there, in words for a check-up."""

    def explain(self, error: Exception) -> Problem:
        """What is wrong, and what to do about it."""


class Board:
    """A light sensor and an LED that may be away for a while.

    What is wrong is said in one line, once, and that it is over when it has been for some seconds: a
    loose cable comes and goes. When the board is back, the LED is set as it should be by then; when the
    board is closed, the LED is switched off.
    """

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self._led_on: bool | None = None  # nobody has said so far
        self._led_is_set = True
        self._sensor_fails = False
        self._trouble = Trouble()
        self._next_try = 0.0
        self._last_failure = 0.0

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *_: object) -> None:
        """An LED that nobody commands any more should not shine."""
        if self._led_on is not None:
            try:
                self._hardware.led.off()
            except Exception:
                pass  # it has been said, or the program is ending anyway

    def read_light(self) -> int | None:
        """The light level, 0 to 65,535; None while it cannot be read."""
        if (self._sensor_fails or not self._led_is_set) and time.monotonic() < self._next_try:
            return None
        try:
            light = self._measure()
        except Exception as error:
            self._sensor_fails = True
            self._led_is_set = self._led_on is None  # who knows what has become of it
            self._failed(error)
            return None
        self._sensor_fails = False
        if not self._led_is_set:
            self._switch_led()
        if self._trouble and time.monotonic() - self._last_failure > CALM:
            self._trouble.over()
            say("The board answers.")
        return light

    def set_led(self, on: bool) -> None:
        """Switch the LED, now or as soon as that is possible."""
        self._led_on = on
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
        started = time.monotonic()
        for on in (True, False) * 3:
            if on and time.monotonic() - started > SLOW:
                break
            self._led_on = on  # so that it is switched off even if Ctrl+C comes here
            self._hardware.led.on() if on else self._hardware.led.off()
            time.sleep(BLINK)
        return f"{self._hardware.led_place}: did it blink three times?"

    def _measure(self) -> int:
        light = self._hardware.light_sensor.light
        if not 0 <= light <= MAX_LIGHT:
            raise ValueError(f"a light level of {light}")
        return light

    def _switch_led(self) -> None:
        """Switch the LED as it should be; later, if that does not work now."""
        self._led_is_set = False
        try:
            self._hardware.led.on() if self._led_on else self._hardware.led.off()
            self._led_is_set = True
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._trouble.say(f"{self._hardware.explain(error)} Trying again...")
        self._last_failure = time.monotonic()
        self._next_try = self._last_failure + RETRY


def open_board(name: str, light_pin: int, led_pin: int, i2c_bus: int = 1) -> Board:
    """The board of this name, with its sensor and LED on these pins. It need not be there yet.

    `pi` is the Grove Base Hat on this Raspberry Pi; `counterfit` and `counterfit://host:port` are a
    CounterFit app, the virtual board. ValueError if there is no such board, or no such pin on it.
    """
    # Imported only here: a Pi need not have what CounterFit takes, nor a laptop what the Pi takes.
    if name == "pi":
        if sys.platform != "linux":
            raise ValueError("pi is for a Raspberry Pi; here there are counterfit and counterfit://host:port")
        from device.grove_hat import GroveBaseHat

        return Board(GroveBaseHat(light_pin, led_pin, i2c_bus))
    from device.counterfit import CounterFit, address_in

    return Board(CounterFit(*address_in(name), light_pin, led_pin))


def find_board(i2c_bus: int = 1) -> str:
    """The name of the board on this machine: `pi` on a Raspberry Pi, `counterfit` elsewhere.

    A Pi that has no hat, but a CounterFit, is taken as `counterfit` as well.
    """
    try:
        is_a_pi = MODEL.read_text().startswith("Raspberry Pi")
    except OSError:
        is_a_pi = False
    if not is_a_pi:
        return "counterfit"
    from device.grove_hat import GroveLightSensor

    try:
        GroveLightSensor(0, i2c_bus).find()
        return "pi"
    except OSError:
        pass  # no hat, or I2C is off; a board called `pi` will say which
    try:
        socket.create_connection(COUNTERFIT, timeout=1).close()
        return "counterfit"
    except OSError:
        return "pi"
