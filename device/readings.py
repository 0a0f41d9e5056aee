"""Readings: light levels on disk, in order, until nobody needs them any more."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from nightlight.messages import Telemetry
from nightlight.notices import Trouble, say, warn

ROOM, ATTEMPTS = 500, 4
"""How many of the oldest are given up at a time, to make room for a new one on a full disk, and how often."""

LOG_PAGES = 64
"""How many pages of 4 kB the log may have before they go to where they belong."""

RESERVE = 1_000_000
"""Bytes."""

Answer = TypeVar("Answer")

RETRY = 10.0
"""Seconds between attempts to use a disk that fails."""


class Readings:
    """Light levels in an SQLite file, numbered in order, at most so many; the oldest go first.

    A file that is damaged is set aside, not deleted. Nothing that a disk does is raised; it is said.
    """

    def __init__(self, folder: Path, id: str, at_most: int) -> None:
        self._file = folder / f"{quote(id, safe='')}.sqlite3"
        self._reserve = self._file.with_suffix(".reserve")
        self._at_most = at_most
        self._lock = threading.Lock()
        self._trouble = Trouble()
        self._next_try = 0.0
        self._count = self._last = 0
        self._database: sqlite3.Connection | None = None
        with self._lock:
            self._try(self._open)
        if self._count:
            say(f"{self._count:,} kept readings wait to be sent.")

    def add(self, telemetry: Telemetry) -> int | None:
        """Keep this one; its number, or None if the disk does not take it."""
        with self._lock:
            if not self._database and time.monotonic() >= self._next_try:
                self._try(self._open)
            return self._try(lambda: self._insert(telemetry))

    def after(self, number: int, at_most: int) -> list[tuple[int, Telemetry]]:
        """The first ones after this number, oldest first, each with its own number."""
        with self._lock:
            return self._try(lambda: self._select(number, at_most)) or []

    def count_after(self, number: int) -> int:
        """How many there are after this number."""
        with self._lock:
            return min(self._count, self._last - number)  # only the oldest ever go, so there are no gaps

    def remove_through(self, number: int) -> None:
        """These have arrived."""
        with self._lock:
            self._try(lambda: self._delete("number <= ?", number))
            if not self._count and self._database:
                self._trouble.over()

    def close(self) -> None:
        with self._lock:
            self._give_up()

    # ---- with the lock, on an open database ----

    def _open(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._database = database = sqlite3.connect(
            self._file, timeout=1, isolation_level=None, check_same_thread=False
        )
        # A log that is written ahead: a reading costs no wait for the disk, and a power cut damages nothing.
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
            database.execute(f"PRAGMA {setting}")
        database.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        [[verdict]] = database.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        database.execute(
            "CREATE TABLE IF NOT EXISTS readings (number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL, light INTEGER)"
        )
        [[self._count]] = database.execute("SELECT count(*) FROM readings").fetchall()
        [[last]] = database.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchall()
        self._last = max(self._last, last)  # a new file in place of a damaged one goes on counting
        self._take_reserve()

    def _take_reserve(self) -> None:
        """Some space to give back when the disk is full: removing readings takes a little as well."""
        with contextlib.suppress(OSError):
            self._reserve.write_bytes(bytes(RESERVE))

    def _insert(self, telemetry: Telemetry) -> int | None:
        if not self._database:
            return None
        row = (self._last + 1, telemetry.time, telemetry.light)
        for attempt in range(ATTEMPTS):
            try:
                self._database.execute("INSERT INTO readings VALUES (?, ?, ?)", row)
                break
            except sqlite3.OperationalError as error:
                if attempt == ATTEMPTS - 1 or not self._count:
                    raise
                self._reserve.unlink(missing_ok=True)
                self._make_room(ROOM, f"The disk does not take another reading ({error}).")
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._take_reserve()
        self._last += 1
        self._count += 1
        if self._count > self._at_most:
            self._make_room(self._count - self._at_most, f"{self._at_most:,} readings are kept, and no more.")
        return self._last

    def _select(self, number: int, at_most: int) -> list[tuple[int, Telemetry]]:
        if not self._database:
            return []
        rows = self._database.execute(
            "SELECT number, time, light FROM readings WHERE number > ? ORDER BY number LIMIT ?", (number, at_most)
        )
        return [(number, Telemetry(int(light), float(time))) for number, time, light in rows]

    def _delete(self, which: str, value: int) -> None:
        if self._database:
            self._count -= self._database.execute(f"DELETE FROM readings WHERE {which}", (value,)).rowcount

    def _make_room(self, how_many: int, why: str) -> None:
        if how_many:
            self._trouble.say(f"{why} From now on the oldest of the kept readings give way to the newest.")
            self._delete("number IN (SELECT number FROM readings ORDER BY number LIMIT ?)", how_many)

    # ---- when the disk fails ----

    def _try(self, action: Callable[[], Answer]) -> Answer | None:
        """What the action returns; None, with a line that says why, if the disk does not let it."""
        try:
            return action()
        except (sqlite3.OperationalError, OSError) as error:
            self._trouble.say(f"Readings cannot be kept in {self._file}: {error}. They are sent, or let go.")
            self._give_up()
        except sqlite3.DatabaseError as error:
            self._give_up()
            self._set_aside(error)
        return None

    def _give_up(self) -> None:
        """Close the file, and leave it alone for a while."""
        if self._database:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            with contextlib.suppress(OSError):
                self._reserve.unlink(missing_ok=True)
            self._database = None
        self._next_try = time.monotonic() + RETRY

    def _set_aside(self, error: Exception) -> None:
        """Give a damaged file another name, so that somebody may rescue what is in it, and begin a new one."""
        damaged = self._file.with_name(f"{self._file.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        with contextlib.suppress(OSError):
            self._file.rename(damaged)
            self._file.with_name(f"{self._file.name}-wal").unlink(missing_ok=True)
        warn(f"The kept readings are damaged ({error}). The file is set aside as {damaged}, and a new one begun.")
        self._count = 0
        self._try(self._open)
