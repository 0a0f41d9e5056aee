"""The device's options."""

from __future__ import annotations

from argparse import Namespace

from device.board import find_board, open_board
from nightlight.messages import MAX_LIGHT
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
    settings = parser.read()
    settings.sample = min(settings.sample, settings.interval)  # a reading each interval takes a look each interval
    if settings.board == BY_LOOKING:
        settings.board = find_board(settings.i2c_bus)
    try:
        open_board(settings.board, settings.light_pin, settings.led_pin, settings.i2c_bus)
    except ValueError as error:
        parser.error(f"argument --board: {error}")
    return settings
