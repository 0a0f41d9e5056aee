"""Readings: light levels on disk, in order, until nobody needs them any more."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from nightlight.messages import LATEST, MAX_LIGHT, Telemetry
from nightlight.notices import Trouble, warn

ROOM, ATTEMPTS = 500, 4
"""How many of the oldest are given up at a time, to make room for a new one on a full disk, and how often."""

LOG_PAGES = 64  # of 4 kB; so many may the log have before they go to where they belong
RESERVE = 1_000_000  # bytes
RETRY = 10.0  # seconds between attempts to use a disk that fails
MOST = 2**53  # no number of a reading comes near it

VERSION = 1
TABLE = "CREATE TABLE readings (number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL, light INTEGER)"
"""What is in the file; it holds the version in its user_version. Another version does not fit."""

GOOD = f"""number > 0 AND typeof(time) = 'real' AND abs(time) < {LATEST}
    AND typeof(light) = 'integer' AND light BETWEEN 0 AND {MAX_LIGHT}"""
"""What every row of the table has to be."""

Answer = TypeVar("Answer")


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
            self._be_open()

    def add(self, telemetry: Telemetry) -> int | None:
        """Keep this one; its number, or None if the disk does not take it."""
        with self._lock:
            self._be_open()
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

    def _be_open(self) -> None:
        for _ in range(2):  # if a file is damaged, and can be set aside, there is a new one
            if not self._database and time.monotonic() >= self._next_try:
                self._try(self._open)

    def _open(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._database = database = sqlite3.connect(
            self._file, timeout=0.1, isolation_level=None, check_same_thread=False
        )
        database.text_factory = bytes  # damaged text must not stop us
        # A log that is written ahead: a reading costs no wait for the disk, and a power cut damages nothing.
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
            database.execute(f"PRAGMA {setting}")
        database.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        [[verdict]] = database.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != b"ok":
            raise sqlite3.DatabaseError(" ".join(verdict.decode(errors="replace").split()))
        self._check_table(database)
        if bad := database.execute(f"DELETE FROM readings WHERE NOT ({GOOD})").rowcount:
            warn(f"Of the kept readings {bad:,} are damaged, and left out ({self._file}).")
        [[self._count]] = database.execute("SELECT count(*) FROM readings").fetchall()
        numbers = "SELECT number FROM readings UNION SELECT CAST(seq AS INTEGER) FROM sqlite_sequence"
        [[last]] = database.execute(f"SELECT coalesce(max(number), 0) FROM ({numbers})").fetchall()
        if last > MOST:
            raise sqlite3.DatabaseError(f"a reading has the number {last}")
        self._last = max(self._last, last)  # a new file in place of a damaged one goes on counting
        self._take_reserve()

    def _check_table(self, database: sqlite3.Connection) -> None:
        """Make the table in a new file; DatabaseError if there is another one."""
        [[version]] = database.execute("PRAGMA user_version").fetchall()
        tables = database.execute("SELECT sql FROM sqlite_master WHERE name = 'readings'").fetchall()
        if not tables and not version:
            database.execute(TABLE)
            database.execute(f"PRAGMA user_version = {VERSION}")
        elif (version, tables) != (VERSION, [(TABLE.encode(),)]):
            raise sqlite3.DatabaseError(f"its table is not that of version {VERSION} (version {version})")

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
                too_many = self._count - self._at_most + 1
                self._make_room(too_many, f"{self._at_most:,} readings are kept, and no more.")
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
        return self._last

    def _select(self, number: int, at_most: int) -> list[tuple[int, Telemetry]]:
        if not self._database:
            return []
        rows = self._database.execute(
            "SELECT number, time, light FROM readings WHERE number > ? ORDER BY number LIMIT ?", (number, at_most)
        )
        return [(number, Telemetry(light, time)) for number, time, light in rows]

    def _delete(self, which: str, value: int) -> None:
        if self._database:
            self._count -= self._database.execute(f"DELETE FROM readings WHERE {which}", (value,)).rowcount

    def _make_room(self, how_many: int, why: str) -> None:
        if how_many > 0:
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
        except (sqlite3.Error, UnicodeError) as error:
            self._give_up()
            self._set_aside(error)
        return None

    def _give_up(self) -> None:
        """Close the file, and leave it alone for a while."""
        if self._database:
            with contextlib.suppress(sqlite3.Error, UnicodeError):
                self._database.close()
            self._database = None
        self._next_try = time.monotonic() + RETRY

    def _set_aside(self, error: Exception) -> None:
        """Give a damaged file another name, so that somebody may rescue what is in it. The next one is new."""
        name = f"{self._file.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        damaged = self._file.with_name(name)
        try:
            self._file.rename(damaged)
            with contextlib.suppress(FileNotFoundError):
                self._file.with_name(f"{self._file.name}-wal").rename(f"{damaged}-wal")
        except OSError as refusal:
            self._trouble.say(
                f"The kept readings in {self._file} are damaged ({error}), and cannot be set aside ({refusal})."
                " New ones are sent, or let go. Give the file another name, or remove it."
            )
            return
        warn(f"The kept readings are damaged ({error}). The file is set aside as {damaged}, and a new one begun.")
        self._count = 0
        self._next_try = 0
