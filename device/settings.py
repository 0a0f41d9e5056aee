"""The device's options."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from device.board import BoardName
from nightlight.messages import MAX_LIGHT
from nightlight.settings import Settings, SettingsParser, explained, seconds, state_folder, whole_number

A_DAY = 86_400


@dataclass(frozen=True)
class DeviceSettings(Settings):
    """Those of both scripts, and:"""

    board: BoardName | None  # None: to be found by looking
    light_pin: int
    led_pin: int
    i2c_bus: int
    interval: float  # seconds, like all times here
    sample: float
    deadband: int  # in the light sensor's own unit
    offline: str  # "drop" or "keep"
    keep_at_most: int  # readings
    keep_in: Path
    alone: float  # infinite for never


def read_settings(arguments: Sequence[str] | None = None) -> DeviceSettings:
    """The device's options, from the command line and the environment."""
    parser = SettingsParser("device/app.py", "Measures the light, reports it, and switches the LED as it is told.")
    option = parser.add_argument
    option("--board", type=explained(BoardName.parse), help="pi, counterfit or counterfit://host:port; else it looks")
    option("--light-pin", type=whole_number(0, 126), default=0, help="where the light sensor is")
    option("--led-pin", type=whole_number(0, 126), default=5, help="where the LED is")
    option("--i2c-bus", type=whole_number(0, 255), default=1, help="the Pi's I2C bus that the hat is on")
    option("--interval", type=seconds(0.1, A_DAY), default=5, help="seconds: a reading is sent at least this often")
    option("--sample", type=seconds(0.01, A_DAY), default=0.05, help="seconds between looks at the sensor")
    option("--deadband", type=whole_number(0, MAX_LIGHT), default=10, help="a change of this much is sent at once")
    option("--offline", choices=("drop", "keep"), default="drop", help="what becomes of readings without a connection")
    option("--keep-at-most", type=whole_number(1, 100_000_000), default=100_000, help="readings; the oldest go first")
    option("--keep-in", type=Path, default=state_folder(), help="the folder for kept readings")
    option("--alone", type=patience, default=15, help="seconds without a command until the device decides, or never")
    given = parser.read(arguments)
    if given["offline"] == "keep" and given["qos"] == 0:
        parser.error("argument --offline: to keep readings until they arrive takes --qos 1 or 2")
    given["sample"] = min(given["sample"], given["interval"])  # a reading each interval takes a look each interval
    return DeviceSettings(**given)


def patience(text: str) -> float:
    """An option's type: seconds, or `never`."""
    return math.inf if text == "never" else seconds(0.1, A_DAY)(text)
