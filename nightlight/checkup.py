"""--check: what a working nightlight needs, asked in order; what is wrong, and what to do about it.

Changes nothing: it uses a connection and a topic of its own, and leaves the LED dark and nothing retained.
"""

from __future__ import annotations

import platform
import queue
import secrets
import socket
import ssl
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from nightlight import notices
from nightlight.address import BrokerAddress
from nightlight.findings import Finding, cross, report, tick
from nightlight.link import Link, explain
from nightlight.messages import Command, Status, Telemetry, commands_topic, id_of, status_topic, telemetry_topic
from nightlight.notices import Problem

PATIENCE = 3.0
"""Seconds to wait for each answer from the network; there are few enough to stay under 15 in all."""

Answer = TypeVar("Answer")


class Board(Protocol):
    """What the device brings along."""

    def questions(self) -> Iterator[Finding]:
        """Is the board there, does it measure, does its LED shine?"""

    def read_light(self) -> int | None:
        """A light level, or None if there is none."""


def check_up(settings: Namespace, board: Board | None = None) -> int:
    """Ask everything: for the device with its `board`, for the server without. The exit status: 0, or 1 for a cross."""
    notices.set_up(mute=True, verbose=settings.verbose)  # what is wrong comes as a finding
    try:
        return report(_findings(settings, board), settings.json, settings.quiet)
    finally:
        notices.set_up(settings.quiet, settings.verbose)


def _findings(settings: Namespace, board: Board | None) -> Iterator[Finding]:
    yield tick("Python", f"{platform.python_version()}, with the packages that it needs")
    if board:
        yield from board.questions()
    for finding in _network(settings.broker):
        yield finding
        if not finding.ok:
            return
    yield from _mqtt(settings, board)


def _network(broker: BrokerAddress) -> Iterator[Finding]:
    """Name, port and TLS, up to the first that is wrong."""
    subject = "broker"
    try:
        found = _in_time(lambda: socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM))
        numbers = ", ".join(dict.fromkeys(str(address[0]) for *_, address in found))
        yield tick(subject, broker.host if numbers == broker.host else f"{broker.host} is {numbers}")

        subject = "port"
        with socket.create_connection((broker.host, broker.port), PATIENCE) as connection:
            yield tick(subject, f"{broker.port} answers")

            subject = "TLS"
            if broker.tls:
                ssl.create_default_context().wrap_socket(connection, server_hostname=broker.host).close()
                yield tick(subject, "the broker's certificate is trusted")
    except OSError as error:
        yield cross(subject, explain(error, broker))


def _mqtt(settings: Namespace, board: Board | None) -> Iterator[Finding]:
    """Login, a message to itself, and the other side, up to the first that is wrong."""
    id, broker = settings.id, settings.broker
    own_topic = f"{id.replace('+', 'any')}/check-up-{secrets.token_hex(4)}"
    echoes: queue.Queue[Telemetry] = queue.Queue()
    commands: queue.Queue[Command] = queue.Queue()
    online: queue.Queue[str] = queue.Queue()

    link = Link(broker, qos=settings.qos)
    link.subscribe(own_topic, Telemetry, lambda topic, telemetry: echoes.put(telemetry))
    if board:
        link.subscribe(commands_topic(id), Command, lambda topic, command: commands.put(command))
    else:
        link.subscribe(status_topic(id), Status, lambda topic, status: online.put(id_of(topic)) if status.online else 0)

    with link:
        deadline = time.monotonic() + PATIENCE
        while not (link.session or link.problem) and time.monotonic() < deadline:
            time.sleep(0.01)
        if not link.session:
            yield cross("login", link.problem or _silent(broker))
            return
        yield tick("login", f"accepted as {broker.user!r}" if broker.user else "accepted without a user's name")

        started = time.monotonic()
        link.publish(own_topic, Telemetry(light=0))
        if not _first(echoes):
            yield cross("message", _not_passed_on(own_topic, id))
            return
        yield tick("message", f"one to itself came back after {_milliseconds_since(started)}")

        if not board:
            device = _first(online, seconds=1)  # retained, so it comes at once or not at all
            yield tick("device", f"{device!r} is online" if device else f"none is online with the id {id!r} so far")
            return
        light = board.read_light()
        if light is None:
            return  # that has been found already, and there is nothing to ask a server with
        started = time.monotonic()
        link.publish(telemetry_topic(id), Telemetry(light))
        command = _first(commands)
        if command:
            yield tick("server", f"it answers {Telemetry(light)} with {command} after {_milliseconds_since(started)}")
        else:
            yield cross("server", _unanswered(id))


def _silent(broker: BrokerAddress) -> Problem:
    return Problem(f"{broker} accepts the connection but never answers.", "Is it an MQTT broker?")


def _not_passed_on(topic: str, id: str) -> Problem:
    return Problem(
        f"The broker does not pass on a message to {topic}.",
        f"Let its access list (acl_file) allow this user to read and write {id}/#.",
    )


def _unanswered(id: str) -> Problem:
    return Problem(
        f"No server answers the readings of {id!r}.",
        f"Start one with the same --broker and the same id: python server/app.py --id {id}",
    )


def _first(arriving: queue.Queue[Answer], seconds: float | None = None) -> Answer | None:
    """What arrives first, or None if nothing does in time."""
    try:
        return arriving.get(timeout=PATIENCE if seconds is None else seconds)
    except queue.Empty:
        return None


def _in_time(look_up: Callable[[], Answer]) -> Answer:
    """What look_up() returns or raises; socket.gaierror if it takes too long: it knows no time limit of its own."""
    answers: queue.Queue[Answer | OSError] = queue.Queue()

    def run() -> None:
        try:
            answers.put(look_up())
        except OSError as error:
            answers.put(error)

    threading.Thread(target=run, daemon=True).start()
    answer = _first(answers)
    if answer is None:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")
    if isinstance(answer, OSError):
        raise answer
    return answer


def _milliseconds_since(started: float) -> str:
    return f"{(time.monotonic() - started) * 1000:.0f} ms"
