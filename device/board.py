"""The board: a light sensor and an LED, wherever they are.

To add a board, write two nouns like GroveLightSensor (its `light`) and GroveLed (its `on()` and
`off()`), a function that puts their errors into words, and name it in open_board().
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import counterfit_connection
import requests
from counterfit_connection import CounterFitConnection
from counterfit_shims_grove.grove_led import GroveLed
from counterfit_shims_grove.grove_light_sensor_v1_2 import GroveLightSensor

from nightlight.address import is_host
from nightlight.messages import MAX_LIGHT
from nightlight.notices import Trouble, say

RETRY = 1.0
"""Seconds between looks at a board that does not answer."""


class LightSensor(Protocol):
    """What measures."""

    @property
    def light(self) -> int:
        """0 (dark) to 65,535, in the sensor's own unit."""


class Led(Protocol):
    """What shines."""

    def on(self) -> None: ...
    def off(self) -> None: ...


class Board:
    """A light sensor and an LED that may be away for a while.

    What is wrong is said in one line, once; `explain` puts an error of this board into words.
    When the board is back, the LED is set as it should be by then.
    """

    def __init__(self, light_sensor: LightSensor, led: Led, explain: Callable[[Exception], str]) -> None:
        self.light_sensor = light_sensor
        self.led = led
        self._explain = explain
        self._led_on: bool | None = None  # nobody has said so far
        self._trouble = Trouble()
        self._next_try = 0.0

    def read_light(self) -> int | None:
        """The light level, 0 to 65,535; None while the board is away."""
        if self._trouble and time.monotonic() < self._next_try:
            return None
        try:
            light = self.light_sensor.light
            if not 0 <= light <= MAX_LIGHT:
                raise ValueError(f"a light level of {light}")
        except Exception as error:
            self._lost(error)
            return None
        if self._trouble and self._switch_led():
            self._trouble.over()
            say("The board answers.")
        return light

    def set_led(self, on: bool) -> None:
        """Switch the LED, now or as soon as the board is back."""
        self._led_on = on
        if not self._trouble:
            self._switch_led()

    def _switch_led(self) -> bool:
        """Switch the LED as it should be; whether that worked."""
        try:
            if self._led_on is not None:
                self.led.on() if self._led_on else self.led.off()
        except Exception as error:
            self._lost(error)
            return False
        return True

    def _lost(self, error: Exception) -> None:
        self._trouble.say(f"{self._explain(error)} Trying again...")
        self._next_try = time.monotonic() + RETRY


def open_board(name: str, light_pin: int, led_pin: int) -> Board:
    """The board called `counterfit` or `counterfit://host:port`, with its sensor and LED on these pins.

    It need not be there yet. ValueError if there is no such board.
    """
    host, port = counterfit_address(name)
    return _open_counterfit(host, port, light_pin, led_pin)


# ---- CounterFit, the virtual board ----

PATIENCE = 2.0
"""Seconds to wait for CounterFit's answer."""


def counterfit_address(name: str) -> tuple[str, int]:
    """Host and port of `counterfit` or `counterfit://host:port`. ValueError if it is neither."""
    # A number, not "localhost": Windows would try IPv6 first, for two seconds at every reading.
    if name in ("counterfit", "counterfit://"):
        return "127.0.0.1", 5000
    try:
        parts = urlsplit(name)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "counterfit" and is_host(host) and port != 0 and not (parts.path.strip("/") + parts.query):
            return f"[{host}]" if ":" in host else host, port or 5000
    except ValueError:
        pass  # the port is no port, or the IPv6 address no address
    raise ValueError(f"{name!r} is no board; there are counterfit and counterfit://host:port")


class _CounterFitHttp(requests.Session):
    """What the shims need of `requests`, with what they leave out: a time limit, and errors that are noticed.

    It also keeps its connection from one reading to the next, and asks no proxy.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: str, url: str, **options: object) -> requests.Response:  # type: ignore[override]
        response = super().request(method, url, timeout=PATIENCE, **options)  # type: ignore[arg-type]
        response.raise_for_status()
        return response


def _open_counterfit(host: str, port: int, light_pin: int, led_pin: int) -> Board:
    where = f"http://{host}:{port}"

    def explain(error: Exception) -> str:
        if isinstance(error, requests.HTTPError) and error.response.status_code == 404:
            missing = f"sensor on pin {light_pin}" if "sensor" in error.response.url else f"LED on pin {led_pin}"
            return f"CounterFit has no {missing}: open {where} and create it there."
        if isinstance(error, requests.HTTPError):
            return f"CounterFit at {where} answers with an error ({error.response.status_code})."
        if isinstance(error, requests.ReadTimeout):
            return f"CounterFit at {where} accepts the connection but does not answer. Restart it."
        if isinstance(error, requests.RequestException) and not isinstance(error, ValueError):
            return f"CounterFit is not there: nothing answers at {where}. Start it, or name another --board."
        return f"CounterFit at {where} sends what is not a light level ({error!s:.80})."

    counterfit_connection.requests = _CounterFitHttp()  # the shims ask through this name
    CounterFitConnection.base_url = f"{where}/"  # all that init() does, except that it wants an answer now
    return Board(GroveLightSensor(light_pin), GroveLed(led_pin), explain)
