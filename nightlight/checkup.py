"""--check: what a working nightlight needs, asked in order; what is wrong, and what to do about it.

Changes nothing: it uses a connection and a topic of its own, and leaves the LED dark and nothing retained.
"""

from __future__ import annotations

import platform
import queue
import secrets
import shlex
import socket
import ssl
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from typing import Protocol, TypeVar

from nightlight import notices
from nightlight.address import BrokerAddress
from nightlight.findings import Finding, cross, open_question, report, tick
from nightlight.link import Link, explain
from nightlight.messages import Command, Status, Telemetry, commands_topic, id_of, status_topic, telemetry_topic
from nightlight.notices import Problem

PATIENCE = 3.0
"""Seconds to wait for each answer from the network."""

IN_ALL = 12.0
"""Seconds after which nothing is waited for any more: a check-up is to take less than 15."""

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
        return report(CheckUp(settings, board).findings(), settings.json, settings.quiet)
    finally:
        notices.set_up(settings.quiet, settings.verbose)


class CheckUp:
    """The questions, in groups; each group ends with its first cross."""

    def __init__(self, settings: Namespace, board: Board | None) -> None:
        self._id: str = settings.id
        self._broker: BrokerAddress = settings.broker
        self._qos: int = settings.qos
        self._board = board
        self._end = time.monotonic() + IN_ALL

    def findings(self) -> Iterator[Finding]:
        """Every question's answer, as soon as it is there."""
        yield tick("Python", f"{platform.python_version()}, with the packages that it needs")
        if self._board:
            yield from self._board.questions()
        for finding in self._network():
            yield finding
            if not finding.ok:
                return
        yield from self._mqtt()

    # ---- the way to the broker ----

    def _network(self) -> Iterator[Finding]:
        """Its name, its port, its certificate."""
        broker = self._broker
        asked = "broker"
        try:
            numbers = self._look_up()
            yield tick(asked, broker.host if numbers == broker.host else f"{broker.host} is {numbers}")

            asked = "port"
            with socket.create_connection((broker.host, broker.port), self._patience) as connection:
                yield tick(asked, f"{broker.port} answers")

                asked = "TLS"
                if broker.tls:
                    ssl.create_default_context().wrap_socket(connection, server_hostname=broker.host).close()
                    yield tick(asked, "the broker's certificate is trusted")
        except OSError as error:
            never_answers = asked == "TLS" and isinstance(error, TimeoutError)
            yield cross(asked, _silent(broker) if never_answers else explain(error, broker))

    def _look_up(self) -> str:
        """The numbers behind the broker's name. socket.gaierror if it has none, or if that takes too long."""
        answers: queue.Queue[list[str] | OSError] = queue.Queue()

        def look_up() -> None:  # in a thread, because it knows no time limit of its own
            try:
                found = socket.getaddrinfo(self._broker.host, self._broker.port, type=socket.SOCK_STREAM)
                answers.put([str(address[0]) for *_, address in found])
            except OSError as error:
                answers.put(error)

        threading.Thread(target=look_up, daemon=True).start()
        answer = self._first(answers)
        if isinstance(answer, list):
            return ", ".join(dict.fromkeys(answer))
        raise answer or socket.gaierror(socket.EAI_AGAIN, "no answer")

    # ---- over a connection like that of the scripts ----

    def _mqtt(self) -> Iterator[Finding]:
        """Are we let in, does a message come through, who else is there?"""
        own_topic = f"{self._id.replace('+', 'any')}/check-up-{secrets.token_hex(4)}"
        echoes: queue.Queue[Telemetry] = queue.Queue()
        commands: queue.Queue[Command] = queue.Queue()
        statuses: queue.Queue[tuple[str, Status]] = queue.Queue()

        link = Link(self._broker, qos=self._qos)
        link.subscribe(own_topic, Telemetry, lambda topic, telemetry: echoes.put(telemetry))
        if self._board:
            link.subscribe(commands_topic(self._id), Command, lambda topic, command: commands.put(command))
        else:
            link.subscribe(status_topic(self._id), Status, lambda topic, status: statuses.put((topic, status)))
        with link:
            login = self._login(link)
            yield login
            if not login.ok:
                return
            echo = self._echo(link, own_topic, echoes)
            yield echo
            if not echo.ok:
                return
            if not self._board:
                yield self._device(statuses)
            elif (light := self._board.read_light()) is not None:  # otherwise there is nothing to ask a server with
                yield self._server(link, Telemetry(light), commands)

    def _login(self, link: Link) -> Finding:
        deadline = time.monotonic() + self._patience
        while not (link.session or link.problem) and time.monotonic() < deadline:
            time.sleep(0.01)
        if not link.session:
            return cross("login", link.problem or _silent(self._broker))
        user = self._broker.user
        return tick("login", f"accepted as {user!r}" if user else "accepted without a user's name")

    def _echo(self, link: Link, topic: str, echoes: queue.Queue[Telemetry]) -> Finding:
        started = time.monotonic()
        link.publish(topic, Telemetry(light=0))
        if self._first(echoes):
            return tick("message", f"one to itself came back after {_milliseconds_since(started)}")
        problem = Problem(
            f"The broker does not pass on a message to {topic}.",
            f"Let its access list (acl_file) allow this user to read and write {self._id}/#.",
        )
        return cross("message", problem)

    def _device(self, statuses: queue.Queue[tuple[str, Status]]) -> Finding:
        """The statuses are retained, so they come at once, or not at all."""
        while arrived := self._first(statuses, seconds=1):
            topic, status = arrived
            if status.online:
                return tick("device", f"{id_of(topic)!r} is online")
        return open_question("device", f"none is online with the id {self._id!r}: has it the same --id and --broker?")

    def _server(self, link: Link, telemetry: Telemetry, commands: queue.Queue[Command]) -> Finding:
        """Send what the device would send, and wait for the answer."""
        started = time.monotonic()
        link.publish(telemetry_topic(self._id), telemetry)
        command = self._first(commands)
        if command:
            return tick("server", f"it answers {telemetry} with {command} after {_milliseconds_since(started)}")
        if link.ignored:
            return cross("server", Problem(f"What answers sends no command: {link.ignored}.", "Which program is it?"))
        problem = Problem(
            f"No server answers the readings of {self._id!r}.",
            "Has it the same id and broker? This one would:"
            f" python server/app.py --id {shlex.quote(self._id)} --broker {self._broker.url}",
        )
        return cross("server", problem)

    # ---- waiting ----

    @property
    def _patience(self) -> float:
        """Seconds to wait for the next answer."""
        return max(0.3, min(PATIENCE, self._end - time.monotonic()))

    def _first(self, arriving: queue.Queue[Answer], seconds: float = PATIENCE) -> Answer | None:
        """What arrives first, or None if nothing does in time."""
        try:
            return arriving.get(timeout=min(seconds, self._patience))
        except queue.Empty:
            return None


def _silent(broker: BrokerAddress) -> Problem:
    return Problem(f"{broker} accepts the connection but never answers.", "Is it an MQTT broker?")


def _milliseconds_since(started: float) -> str:
    return f"{(time.monotonic() - started) * 1000:.0f} ms"
