"""Crowd: many connections to one broker, in one loop."""

from __future__ import annotations

import random
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable

from bench.fleet.mqtt import Connection, Party
from nightlight import explain
from nightlight.address import BrokerAddress
from nightlight.notices import Problem

KEEP_ALIVE = 30  # seconds
ANSWER_WITHIN = 5.0  # seconds that a broker has to let one in
AGAIN_AFTER = 0.5  # seconds after which one that was not let in, or was cut off, comes again
AT_ONCE = 50  # so many wait at the broker's door at a time: Mosquitto has room for 100
ENOUGH = 20  # when so many in a row were turned away, the broker is full

REFUSALS = {
    1: "Unsupported protocol version",
    2: "Client identifier not valid",
    3: "Server unavailable",
    4: "Bad user name or password",
    5: "Not authorized",
}
"""MQTT 3.1.1 section 3.2.2.3, in the words of paho-mqtt."""
FULL = 3


class Crowd:
    """Lets its parties in as fast as the broker does, keeps them there, and notices when it is full."""

    def __init__(self, broker: BrokerAddress, parties: Iterable[Party]) -> None:
        """OSError if there is no way to the broker."""
        self.refusal: Problem | None = None
        """Why the broker does not want one of them, if it says so."""
        self.is_full = False
        """Whether the broker turns away all who were not in yet. They do not come again."""
        self._broker = broker
        with socket.create_connection((broker.host, broker.port), ANSWER_WITHIN) as trial:  # of its addresses, one
            self._family, self._address = trial.family, trial.getpeername()
        self._selector = selectors.DefaultSelector()
        self._outside = deque((0.0, party) for party in parties)  # with the time from which on they may come
        self._at_the_door: dict[Connection, float] = {}  # since when
        self._inside: dict[Connection, float] = {}  # when it was tended last
        self._were_inside: set[Party] = set()
        self._turned_away = 0  # in a row
        self._is_silent = False  # whether that was by not answering
        self._tended_at = 0.0

    def __len__(self) -> int:
        """How many are in."""
        return len(self._inside)

    @property
    def problem(self) -> Problem:
        """Why nobody is let in, when that has been so for a while."""
        return self.refusal or explain.end(self._broker, was_open=False, was_silent=self._is_silent)

    @property
    def is_settled(self) -> bool:
        """Whether all are in who can be."""
        return not (self._outside or self._at_the_door)

    def step(self, longest: float) -> None:
        """Read and write what there is; wait so many seconds for it at most."""
        now = time.monotonic()
        while self._outside and len(self._at_the_door) < AT_ONCE and self._outside[0][0] <= now:
            self._come(self._outside.popleft()[1], now)
        for key, events in self._selector.select(longest):
            connection: Connection = key.data
            try:
                if events & selectors.EVENT_READ:
                    connection.read()
                if connection.wants_to_write:
                    connection.write()
            except (OSError, ValueError, IndexError) as error:  # or it has sent what is not MQTT
                self._ended(connection, not isinstance(error, ConnectionRefusedError) or connection.refusal == FULL)
                continue
            if connection.is_open and connection in self._at_the_door:
                self._let_in(connection)
            self._watch(connection, key.events)
        if now - self._tended_at >= 1:
            self._tended_at = now
            self._tend(now)

    def close(self) -> None:
        for connection in [*self._at_the_door, *self._inside]:
            connection.socket.close()
        self._selector.close()

    def _come(self, party: Party, now: float) -> None:
        user, password = self._broker.user, self._broker.password
        connection = Connection(party, self._family, self._address, KEEP_ALIVE, user, password)
        self._selector.register(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)
        self._at_the_door[connection] = now

    def _let_in(self, connection: Connection) -> None:
        self._inside[connection] = self._at_the_door.pop(connection)
        self._were_inside.add(connection.party)
        self._turned_away = 0

    def _ended(self, connection: Connection, is_turned_away: bool) -> None:
        """It is over with this connection."""
        self._selector.unregister(connection.socket)
        connection.socket.close()
        if self._inside.pop(connection, None) is not None:
            connection.party.closed()
            is_turned_away = False
        self._at_the_door.pop(connection, None)
        if connection.refusal not in (0, FULL):
            reason = REFUSALS.get(connection.refusal, f"code {connection.refusal}")
            self.refusal = explain.refusal(reason, self._broker)
        self._turned_away += is_turned_away
        if self._turned_away >= ENOUGH and self._inside and not self.is_full:
            self.is_full = True
            self._outside = deque(entry for entry in self._outside if entry[1] in self._were_inside)
        if connection.party in self._were_inside or not self.is_full:
            # Not all at the same moment: after the broker's restart thousands come.
            self._outside.append((time.monotonic() + AGAIN_AFTER * random.uniform(1, 2), connection.party))

    def _watch(self, connection: Connection, events: int) -> None:
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.wants_to_write else 0)
        if events != wanted:
            self._selector.modify(connection.socket, wanted, connection)

    def _tend(self, now: float) -> None:
        """Each second: give up who waits for too long, and show the broker that we are there."""
        for connection, since in list(self._at_the_door.items()):
            if now - since > ANSWER_WITHIN:
                self._is_silent = True
                self._ended(connection, is_turned_away=True)
        for connection, tended_at in self._inside.items():
            if now - tended_at >= KEEP_ALIVE / 2:
                self._inside[connection] = now
                connection.ping()
                connection.write()
            if connection.wants_to_write:
                self._watch(connection, events=0)
