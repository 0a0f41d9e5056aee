"""Brokers that are out of their mind: the board gives each up in time, before the watchdog would, and comes again."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.kit.boards import CounterFit, serving
from tests.kit.microcontroller import SCRIPT, flash, needs_micropython
from tests.kit.programs import Program

pytestmark = needs_micropython

CONNECT, PUBLISH, SUBSCRIBE, PINGREQ = 1, 3, 8, 12
"""Kinds of packets (MQTT 3.1.1 section 2.2.1)."""

Misbehave = Callable[[Callable[[bytes], object]], None]


def drips(send: Callable[[bytes], object]) -> None:
    """A message of 100 bytes, of which one comes each second."""
    send(b"\x30\x64\x00\x0droom/commands")
    while True:
        time.sleep(1)
        send(b"x")


def has_no_end(send: Callable[[bytes], object]) -> None:
    """A length that goes on and on."""
    while True:
        send(b"\x80" * 10)
        time.sleep(0.01)


def is_one_byte_short(send: Callable[[bytes], object]) -> None:
    """A packet that says that it is shorter than its topic."""
    send(b"\x30\x0e\x00\x0droom/commands{}")


def talks_in_place_of_an_answer(send: Callable[[bytes], object]) -> None:
    while True:
        send(b"\x30\x11\x00\x0droom/commandsno")
        time.sleep(0.01)


def commands_in_place_of_an_answer(send: Callable[[bytes], object]) -> None:
    """As fast as it can: more than the memory holds."""
    while True:
        send(b'\x30\x1f\x00\x0droom/commands{"led_on": true}' * 100)


def promises_a_quarter_of_a_gigabyte(send: Callable[[bytes], object]) -> None:
    send(b"\x30\xff\xff\xff\x7f\x00\x0droom/commands")


@contextmanager
def rogue(misbehave: Misbehave) -> Iterator[int]:
    """A broker that lets everybody in, and misbehaves once it has the first reading; its port."""
    over = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError, IndexError):  # the board has hung up
                while not over.is_set():
                    kind, body = self.packet()
                    if kind == CONNECT:
                        self.request.sendall(b"\x20\x02\x00\x00")
                    elif kind == SUBSCRIBE:
                        self.request.sendall(b"\x90\x03" + body[:2] + b"\x01")
                    elif kind == PUBLISH and b'"light"' in body:
                        misbehave(self.request.sendall)
                    elif kind == PUBLISH:
                        topic = int.from_bytes(body[:2], "big")
                        self.request.sendall(b"\x40\x02" + body[2 + topic : 4 + topic])
                    elif kind == PINGREQ:
                        self.request.sendall(b"\xd0\x00")

        def packet(self) -> tuple[int, bytes]:
            first, length = self.rfile.read(1)[0], self.rfile.read(1)[0]
            return first >> 4, self.rfile.read(length)

    with serving(Handler) as port:
        yield port
        over.set()


@pytest.mark.parametrize(
    "misbehave",
    [
        drips,
        has_no_end,
        is_one_byte_short,
        talks_in_place_of_an_answer,
        commands_in_place_of_an_answer,
        promises_a_quarter_of_a_gigabyte,
    ],
    ids=lambda each: each.__name__.replace("_", " "),
)
def test_it_gives_up_a_broker_that(
    start: Callable[..., Program], board: CounterFit, tmp_path: Path, misbehave: Misbehave
) -> None:
    with rogue(misbehave) as port:
        home = flash(tmp_path / "flash", port=port, ID="room", ALONE=1)
        device = start(SCRIPT, "--flash", str(home), "--counterfit", f"127.0.0.1:{board.port}")
        lost = device.wait_for("The connection is lost")
        assert "has been silent for too long" in lost  # and not: no memory
        device.wait_for("MQTT connected!", since=len(device.lines))
        board.set_light(100)  # meanwhile it decides by itself
        board.led_becomes(True)
        assert device.is_running
