"""Outbox: where readings go. One kind lets go what cannot be sent now, the other keeps it until the broker has it."""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import partial
from pathlib import Path

from device.readings import Readings
from device.settings import DeviceSettings
from nightlight.connection import nobody
from nightlight.link import Link
from nightlight.messages import Telemetry
from nightlight.notices import Trouble, say

MOST_ON_THEIR_WAY = 5  # of readings where only the newest counts
WINDOW = 20  # kept readings on their way at a time: enough to keep a connection busy, few enough to wait behind
BATCH = 500  # so many are taken from the disk in one go
PROOF_WITHIN = 10.0  # seconds after which a broker is named that acknowledges readings but does not pass them on


class Outbox:
    """Lets go what cannot be sent now: for a lamp only the newest reading counts."""

    def __init__(self, link: Link, id: str) -> None:
        self._link = link
        self._topic = Telemetry.topic(id)

    def __enter__(self) -> Outbox:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, light: int) -> bool:
        """Whether this light level is on its way to the server, or will be."""
        # On a slow line, old levels that wait would make the newest wait. With somebody to tell, one counts as
        # waiting also at QoS 0.
        return self._link.waiting < MOST_ON_THEIR_WAY and self._link.publish(self._topic, Telemetry(light), nobody)


class Passage:
    """What has become of the kept readings on one connection. Their numbers are those on the disk."""

    def __init__(self, connection: int) -> None:
        self.connection = connection
        self.began = time.monotonic()
        self.sent = 0
        """The newest that has been put on its way in order."""
        self.on_their_way: deque[int] = deque()
        self.arrived: set[int] = set()
        """Those of them that the broker has."""
        self.said: deque[Telemetry] = deque(maxlen=2 * WINDOW)
        """What has been published, until one of them comes back."""
        self.is_proved = False
        """Whether one has: then the broker passes on what this device says."""


class KeepingOutbox(Outbox):
    """Every reading goes to the disk first, with its time, and stays there until the broker has it.

    They are sent in order, by a thread of its own. A fresh one that would have to wait is sent at once as
    well, ahead of its turn: the lamp should not wait for the past. So each arrives at least once.

    A broker acknowledges also what its access list throws away (MQTT 3.1.1 section 3.3.5). So nothing leaves
    the disk until, on this connection, one of the readings has come back to the device itself.
    """

    def __init__(self, link: Link, id: str, folder: Path, at_most: int) -> None:
        super().__init__(link, id)
        self._readings = Readings(folder, id, at_most)
        self._passage = Passage(connection=0)
        self._trouble = Trouble()
        self._news = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        link.subscribe(self._topic, Telemetry, self._comes_back)

    def __enter__(self) -> Outbox:
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
            return self._link.publish(self._topic, telemetry)
        passage = self._passage
        room = WINDOW - len(passage.on_their_way)
        if self._readings.count_after(passage.sent) > room:
            passage.said.append(telemetry)
            self._link.publish(self._topic, telemetry)  # ahead of its turn
        self._news.set()
        return True

    # ---- the link's thread ----

    def _comes_back(self, topic: str, telemetry: Telemetry) -> None:
        """The device hears a reading of its own."""
        passage = self._passage
        if passage.connection != self._link.connections:
            return  # a fresh one was sent on this connection before its passage began, which wants a proof of its own
        if telemetry in passage.said:
            passage.is_proved = True
            self._trouble.over()
            self._link.unsubscribe(self._topic)
            self._news.set()

    # ---- the outbox's own thread ----

    def _work(self) -> None:
        """Keep readings on their way. Nothing but close() ends this, since send() relies on it."""
        while not self._closing:
            try:
                self._serve(Passage(self._link.connections))
            except Exception as error:
                self._trouble.say(f"Kept readings cannot be sent ({error!r}). Trying again...")
                time.sleep(1)

    def _serve(self, passage: Passage) -> None:
        """On this connection keep a few on their way, oldest first, and remove what has arrived."""

        def arrive(number: int) -> None:  # in the link's thread, mostly
            passage.arrived.add(number)
            if len(passage.arrived) >= min(WINDOW // 2, len(passage.on_their_way)):  # not each one takes a turn
                self._news.set()

        self._passage = passage  # what the last connection did not deliver is sent again
        if passage.connection and (count := self._readings.count_after(0)) > 1:
            say(f"{count:,} kept readings are sent.")
        waiting: deque[tuple[int, Telemetry]] = deque()
        while not self._closing and passage.connection == self._link.connections:
            if not waiting:
                waiting.extend(self._readings.after(passage.sent, BATCH))
            while waiting and len(passage.on_their_way) < WINDOW and passage.connection == self._link.connections:
                number, telemetry = waiting[0]
                passage.said.append(telemetry)
                if not self._link.publish(self._topic, telemetry, partial(arrive, number)):
                    break
                passage.sent, _ = waiting.popleft()
                passage.on_their_way.append(number)
            if self._news.wait(timeout=0.2):
                self._news.clear()
            removed = 0
            while passage.is_proved and passage.on_their_way and passage.on_their_way[0] in passage.arrived:
                removed = passage.on_their_way.popleft()
                passage.arrived.remove(removed)
            if removed:
                self._readings.remove_through(removed)
            elif passage.arrived and not passage.is_proved and time.monotonic() - passage.began > PROOF_WITHIN:
                self._trouble.say(
                    f"Readings stay on the disk: the broker takes them, but does not pass on {self._topic} to this"
                    " device. Let its access list (acl_file) allow this user to write and to read that topic."
                )


def open_outbox(link: Link, settings: DeviceSettings) -> Outbox:
    """The outbox for `--offline drop` or `--offline keep`."""
    if settings.offline == "keep":
        return KeepingOutbox(link, settings.id, settings.keep_in, settings.keep_at_most)
    return Outbox(link, settings.id)
