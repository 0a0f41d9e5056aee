"""A Raspberry Pi with a Grove Base Hat, as far as there can be one where there is none.

Only what cannot be here is a stand-in, at the lowest level: the kernel's answers to what the real smbus2
asks it about /dev/i2c-1, gpiozero's own MockFactory for the pins, and the name that a Pi's firmware gives it.

As a program it runs one of the scripts on that Pi; DeviceOnPi starts it, and pulls its cables from outside.
"""

from __future__ import annotations

import errno
import itertools
import json
import math
import os
import random
import runpy
import socket
import socketserver
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_ulong
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import smbus2.smbus2
from gpiozero.pins.mock import MockPin
from smbus2.smbus2 import I2C_FUNCS, I2C_SLAVE, I2C_SMBUS, I2C_SMBUS_READ, I2C_SMBUS_WORD_DATA

import device.board
from tests.kit.programs import PATIENCE, ROOT, Program, answers, clean_environment, free_port, until

HATS = {
    "MM32": (0x08, 0x0004),
    "STM32": (0x04, 0x0004),
    "Zero": (0x04, 0x0005),
}
"""Address and product of each hat, as Seeed's wiki and grove.py give them."""

WORD_TAKES = 0.00045
"""Seconds on the wire: five bytes of nine bits, at 100 kHz."""


class I2cBus:
    """What the kernel's /dev/i2c-1 does with one hat on it."""

    def __init__(self, hat: str | None = "MM32", light: float = 1000) -> None:
        self.hat = hat
        """Which of HATS is on the bus; None while its cable is pulled."""
        self.light = light
        """What socket A0 measures, in tenths of a percent of the supply voltage."""
        self.noise = 0.0
        """By how much readings scatter, to both sides."""
        self.flicker = 0.0
        """By how much the light swings, 100 times a second, as a lamp's does on 50 Hz mains."""
        self.spike_every = 0
        """Every n-th reading is one of these:"""
        self.spikes = [0, 1000, 0xFFFF]
        self.fail_every = 0
        """Every n-th transfer fails."""
        self.opening_fails = 0
        """The errno with which /dev/i2c-1 refuses to be opened: ENOENT, EACCES."""
        self.claimed = False
        """Whether a driver of the kernel has the hat's address."""
        self.stuck = False
        """Whether something holds the wires down; the kernel gives up after a while."""
        self.time: Any = time
        """What tells the time and passes it."""
        self.asked: list[tuple[int, int]] = []
        """Address and register of each transfer."""
        self._transfers = itertools.count(1)
        self._readings = itertools.count(1)
        self._address = 0

    def install(self) -> None:
        """Put it below smbus2."""
        smbus2.smbus2.ioctl = self.ioctl  # type: ignore[attr-defined]
        smbus2.smbus2.os = self.os  # type: ignore[attr-defined]

    @property
    def os(self) -> SimpleNamespace:
        """What smbus2 takes from the module of this name."""
        return SimpleNamespace(open=self.open, close=os.close, O_RDWR=os.O_RDWR)

    def open(self, path: str, flags: int) -> int:
        if self.opening_fails or path != "/dev/i2c-1":
            number = self.opening_fails or errno.ENOENT
            raise OSError(number, os.strerror(number), path)
        return os.open(os.devnull, os.O_RDWR)

    def ioctl(self, fd: int, request: int, argument: Any) -> int:
        os.fstat(fd)  # OSError if it has been closed
        if request == I2C_FUNCS:
            assert isinstance(argument, c_ulong)
            argument.value = 0x0EFF0009
        elif request == I2C_SLAVE:
            if self.claimed:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
            self._address = argument
        elif request == I2C_SMBUS:
            assert (argument.read_write, argument.size) == (I2C_SMBUS_READ, I2C_SMBUS_WORD_DATA)
            low, high = self._transfer(argument.command)
            argument.data.contents.word = low | high << 8  # System Management Bus 2.0, section 5.5.5
        else:
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        return 0

    def _transfer(self, register: int) -> bytes:
        """The two bytes that the hat puts on the wire, low byte first."""
        self.asked.append((self._address, register))
        if self.stuck:
            self.time.sleep(0.1)
            raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        self.time.sleep(WORD_TAKES)
        turn = next(self._transfers)
        address, product = HATS.get(self.hat or "", (0, 0))
        if self._address != address or (self.fail_every and turn % self.fail_every == 0):
            raise OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))
        return self._register(register, product).to_bytes(2, "little")

    def _register(self, register: int, product: int) -> int:
        kind, channel = register & 0xF0, register & 0x0F
        if register in (0x00, 0x01, 0x02, 0x29):
            return {0x00: product, 0x01: 0x2886, 0x02: 2, 0x29: 3300}[register]
        ratio = self._ratio() if channel == 0 else 0
        return {0x10: ratio * 4095 // 1000, 0x20: ratio * 3300 // 1000, 0x30: ratio}.get(kind, 0)

    def _ratio(self) -> int:
        if self.spike_every and next(self._readings) % self.spike_every == 0:
            return random.choice(self.spikes)
        swing = self.flicker * math.sin(2 * math.pi * 100 * self.time.monotonic())
        return min(1000, max(0, round(self.light + swing + random.uniform(-self.noise, self.noise))))


class Pins:
    """gpiozero's MockFactory, and when the LED's pin last changed."""

    def __init__(self) -> None:
        os.environ["GPIOZERO_PIN_FACTORY"] = "mock"
        self.changes: list[tuple[float, int, bool]] = []
        """Moment (of the monotonic clock), pin, and whether it is high now."""

    def install(self) -> None:
        change = MockPin._change_state

        def noted(pin: Any, value: bool) -> Any:
            changed = change(pin, value)
            if changed:
                self.changes.append((time.monotonic(), pin.info.name.removeprefix("GPIO"), bool(value)))
            return changed

        MockPin._change_state = noted


class DeviceOnPi(Program):
    """A script, mostly device/app.py, as a process on such a Pi.

    Its bus can be set, as in set(hat=None), while it runs.
    """

    def __init__(self, *options: str, script: Path = ROOT / "device/app.py", **bus: Any) -> None:
        self._port = free_port()
        start = json.dumps({"port": self._port, "bus": bus})
        command: list[str | Path] = [sys.executable, "-u", __file__, start, script, *options]
        super().__init__(*command, env=clean_environment(PYTHONWARNINGS="error"))
        self._lines: Any = None

    def set(self, **bus: Any) -> dict[str, Any]:
        """Change attributes of its I2cBus; returns the newest change of a pin and the latest transfers."""
        if self._lines is None:
            until(lambda: answers(self._port) or not self.is_running, "the Pi's start")
            with socket.create_connection(("127.0.0.1", self._port)) as connection:
                self._lines = connection.makefile("rwb")
        self._lines.write(json.dumps(bus).encode() + b"\n")
        self._lines.flush()
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer

    @property
    def changes(self) -> list[tuple[float, int, bool]]:
        """The newest change of a pin: moment (of the monotonic clock), pin, and whether it is high now."""
        return [tuple(change) for change in self.set()["changes"]]

    @property
    def led_on(self) -> bool:
        """Whether the LED's pin is high."""
        return any(high for _, _, high in self.changes)

    def led_becomes(self, on: bool, seconds: float = PATIENCE) -> None:
        """Wait for the LED."""
        until(lambda: self.led_on == on, f"LED {'on' if on else 'off'}", seconds)

    def close(self) -> None:
        if self._lines:
            self._lines.close()
        super().close()


def main() -> None:
    """Run a script on this Pi; each line that comes over the control port sets attributes of the bus."""
    settings, script, *options = sys.argv[1:]
    start = json.loads(settings)
    bus, pins = I2cBus(), Pins()
    vars(bus).update(start["bus"])
    bus.install()
    pins.install()

    class Control(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                vars(bus).update(json.loads(line))
                self.wfile.write(json.dumps({"changes": pins.changes[-1:], "asked": bus.asked[-20:]}).encode() + b"\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", start["port"]), Control) as server, named_a_pi():
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.argv = [script, *options]
        sys.path.insert(0, str(Path(script).parent))  # as Python itself does it
        try:
            runpy.run_path(script, run_name="__main__")
        finally:
            print("LED at the end:", "on" if pins.changes and pins.changes[-1][2] else "off", flush=True)
            server.shutdown()


@contextmanager
def named_a_pi(name: str = "Raspberry Pi 4 Model B Rev 1.5\0") -> Iterator[None]:
    """What /proc/device-tree/model holds on a Pi."""
    with tempfile.TemporaryDirectory() as folder:
        before, device.board.MODEL = device.board.MODEL, Path(folder) / "model"
        device.board.MODEL.write_text(name)
        yield
        device.board.MODEL = before


if __name__ == "__main__":
    main()
