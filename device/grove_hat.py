"""The Grove Base Hat on a Raspberry Pi: a light sensor in an analog socket, an LED in a digital one.

    sensor, led = GroveLightSensor(0), GroveLed(5)      # in the sockets A0 and D5
    led.on() if sensor.light < 300 else led.off()

The hat's own processor measures the voltages in its analog sockets and answers on the I2C bus; its
digital sockets are the Pi's own pins. The hat's registers are those of Seeed's own library, grove.py
(grove/adc.py): 0x00 the product, 0x10 + channel the raw 12 bits, 0x20 + channel millivolts,
0x30 + channel tenths of a percent of the supply voltage; each a 16-bit word, low byte first.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES, EBUSY, EIO, ENODEV, ENOENT, ENOTTY, ENXIO, ETIMEDOUT
from pathlib import Path

from nightlight import packages

packages.check({"smbus2": "smbus2", "gpiozero": "gpiozero"})

import gpiozero
from smbus2 import SMBus

from nightlight.notices import Problem

PROCESSORS = {0x08: "MM32", 0x04: "STM32"}  # where a hat may be on the I2C bus, by its processor: the newer first

PRODUCT = 0x00
PRODUCTS = {0x0004: "Grove Base Hat", 0x0005: "Grove Base Hat for Raspberry Pi Zero"}

RATIO = 0x30
FULL_SCALE = 1000
TOO_MUCH = 0x1000  # the hat's converter has 12 bits; a word beyond them is no reading, but noise on a loose bus

READINGS, NEEDED, APART = 5, 3, 0.002
"""For each light level five readings, 2 ms apart: together they take as long as a lamp on 50 Hz mains takes to
flicker once. Two of them may fail."""


class GroveLightSensor:
    """A Grove light sensor in the analog socket A<pin> (0 to 7) of the hat on this I2C bus.

    The hat's address is found by asking, at the first reading and again after each failure.
    """

    def __init__(self, pin: int, i2c_bus: int = 1) -> None:
        self._pin = pin
        self._bus_number = i2c_bus
        self._bus: SMBus | None = None
        self._address, self._product = 0, ""

    @property
    def light(self) -> int:
        """0 (dark) to 1000: tenths of a percent of the supply voltage. OSError if it cannot be read.

        Readings scatter, and lamps flicker: this is the mean of five, or of those that succeed,
        without the highest and the lowest. It takes 9 ms.
        """
        bus = self._bus or self._look_for_hat()
        readings: list[int] = []
        started = time.monotonic()
        for turn in range(READINGS):
            time.sleep(max(0, started + turn * APART - time.monotonic()))
            try:
                readings.append(self._read(bus))
            except OSError:
                failed = turn + 1 - len(readings)
                if failed > READINGS - NEEDED:
                    self._close()  # and look for the hat anew, next time
                    raise
        middle = sorted(readings)[1:-1]
        return min(round(sum(middle) / len(middle)), FULL_SCALE)

    def find(self) -> str:
        """Which hat is there, and where. OSError if there is none."""
        self._look_for_hat()
        processor = PROCESSORS[self._address]
        return f"{self._product} ({processor}) at address {self._address:#04x} of /dev/i2c-{self._bus_number}"

    def _look_for_hat(self) -> SMBus:
        """Ask at each address which product is there."""
        self._close()
        bus = SMBus(self._bus_number)
        failure = OSError(ENXIO, "no hat answers")
        for address in PROCESSORS:
            try:
                product = PRODUCTS.get(bus.read_word_data(address, PRODUCT))
            except OSError as error:
                if error.errno in (EBUSY, ETIMEDOUT, ENOTTY, ENODEV):  # that tells more
                    failure = error
                continue
            if product:
                self._bus, self._address, self._product = bus, address, product
                return bus
        bus.close()
        raise failure

    def _read(self, bus: SMBus) -> int:
        word = bus.read_word_data(self._address, RATIO + self._pin)
        if word >= TOO_MUCH:
            raise OSError(EIO, f"a reading of {word}")
        return word

    def _close(self) -> None:
        if self._bus:
            self._bus.close()
            self._bus = None


class GroveLed:
    """A Grove LED in the digital socket D<pin>: the Pi's pin of that number (BCM), as printed on the hat."""

    def __init__(self, pin: int) -> None:
        self._pin = pin
        self._led: gpiozero.LED | None = None

    def on(self) -> None:
        """Let it shine. Whatever gpiozero raises, if the pin cannot be had."""
        self._open().on()

    def off(self) -> None:
        """Let it be dark."""
        self._open().off()

    def _open(self) -> gpiozero.LED:
        """Take the pin when it is first needed: what is wrong with it may be right by then."""
        if not self._led:
            with _lgpio_in_a_folder_of_its_own():
                self._led = gpiozero.LED(self._pin)
        return self._led


class GroveBaseHat:
    """The hat with a light sensor and an LED in it: what open_board("pi") opens."""

    def __init__(self, light_pin: int, led_pin: int, i2c_bus: int, is_on_a_pi: bool) -> None:
        """ValueError if the hat has no such sockets."""
        if light_pin not in range(8):
            raise ValueError(f"pi has no analog socket {light_pin}, they are 0 to 7 (--light-pin)")
        if led_pin not in range(4, 28):
            raise ValueError(f"pi has no pin {led_pin} for an LED, they are 4 to 27 (--led-pin)")
        self.light_sensor = GroveLightSensor(light_pin, i2c_bus)
        self.led = GroveLed(led_pin)
        self._led_pin, self._bus_number, self._is_on_a_pi = led_pin, i2c_bus, is_on_a_pi

    def find(self) -> str:
        return self.light_sensor.find()

    def find_led(self) -> str:
        return f"socket D{self._led_pin}"

    def explain(self, error: Exception) -> Problem:
        """What is wrong with the hat, its bus, or the LED's pin."""
        if isinstance(error, OSError) and not isinstance(error, gpiozero.GPIOZeroError):
            return self._explain_bus(error)
        what, remedy = f"The LED on pin {self._led_pin} cannot be switched ({error}).", "Is this a Raspberry Pi?"
        if isinstance(error, ImportError):
            what = f"The LED's pin cannot be used: this Python lacks {error.name}."
            remedy = "In the project's folder run: sudo apt install python3-lgpio, then"
            remedy += " python3 -m venv --system-site-packages .venv"
        elif "busy" in str(error):
            what = f"The LED's pin {self._led_pin} is in use by another program."
            remedy = (
                "End it first; if it is the nightlight that starts with the Pi: sudo systemctl stop nightlight@$USER"
            )
        elif "gpiochip" in str(error):
            what = "This user may not use the Pi's pins (/dev/gpiochip0), or there are none."
            remedy = "Run: sudo usermod -aG gpio $USER, then log out and in again."
        return Problem(what, remedy)

    def _explain_bus(self, error: OSError) -> Problem:
        number = self._bus_number
        device = f"/dev/i2c-{number}"
        if error.errno == ENOENT and not self._is_on_a_pi:
            return Problem(
                f"This is no Raspberry Pi: there is no {device}.", "Leave out --board: then it is CounterFit."
            )
        if error.errno == ENOENT and number != 1:
            return Problem(f"There is no {device}.", "Leave out --i2c-bus: a hat is on bus 1.")
        if error.errno == ENOENT:
            return Problem(f"I2C is switched off: there is no {device}.", "Run: sudo raspi-config nonint do_i2c 0")
        if error.errno == EACCES:
            remedy = "Run: sudo usermod -aG i2c $USER, then log out and in again (or, for the service, restart the Pi)."
            return Problem(f"This user may not use {device}.", remedy)
        if error.errno == EBUSY:
            remedy = "Look for its dtoverlay in /boot/firmware/config.txt."
            return Problem(f"Another driver has the hat's address on I2C bus {number}.", remedy)
        if error.errno == ETIMEDOUT:
            remedy = "Unplug what else is in the hat's I2C sockets, or restart the Pi."
            return Problem(f"I2C bus {number} is stuck.", remedy)
        if error.errno in (ENOTTY, ENODEV):
            return Problem(f"{device} cannot be used: {error.strerror}.", "Is this a Raspberry Pi?")
        where = " nor ".join(f"{address:#04x}" for address in PROCESSORS)
        what = f"No Grove Base Hat answers on I2C bus {number}, neither at address {where}."
        return Problem(what, "Switch the Pi off, press the hat onto all 40 pins, and try again.")


@contextmanager
def _lgpio_in_a_folder_of_its_own() -> Iterator[None]:
    """Let gpiozero use lgpio, which works on every Pi, and no other library in its place.

    lgpio makes a pipe in the folder that LG_WD names, or else in the current one, where that may not be
    allowed; and it changes to that folder. Here it gets one that ends with the program.
    """
    before = Path.cwd()
    if os.environ.setdefault("GPIOZERO_PIN_FACTORY", "lgpio") == "lgpio" and "LG_WD" not in os.environ:
        os.environ["LG_WD"] = folder = tempfile.mkdtemp(prefix="nightlight-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        yield
    finally:
        os.chdir(before)
