"""The device's options."""

from __future__ import annotations

import math
import os
from argparse import Namespace
from pathlib import Path

from device.board import find_board, open_board
from nightlight.messages import MAX_LIGHT
from nightlight.rule import DEFAULT_THRESHOLD
from nightlight.settings import SettingsParser, seconds, whole_number

A_DAY = 86_400
BY_LOOKING = "found by looking"


def read_settings() -> Namespace:
    """The device's options, from the command line and the environment."""
    parser = SettingsParser("device/app.py", "Measures the light, reports it, and switches the LED as it is told.")
    parser.add_argument("--board", default=BY_LOOKING, help="pi, counterfit or counterfit://host:port")
    parser.add_argument("--light-pin", type=whole_number(0, 126), default=0, help="where the light sensor is")
    parser.add_argument("--led-pin", type=whole_number(0, 126), default=5, help="where the LED is")
    parser.add_argument("--i2c-bus", type=whole_number(0, 255), default=1, help="the Pi's I2C bus that the hat is on")
    parser.add_argument(
        "--interval", type=seconds(0.1, A_DAY), default=5, help="seconds: a reading is sent at least this often"
    )
    parser.add_argument("--sample", type=seconds(0.01, A_DAY), default=0.05, help="seconds between looks at the sensor")
    parser.add_argument(
        "--deadband", type=whole_number(0, MAX_LIGHT), default=10, help="a change of this much is sent at once"
    )
    parser.add_argument(
        "--offline", choices=("drop", "keep"), default="drop", help="what becomes of readings without a connection"
    )
    parser.add_argument(
        "--keep-at-most", type=whole_number(1, 100_000_000), default=100_000, help="readings; the oldest go first"
    )
    parser.add_argument("--keep-in", type=Path, default=_state_folder(), help="the folder for kept readings")
    parser.add_argument(
        "--alone", type=patience, default=15, help="seconds without a command until the device decides, or never"
    )
    parser.add_argument(
        "--threshold",
        type=whole_number(0, MAX_LIGHT),
        default=DEFAULT_THRESHOLD,
        help="for deciding alone: as the server's",
    )
    settings = parser.read()
    if settings.offline == "keep" and settings.qos == 0:
        parser.error("argument --offline: to keep readings until they arrive takes --qos 1 or 2")
    settings.sample = min(settings.sample, settings.interval)  # a reading each interval takes a look each interval
    if settings.board == BY_LOOKING:
        settings.board = find_board(settings.i2c_bus)
    try:
        open_board(settings.board, settings.light_pin, settings.led_pin, settings.i2c_bus)
    except ValueError as error:
        parser.error(f"argument --board: {error}")
    return settings


def patience(text: str) -> float:
    """An option's type: seconds, or `never`."""
    return math.inf if text == "never" else seconds(0.1, A_DAY)(text)


def _state_folder() -> Path:
    """Where programs of this user keep what they need next time (XDG Base Directory Specification)."""
    if folder := os.environ.get("STATE_DIRECTORY"):  # from systemd
        return Path(folder)
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "nightlight"
