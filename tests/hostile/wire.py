"""Hostile messages to the real programs: device, server and page, on a real Mosquitto, with the real CounterFit."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nightlight.messages import Command, Message, Status, Telemetry
from tests.hostile.messages import KINDS, id_part, payload, wrong_payload
from tests.kit.boards import CounterFit
from tests.kit.brokers import mosquitto
from tests.kit.pages import Page
from tests.kit.programs import Program, start_script, until
from tests.kit.stranger import Stranger

ID = "room/lamp"
BURST = 400  # messages

OURS = ("MQTT connected!", "Light level: ", "Message received: {'", "Sending message: {'", "The page is at http://",
        "Ignored a message on ", "The clock of ", "Not answered: a reading of ", "For ")  # fmt: skip
"""How the lines begin that the programs print. The last one tells what a person wants."""

PAHO_S = ("Sending CONNECT ", "Received CONNACK ", "Sending SUBSCRIBE ", "Received SUBACK", "Sending PINGREQ",
          "Received PINGRESP", "Sending PUBLISH ", "Received PUBLISH ", "Sending PUBACK ",
          "Received PUBACK ")  # fmt: skip
"""And how those begin that paho adds with --verbose."""

OTHERS = (
    "Using selector: ",
    "connect_tcp.",
    "send_request_",
    "receive_response_",
    "response_closed.",
    "HTTP Request: ",
)
"""And those of asyncio and httpx, on the page."""


@dataclass
class Figures:
    messages: int = 0
    """On the lamp's own topics, and on those of others."""
    lines: int = 0
    """That the programs have printed."""
    slowest_burst: float = 0.0
    """Seconds until all three had taken the messages of a burst."""
    obeyed_within: float = 0.0
    """Seconds from a change of the light to the LED's, at worst, after a burst."""


class Room:
    """A lamp in a room, where everybody may say what they like, also in the name of other lamps."""

    def __init__(self, folder: Path) -> None:
        with ExitStack() as parts:
            opened = parts.enter_context
            anything = ("listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0")
            self.broker = opened(closing(mosquitto(folder, *anything)))
            self.board = opened(closing(CounterFit()))
            self.board.set_light(1000)
            shared = ("--broker", self.broker.url, "--verbose")
            self.server = opened(closing(start_script("server/app.py", *shared, "--id", "room/+")))
            more = ("--board", self.board.name, "--alone", "never", "--interval", "1", "--sample", "0.1")
            self.device = opened(closing(start_script("device/app.py", *shared, "--id", ID, *more)))
            self.page = opened(closing(Page(self.broker, folder, "room/+", "--verbose")))
            self.programs: list[Program] = [self.server, self.device, self.page.program]
            self.stranger = opened(closing(Stranger(self.broker.port, "room/mark/commands", f"{ID}/status")))
            for program in self.programs:
                program.wait_for("MQTT connected!")
            self.led_becomes(True)
            self._marks = 0
            self._parts = parts.pop_all()

    def close(self) -> None:
        self._parts.close()

    def led_becomes(self, on: bool) -> float:
        """Move the light; the seconds until the LED follows."""
        started = time.monotonic()
        self.board.set_light(80 if on else 1000)
        self.board.led_becomes(on)
        return time.monotonic() - started

    def all_is_taken(self) -> None:
        """Wait until each of the three has seen all that was sent before."""
        self._marks += 1
        answers = self.stranger.heard.count(("room/mark/commands", Command(led_on=False).encode()))
        statuses = len(self.stranger.heard)
        self.stranger.publish(Telemetry.topic("room/mark"), Telemetry(light=1000 + self._marks).encode())
        self.stranger.publish(Status.topic(ID), Status(online=False).encode())  # which the device contradicts
        command, online = ("room/mark/commands", Command(led_on=False).encode()), (Status.topic(ID), b"online")
        until(lambda: self.stranger.heard.count(command) > answers, "the server's answer")
        until(lambda: online in self.stranger.heard[statuses:], "the device's contradiction")
        mark = f",{1000 + self._marks},"
        until(lambda: mark in self.page.get("/history.csv?id=room/mark").text, "the page's history", pause=0.05)


@contextmanager
def room(folder: Path) -> Iterator[Room]:
    with closing(Room(folder)) as opened:
        yield opened


def flood(folder: Path, messages: int, seed: int = 1) -> Figures:
    """So many on each topic of the lamp, all wrong, and as many on each topic of others.

    AssertionError if a program ends, the LED moves, a line is forged, or a lamp does not obey afterwards.
    """
    chance = random.Random(seed)
    figures = Figures()
    plan = [(kind, whose) for kind in KINDS for whose in ("lamp", "others") for _ in range(messages)]
    chance.shuffle(plan)
    with room(folder) as world:
        on = True
        for start in range(0, len(plan), BURST):
            started = time.monotonic()
            for kind, whose in plan[start : start + BURST]:
                world.stranger.post(*_message(chance, kind, whose))
                figures.messages += 1
            world.all_is_taken()
            figures.slowest_burst = max(figures.slowest_burst, time.monotonic() - started)
            assert world.board.led_on == on, f"a wrong message has moved the LED (seed {seed}, burst at {start})"
            on = not on
            figures.obeyed_within = max(figures.obeyed_within, world.led_becomes(on))
        for program in world.programs:
            assert program.is_running, program.text
        commands = [line for line in world.device.lines if line.startswith("Message received: ")]
        switched = [line for line, before in zip(commands, ["", *commands], strict=False) if line != before]
        assert len(switched) <= 2 + len(range(0, len(plan), BURST)), f"the LED has moved in between: {switched}"
        for program in world.programs:
            for line in list(program.lines):
                assert is_known(line), f"not one of ours: {line!r}"
                figures.lines += 1
    return figures


def is_known(line: str) -> bool:
    """Whether it begins as the programs' lines do, and holds nothing that a terminal obeys."""
    harmless = all(character.isprintable() or character in "\u00a0\u3000\ue000\u200d" for character in line)
    return harmless and line.startswith((*OURS, *PAHO_S, *OTHERS))


def _message(chance: random.Random, kind: type[Message], whose: str) -> tuple[str, bytes]:
    if whose == "lamp":
        return kind.topic(ID), wrong_payload(chance, kind)
    return kind.topic(f"room/{id_part(chance)}"), payload(chance, kind)
