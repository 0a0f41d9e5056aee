"""Outbox: where readings go. One kind lets go what cannot be sent now, the other keeps it until the broker has it."""

from __future__ import annotations

import threading
import time
from argparse import Namespace
from collections import deque
from pathlib import Path
from typing import Protocol

from device.readings import Readings
from nightlight.link import Delivery, Link
from nightlight.messages import Telemetry, telemetry_topic

WINDOW = 100
"""How many kept readings are on their way at a time: enough to keep the connection busy, few enough for a fresh
one not to wait long behind them."""

BATCH = 500
"""How many are taken from the disk, and removed from it, in one go."""


class Outbox(Protocol):
    """What takes light levels for the server."""

    def __enter__(self) -> Outbox: ...

    def __exit__(self, *_: object) -> None: ...

    def send(self, light: int) -> bool:
        """Whether this level is on its way, or will be."""


class DroppingOutbox:
    """For a lamp only the newest reading counts: what cannot be sent now is let go."""

    def __init__(self, link: Link, id: str) -> None:
        self._link = link
        self._topic = telemetry_topic(id)

    def __enter__(self) -> DroppingOutbox:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, light: int) -> bool:
        return self._link.publish(self._topic, Telemetry(light)) is not None


class KeepingOutbox:
    """Every reading goes to the disk first, with its time, and stays there until the broker has acknowledged it.

    They are sent in order, by a thread of its own. While older ones wait, a fresh one is sent at once
    as well, ahead of its turn: the lamp should not wait for the past. So each arrives at least once.
    """

    def __init__(self, link: Link, id: str, folder: Path, at_most: int) -> None:
        self._link = link
        self._topic = telemetry_topic(id)
        self._readings = Readings(folder, id, at_most)
        self._news = threading.Event()
        self._closing = False
        self._session = 0
        self._sent = 0
        """The number of the newest reading that has been put on its way in order, in that session."""
        self._thread = threading.Thread(target=self._send_in_order, name="outbox", daemon=True)

    def __enter__(self) -> KeepingOutbox:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._news.set()
        self._thread.join(timeout=1)
        self._readings.close()

    def send(self, light: int) -> bool:
        telemetry = Telemetry(light, round(time.time(), 3))
        number = self._readings.add(telemetry)
        if number is None:  # the disk does not take it
            return self._link.publish(self._topic, telemetry) is not None
        if self._readings.count_after(self._sent_in(self._link.session)) > WINDOW:
            self._link.publish(self._topic, telemetry)  # ahead of its turn
        self._news.set()
        return True

    def _sent_in(self, session: int) -> int:
        """The number of the newest reading that is on its way in this session; 0 if none is."""
        return self._sent if self._session == session else 0

    # ---- the outbox's own thread ----

    def _send_in_order(self) -> None:
        """Keep a few readings on their way, oldest first, and remove what has arrived."""
        waiting: deque[tuple[int, Telemetry]] = deque()
        on_their_way: deque[tuple[int, Delivery]] = deque()
        while not self._closing:
            if self._session != self._link.session:  # what the last connection did not deliver is sent again
                self._sent = 0  # before the session, for the other thread
                self._session = self._link.session
                waiting.clear()
                on_their_way.clear()
            if not waiting:
                waiting.extend(self._readings.after(self._sent, BATCH))
            while waiting and len(on_their_way) < WINDOW and self._session == self._link.session:
                number, telemetry = waiting[0]
                delivery = self._link.publish(self._topic, telemetry)
                if not delivery:
                    break
                waiting.popleft()
                self._sent = number
                on_their_way.append((number, delivery))
            self._wait(on_their_way)
            self._remove_what_has_arrived(on_their_way)

    def _wait(self, on_their_way: deque[tuple[int, Delivery]]) -> None:
        """For half of them to arrive, so that not every single one takes a turn; or for something to send."""
        if on_their_way and self._link.session == self._session:
            on_their_way[len(on_their_way) // 2][1].wait(0.2)
        elif self._news.wait(timeout=0.2):
            self._news.clear()

    def _remove_what_has_arrived(self, on_their_way: deque[tuple[int, Delivery]]) -> None:
        arrived = 0
        while on_their_way and on_their_way[0][1].has_arrived():
            arrived = on_their_way.popleft()[0]
        if arrived:
            self._readings.remove_through(arrived)


def open_outbox(link: Link, settings: Namespace) -> Outbox:
    """The outbox for `--offline drop` or `--offline keep`."""
    if settings.offline == "keep":
        return KeepingOutbox(link, settings.id, settings.keep_in, settings.keep_at_most)
    return DroppingOutbox(link, settings.id)
