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
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from typing import Protocol, TypeVar

from checkup import many
from checkup.findings import Finding, cross, open_question, report, tick
from nightlight import explain, notices
from nightlight.link import Link
from nightlight.messages import Command, Status, Telemetry, id_of
from nightlight.notices import Problem
from nightlight.settings import Settings
from nightlight.trust import BadCredentials

PATIENCE = 3.0  # seconds to wait for a connection, a certificate, and for the broker to let us in
FOR_THE_BOARD, FOR_THE_BROKER = 9.0, 5.0
"""Seconds for all of it: with one broker a check-up takes less than 15, whatever hangs."""

FOR_MANY = 9.0  # seconds for what is asked only without a board
REFUSES_WITHIN = 0.3  # seconds
FOR_THE_STATUSES, QUIET = 1.0, 0.2  # seconds for the first, and between two
A_MONTH = 30 * 86_400  # seconds

CHECK = "-check"
"""What the user's name ends with that run.py lock has made for a check-up, so that who runs keeps its place."""

Answer = TypeVar("Answer")


class CheckedBoard(Protocol):
    """What the device brings along: its Board."""

    def questions(self) -> Iterator[Finding]: ...
    def __exit__(self, *_: object) -> None: ...


def check_up(settings: Settings, board: CheckedBoard | None = None) -> int:
    """Ask everything: for the device with its `board`, for the server without. The exit status: 0, or 1 for a cross."""
    notices.set_up(mute=True, verbose=settings.verbose)  # what is wrong comes as a finding
    try:
        return report(CheckUp(settings, board).findings(), settings.json, settings.quiet)
    finally:
        notices.set_up(settings.quiet, settings.verbose)


class CheckUp:
    """The questions, in groups; each group ends with its first cross."""

    def __init__(self, settings: Settings, board: CheckedBoard | None) -> None:
        self._id = settings.id
        self._brokers = settings.brokers
        self._broker = settings.brokers[0]  # the one that is asked
        self._qos = settings.qos
        self._shares = settings.shares_readings
        self._board = board
        self._is_locked = bool(settings.credentials) and str(self._broker.user).endswith(CHECK)
        self._light: int | None = None  # what the board has measured
        self._is_here = False  # whether the broker is on this machine
        self._is_let_in = False
        self._hears_itself = False
        self._online: set[str] = set()  # the ids of the devices that are, as far as we have heard

    def findings(self) -> Iterator[Finding]:
        """Every question's answer, as soon as it is there."""
        yield tick("Python", f"{platform.python_version()}, with the packages that it needs")
        if self._board:
            try:
                for finding in _in_time("board", self._board.questions(), FOR_THE_BOARD):
                    if finding.subject == "light" and finding.ok:
                        self._light = int(finding.found)
                    yield finding
            except KeyboardInterrupt:  # in the middle of a blink, perhaps
                off = threading.Thread(target=self._board.__exit__, daemon=True)
                off.start()
                off.join(timeout=2)
                raise
        for broker in self._brokers:
            of_this_one = copy(self)  # one that hangs is left behind, with its own broker
            of_this_one._broker = broker
            yield from _in_time("broker", of_this_one._of_the_broker(), FOR_THE_BROKER)
            yield from _in_time("queue", of_this_one._room_for_many(), FOR_MANY)

    def _of_the_broker(self) -> Iterator[Finding]:
        for finding in self._network():
            yield finding
            if not finding.ok:
                return
        yield from self._mqtt()

    def _room_for_many(self) -> Iterator[Finding]:
        if self._shares and self._hears_itself:
            yield many.sharing(self._broker, self._own_topic(for_many=True))
        if self._is_let_in and "+" in self._id:
            yield from many.room(self._broker, self._own_topic(for_many=True), len(self._online), self._is_here)

    # ---- the way to the broker ----

    def _network(self) -> Iterator[Finding]:
        """Its name, its port, its certificate."""
        broker = self._broker
        asked = "broker"
        try:
            found = socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
            numbers = list(dict.fromkeys(str(address[0]) for *_, address in found))
            yield tick(asked, broker.host if broker.host in numbers else f"{broker.host} is {', '.join(numbers)}")

            asked = "port"
            with socket.create_connection((broker.host, broker.port), PATIENCE / len(numbers)) as connection:
                connection.settimeout(PATIENCE)
                self._is_here = connection.getsockname()[0] == connection.getpeername()[0]
                yield tick(asked, f"{broker.port} answers")

                asked = "TLS"
                if broker.tls:
                    with broker.trust.context().wrap_socket(connection, server_hostname=broker.host) as secure:
                        _hear_refusal(secure)
                        yield _certificate(secure, is_our_own=bool(broker.trust.ca))
        except (OSError, BadCredentials) as error:
            never_answers = asked == "TLS" and isinstance(error, TimeoutError)
            problem = explain.silence(broker) if never_answers else explain.failure(error, broker)
            without_a_word = never_answers or isinstance(error, (ConnectionError, ssl.SSLEOFError))
            yield cross(asked, self._why(problem, without_a_word))

    def _why(self, problem: Problem, without_a_word: bool) -> Problem:
        """A broker of this machine that hangs up, or is silent, may be full."""
        is_full = without_a_word and self._is_here and many.full(self._broker)
        return is_full or problem

    # ---- over a connection like that of the scripts ----

    def _mqtt(self) -> Iterator[Finding]:
        """Are we let in, does a message come through, who else is there?"""
        own_topic = self._own_topic()
        echoes: queue.Queue[Command] = queue.Queue()
        commands: queue.Queue[Command] = queue.Queue()
        readings: queue.Queue[Telemetry] = queue.Queue()
        statuses: queue.Queue[tuple[str, Status]] = queue.Queue()

        link = Link(self._broker, qos=self._qos)
        link.subscribe(own_topic, Command, lambda topic, command: echoes.put(command))
        if self._board:
            link.subscribe(Command.topic(self._id), Command, lambda topic, command: commands.put(command))
            if self._is_locked:
                link.subscribe(Telemetry.topic(self._id), Telemetry, lambda topic, reading: readings.put(reading))
        else:
            link.subscribe(Status.topic(self._id), Status, lambda topic, status: statuses.put((topic, status)))
        with link:
            login = self._login(link)
            yield login
            if login.ok:
                self._is_let_in = True
                yield self._echo(link, own_topic, echoes)
                if not self._board:
                    yield self._device(statuses)
                elif self._light is not None:
                    yield self._server(link, Telemetry(self._light), commands, readings)

    def _own_topic(self, for_many: bool = False) -> str:
        """Where the check-up says something to itself."""
        if self._is_locked:
            return f"check-up/{str(self._broker.user).removesuffix(CHECK)}"  # as its access list has it
        name = f"check-up-{secrets.token_hex(4)}"
        # With a '+' in the id, this is a device that nobody has: a server may command it, whatever its access list.
        # The many messages go where nobody else listens.
        is_command = "+" in self._id and not for_many
        return Command.topic(self._id.replace("+", name)) if is_command else f"{self._id.replace('+', name)}/{name}"

    def _login(self, link: Link) -> Finding:
        deadline = time.monotonic() + PATIENCE
        while not (link.connections or link.problem) and time.monotonic() < deadline:
            time.sleep(0.01)
        if not link.connections:
            problem = link.problem or explain.silence(self._broker)
            without_a_word = problem in (explain.end(self._broker, False, False), explain.silence(self._broker))
            return cross("login", self._why(problem, without_a_word))
        user = self._broker.user
        if self._broker.password and not (self._broker.tls or self._broker.is_this_machine):
            found = f"accepted as {user!r}, but whoever listens can read the password: mqtts:// would hide it"
            return open_question("login", found)
        return tick("login", f"accepted as {user!r}" if user else "accepted without a user's name")

    def _echo(self, link: Link, topic: str, echoes: queue.Queue[Command]) -> Finding:
        """An access list that allows only what the nightlight needs lets none come back."""
        started = time.monotonic()
        link.publish(topic, Command(led_on=False))
        if _first(echoes):
            self._hears_itself = True
            return tick("message", f"one to itself came back after {_milliseconds_since(started)}")
        if link.problem:
            return cross("message", link.problem)
        if self._is_locked:
            return cross("message", self._no_right(f"to write or to read {topic}"))
        found = f"one to itself did not come back; that is right where the access list allows only {self._rights}"
        return open_question("message", found)

    @property
    def _rights(self) -> str:
        if self._board:
            return f"to write {self._id}/telemetry, /led and /status, and to read {Command.topic(self._id)}"
        read = f"{Telemetry.topic(self._id)}, /override and /status"
        return f"to read {read}, and to write {Command.topic(self._id)}"

    def _device(self, statuses: queue.Queue[tuple[str, Status]]) -> Finding:
        """The statuses are retained, so they come at once, or not at all."""
        self._online = set()
        end = time.monotonic() + FOR_THE_STATUSES
        while (now := time.monotonic()) < end:
            arrived = _first(statuses, min(end - now, QUIET) if self._online else end - now)
            if not arrived:
                break
            topic, status = arrived
            if status.online:
                self._online.add(id_of(topic))
            if self._online and "+" not in self._id:
                break
        if not self._online:
            found = f"none is online with the id {self._id!r}: has it the same --id and --broker?"
            return open_question("device", found)
        others = f", and {len(self._online) - 1:,} more" if len(self._online) > 1 else ""
        return tick("device", f"{min(self._online)!r} is online{others}")

    def _no_right(self, what: str) -> Problem:
        """A broker says nothing when it refuses (MQTT 3.1.1 section 3.3.5): only that nothing comes back tells."""
        return Problem(
            f"This user has no right {what}.",
            "Is it in locked/broker/rights where the broker runs, and has the broker read it since (see run.py lock)?",
        )

    def _server(
        self, link: Link, telemetry: Telemetry, commands: queue.Queue[Command], readings: queue.Queue[Telemetry]
    ) -> Finding:
        """Send what the device would send, and wait for the answer."""
        started = time.monotonic()
        link.publish(Telemetry.topic(self._id), telemetry)
        command = _first(commands)
        if command:
            return tick("server", f"it answers {telemetry} with {command} after {_milliseconds_since(started)}")
        if link.problem:
            return cross("server", link.problem)
        if self._is_locked and readings.empty():  # its check-up may hear its own
            return cross("server", self._no_right(f"to write {Telemetry.topic(self._id)}"))
        if link.ignored:
            return cross("server", Problem(f"What answers sends no command: {link.ignored}.", "Which program is it?"))
        return cross(
            "server",
            Problem(
                f"No server answers the readings of {self._id!r}.",
                "Has it the same id and broker? This one would:"
                f" python server/app.py --id {shlex.quote(self._id)} --broker {self._broker.url}"
                f" (If the broker has an access list, does it allow this device {self._rights}?)",
            ),
        )


def _hear_refusal(secure: ssl.SSLSocket) -> None:
    """With TLS 1.3 the broker says only after its own part whether it takes our certificate (RFC 8446, 4.4.2)."""
    secure.settimeout(REFUSES_WITHIN)
    with suppress(TimeoutError):
        secure.recv(1)


def _certificate(secure: ssl.SSLSocket, is_our_own: bool) -> Finding:
    """The broker's; one from an authority of our own, nobody else renews."""
    end = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    day = time.strftime("%Y-%m-%d", time.gmtime(end))
    if is_our_own and end - time.time() < A_MONTH:
        found = f"the broker's certificate ends on {day}: renew it there, for example with python3 run.py lock --renew"
        return open_question("TLS", found)
    return tick("TLS", f"the broker's certificate is trusted, until {day}")


def _milliseconds_since(started: float) -> str:
    return f"{(time.monotonic() - started) * 1000:.0f} ms"


def _first(arriving: queue.Queue[Answer], seconds: float = 1.5) -> Answer | None:
    """What arrives first, or None if nothing does in time."""
    try:
        return arriving.get(timeout=seconds)
    except queue.Empty:
        return None


def _in_time(subject: str, findings: Iterator[Finding], seconds: float) -> Iterator[Finding]:
    """These findings, as far as they come in so many seconds; what hangs is left behind, in a thread of its own."""
    arriving: queue.Queue[Finding | None] = queue.Queue()

    def ask() -> None:
        try:
            for finding in findings:
                arriving.put(finding)
        except Exception as error:
            arriving.put(cross(subject, Problem(f"The check-up itself failed: {error!r}.", "Please tell its authors.")))
        arriving.put(None)

    threading.Thread(target=ask, daemon=True).start()
    end = time.monotonic() + seconds
    try:
        while finding := arriving.get(timeout=max(0, end - time.monotonic())):
            yield finding
    except queue.Empty:
        yield cross(subject, Problem("It does not come to an end with its answer.", "Is it overloaded? Restart it."))
