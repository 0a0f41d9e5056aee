"""What keeps a fleet small, and what to do about it. What a broker allows is told by checkup/limits.py."""

from __future__ import annotations

import statistics
import sys
import time

from bench.fleet.mqtt import Connection
from checkup.limits import LOOK_THERE, RAISE_QUEUE, open_files
from nightlight.address import BrokerAddress
from nightlight.notices import Problem

BESIDE = 100
"""Files that this process has open beside its devices' connections."""

ON_WINDOWS = 500  # sockets that its select() takes

DROPPED = "$SYS/broker/publish/messages/dropped"  # mosquitto(8), Broker Status


def room_for(devices: int) -> tuple[int, Problem | None]:
    """How many of them this process can connect, and what is wrong if that is not all."""
    if sys.platform == "win32":
        if devices <= ON_WINDOWS:
            return devices, None
        what = f"Windows lets one process wait for {ON_WINDOWS} connections, so {ON_WINDOWS} devices play."
        return ON_WINDOWS, Problem(what, "Play more on Linux or macOS, or start more than one fleet.")
    import resource  # noqa: PLC0415 (it is not on Windows)

    wanted = devices + BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    no_end = resource.RLIM_INFINITY
    if soft != no_end and soft < wanted:
        soft = wanted if hard == no_end else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == no_end or soft >= wanted:
        return devices, None
    room = max(1, soft - BESIDE)
    what = f"This process may open no more than {soft:,} files, so {room:,} of {devices:,} devices play."
    return room, Problem(what, f"As root run  ulimit -n {2 * wanted}  in this terminal, and start the fleet there.")


def broker_is_full(let_in: int, wanted: int, broker: BrokerAddress) -> Problem:
    """The broker hangs up on each further device, or does not answer it."""
    what = f"The broker takes {let_in:,} of {wanted:,} devices and turns away all others"
    files = open_files(broker.port) if broker.is_this_machine else None
    if not files:
        what += ": it may open no more files, or its mosquitto.conf has a max_connections."
        return Problem(what, LOOK_THERE)
    if not files.is_full:
        what += f", although it may open {files.most:,} files."
        return Problem(what, "Has its mosquitto.conf a max_connections? Raise it, and start the broker again.")
    what += f": it may open {files.most:,} files, and each connection is one."
    return Problem(what, files.remedy)


def queue_is_full(dropped: int) -> Problem:
    """Messages waited for a client that is slower than they come, until there was no room for more."""
    return Problem(
        f"The broker has thrown away {dropped:,} messages: more than max_queued_messages (1,000 if its mosquitto.conf"
        " does not say) waited for one client, which is too slow; most likely the server.",
        f"{RAISE_QUEUE} Without --group, a second server (--share) helps as well.",
    )


def no_command(id: str, broker: str) -> Problem:
    """Nobody has answered a single reading."""
    return Problem(
        "No command has come.",
        f"Is a server running there? python server/app.py --id '{id}/+' --broker {broker} --group median",
    )


class Witness:
    """Hears what the broker tells of itself, which is each 10 s, if at all, and what it sends to itself."""

    last_will: tuple[str, bytes] | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.dropped = 0
        """How many messages the broker has thrown away since we began to listen."""
        self.echoes: list[float] = []
        """For each message to itself, the seconds until it was back."""
        self._before: int | None = None
        self._connection: Connection | None = None

    def ask(self) -> None:
        """Send a message to itself, if it can."""
        if self._connection:
            self._connection.publish(f"{self.name}/echo", repr(time.monotonic()).encode(), qos=0)
            self._connection.write()

    def rows(self) -> list[str]:
        """How long they took: what is slow, the broker or the server?"""
        if not self.echoes:
            return []
        usual, most = statistics.median(self.echoes), max(self.echoes)
        return [
            f"A message to itself took the fleet {usual * 1000:.1f} ms over the broker, at most {most * 1000:.0f} ms."
        ]

    def opened(self, connection: Connection) -> None:
        self._connection = connection
        connection.subscribe(DROPPED, qos=0)
        connection.subscribe(f"{self.name}/echo", qos=0)

    def heard(self, topic: str, payload: bytes) -> None:
        if topic.endswith("/echo"):
            self.echoes.append(time.monotonic() - float(payload))
        elif topic == DROPPED and payload.isdigit():
            count = int(payload)
            if self._before is None or count < self._before:  # or the broker has been started again
                self._before = count
            self.dropped = count - self._before

    def closed(self) -> None:
        self._connection = None
