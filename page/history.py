"""History: the light and the LEDs of the last days, on disk."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from nightlight.notices import Trouble, warn

PAUSE = 1.0  # seconds from one writing to the next: so much a crash may cost
RETRY = 10.0  # seconds between attempts to use a disk that fails
PRUNE = 60.0  # seconds from one look for what is too old to the next
MOST = 5_000_000  # readings, and as many LED states; some 50 bytes each
MOST_IN_MEMORY = 200_000  # while the disk fails
MOST_WAITING = 100_000  # for the disk
LONGEST_NAME = 150  # characters of a file's; two pages whose ids are the same so far may share it
CHUNK = 2_000  # rows that are read at a time, so that writing need not wait

VERSION = 1
TABLES = """
    CREATE TABLE lamps (lamp INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL);
    CREATE TABLE readings (lamp INTEGER, time REAL, light INTEGER, PRIMARY KEY (lamp, time)) WITHOUT ROWID;
    CREATE TABLE leds (lamp INTEGER, time REAL, led_on INTEGER, by TEXT, PRIMARY KEY (lamp, time)) WITHOUT ROWID;
    CREATE INDEX readings_by_time ON readings (time);
    CREATE INDEX leds_by_time ON leds (time);
"""
PUT = {
    "readings": "INSERT OR REPLACE INTO readings SELECT lamp, ?, ? FROM lamps WHERE id = ?",
    "leds": "INSERT OR REPLACE INTO leds SELECT lamp, ?, ?, ? FROM lamps WHERE id = ?",
}

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Curve:
    """The light of one lamp in a span of time, and its LED. Times are in seconds since the epoch, in order."""

    light: list[tuple[float, int]]
    led: list[tuple[float, bool]]


class History:
    """What was measured and what the LEDs were, for so many days; the oldest go first.

    It is told things by any thread and writes them a second later, in a thread of its own. What a disk does is said,
    and never raised: a damaged file is set aside, and while a disk is full, the history is kept in memory.
    """

    def __init__(self, file: Path | None, days: float, at_most: int = MOST) -> None:
        """Without a `file`, it is kept in memory."""
        self.problem = ""
        """What is wrong with it, to be read after "The history"; "" if nothing is."""
        self._damage = ""
        self._file = file
        self._days = days
        self._at_most = at_most
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, tuple[object, ...]]] = deque(maxlen=MOST_WAITING)
        self._trouble = Trouble()
        self._next_try = self._next_prune = 0.0
        self._database: sqlite3.Connection | None = None
        self._is_on_disk = False
        self._inode = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_writing, name="history", daemon=True)

    def __enter__(self) -> History:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(timeout=3)

    def put_light(self, id: str, time: float, light: int) -> None:
        """The light of this lamp, when it was measured (seconds since the epoch)."""
        self._waiting.append(("readings", (time, light, id)))

    def put_led(self, id: str, time: float, led_on: bool, by: str) -> None:
        """What its LED is from now on, and who said so."""
        self._waiting.append(("leds", (time, led_on, by, id)))

    def curve(self, id: str, start: float, end: float, most: int = 600) -> Curve:
        """What there is between two times, and what went before. Of many readings the lowest and highest remain."""
        with self._lock:
            self._write()
            return self._try(lambda: self._select(id, start, end, most)) or Curve([], [])

    def rows(self, id: str) -> Iterator[tuple[float, int | None, bool | None, str | None]]:
        """All there is of a lamp, in order: a time, and the light, or the LED and who said so."""
        after = float("-inf")
        while True:
            with self._lock:
                self._write()
                rows = self._try(lambda after=after: self._select_rows(id, after)) or []  # type: ignore[misc]
            is_all = len(rows) < CHUNK
            if not is_all:  # of the last time there may be another one, which comes with the next
                rows = [row for row in rows if row[0] < rows[-1][0]]
            yield from ((time, light, None if on is None else bool(on), by) for time, light, on, by in rows)
            if is_all:
                return
            after = rows[-1][0]

    def knows(self, id: str) -> bool:
        """Whether there is anything of this lamp."""
        return next(self.rows(id), None) is not None

    # ---- in its own thread ----

    def _keep_writing(self) -> None:
        while not self._closing.wait(PAUSE):
            if self._waiting or time.monotonic() >= self._next_prune:
                with self._lock:
                    self._write()
        with self._lock:
            self._write()
            self._give_up()

    # ---- with the lock ----

    def _write(self) -> None:
        """Write what waits, and leave out what is too old by now."""
        self._be_open()
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if self._try(lambda: self._insert(waiting)) is None and waiting:
            self._be_open()  # in memory now, or in a new file
            self._try(lambda: self._insert(waiting))
            self._be_open()
        if time.monotonic() >= self._next_prune:
            self._next_prune = time.monotonic() + PRUNE
            self._try(self._miss_the_file)
            self._be_open()
            self._try(self._prune)
            self._be_open()

    def _be_open(self) -> None:
        """On disk or, while that is not possible, in memory."""
        if self._file and not self._is_on_disk and time.monotonic() >= self._next_try:
            memory, self._database = self._database, None
            for _ in range(2):  # if a file is damaged, and can be set aside, there is a new one
                if not self._is_on_disk:
                    self._try(lambda: self._open(str(self._file)))
            if memory and self._is_on_disk and self._try(lambda: self._insert(_rows_of(memory))):
                memory.close()
            elif memory:
                self._database = memory
        if not self._database:
            self._open(":memory:")

    def _open(self, file: str) -> bool:
        if file != ":memory:":
            self._next_try = time.monotonic() + RETRY
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # a light level tells when a room is empty
        self._database = database = sqlite3.connect(file, timeout=1, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"):
            database.execute(f"PRAGMA {setting}")
        [[version]] = database.execute("PRAGMA user_version").fetchall()
        if not version:
            database.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        elif version != VERSION:
            raise sqlite3.DatabaseError(f"it is of version {version}, and this program knows {VERSION}")
        [[verdict]] = database.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise sqlite3.DatabaseError(" ".join(str(verdict).split()))
        self._is_on_disk = file != ":memory:"
        if self._is_on_disk:
            self._inode = Path(file).stat().st_ino
        self._next_prune = time.monotonic()
        return True

    def _miss_the_file(self) -> None:
        """OSError if it was deleted, or another one is in its place: what is written then is lost."""
        if self._file and self._is_on_disk and self._file.stat().st_ino != self._inode:
            raise FileNotFoundError("another file is in its place")

    def _insert(self, waiting: list[tuple[str, tuple[object, ...]]]) -> bool:
        database = self._database
        assert database
        if not waiting:
            return True
        database.execute("BEGIN")
        database.executemany("INSERT OR IGNORE INTO lamps (id) VALUES (?)", {(row[-1],) for _, row in waiting})
        for table, put in PUT.items():
            database.executemany(put, [row for name, row in waiting if name == table])
        database.execute("COMMIT")
        if self._is_on_disk:  # only now: a full disk lets itself be opened
            self.problem = self._damage
            self._trouble.over()
        return True

    def _prune(self) -> bool:
        database = self._database
        assert database
        oldest = time.time() - self._days * 86_400
        most = self._at_most if self._is_on_disk else MOST_IN_MEMORY
        for table in PUT:
            database.execute(f"DELETE FROM {table} WHERE time < ?", (oldest,))
            [[count]] = database.execute(f"SELECT count(*) FROM {table}").fetchall()
            if count > most:
                too_many = count - most + most // 20  # some more, so as not to come back at once
                first = f"SELECT time FROM {table} ORDER BY time LIMIT 1 OFFSET ?"
                database.execute(f"DELETE FROM {table} WHERE time <= ({first})", (too_many,))
        gone = [f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.lamp = lamps.lamp)" for table in PUT]
        database.execute(f"DELETE FROM lamps WHERE {' AND '.join(gone)}")
        return True

    def _select(self, id: str, start: float, end: float, most: int) -> Curve:
        database = self._database
        assert database
        [[lamp]] = database.execute("SELECT max(lamp) FROM lamps WHERE id = ?", (id,)).fetchall()
        where = {"lamp": lamp, "start": start, "end": end, "width": max(end - start, 1) / (most / 2)}
        within = "lamp = :lamp AND time BETWEEN :start AND :end"
        before = "SELECT time, {} FROM {} WHERE lamp = :lamp AND time < :start ORDER BY time DESC LIMIT 1"
        [[count]] = database.execute(f"SELECT count(*) FROM readings WHERE {within}", where).fetchall()
        if count <= most:
            light = database.execute(f"SELECT time, light FROM readings WHERE {within}", where).fetchall()
        else:  # of each bucket of time, the row with the lowest light and that with the highest
            bucket = "GROUP BY CAST((time - :start) / :width AS INTEGER)"
            halves = [f"SELECT time, {pick}(light) FROM readings WHERE {within} {bucket}" for pick in ("min", "max")]
            light = database.execute(f"{' UNION '.join(halves)} ORDER BY 1", where).fetchall()
        led = database.execute(f"SELECT time, led_on FROM leds WHERE {within} ORDER BY time DESC LIMIT 2000", where)
        changes = [(time, bool(on)) for time, on in reversed(led.fetchall())]
        return Curve(
            database.execute(before.format("light", "readings"), where).fetchall() + light,
            [(time, bool(on)) for time, on in database.execute(before.format("led_on", "leds"), where)] + changes,
        )

    def _select_rows(self, id: str, after: float) -> list[tuple[float, int | None, int | None, str | None]]:
        assert self._database
        mine = "WHERE lamp = (SELECT lamp FROM lamps WHERE id = :id) AND time > :after"
        return self._database.execute(
            f"SELECT time, light, NULL, NULL FROM readings {mine} UNION ALL "
            f"SELECT time, NULL, led_on, by FROM leds {mine} ORDER BY 1, 4 LIMIT {CHUNK}",
            {"id": id, "after": after},
        ).fetchall()

    # ---- when the disk fails ----

    def _try(self, action: Callable[[], Answer]) -> Answer | None:
        """What the action returns; None, with a line that says why, if the disk does not let it."""
        try:
            return action()
        except (sqlite3.OperationalError, OSError) as error:
            self._say(f"cannot be kept in {self._file}: {error}. Meanwhile it is kept in memory.")
            self._give_up()
        except (sqlite3.Error, UnicodeError, ValueError) as error:
            self._give_up()
            self._set_aside(error)
        return None

    def _say(self, problem: str) -> None:
        self.problem = problem
        self._trouble.say(f"The history {problem}")

    def _give_up(self) -> None:
        if self._database:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
        self._database, self._is_on_disk = None, False
        self._next_try = time.monotonic() + RETRY

    def _set_aside(self, error: Exception) -> None:
        """Give a damaged file another name, so that somebody may rescue what is in it. The next one is new."""
        if not self._file:
            return
        damaged = self._file.with_name(
            f"{self._file.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        )
        try:
            self._file.rename(damaged)
            with contextlib.suppress(FileNotFoundError):
                self._file.with_name(f"{self._file.name}-wal").rename(f"{damaged}-wal")
        except OSError as refusal:
            self._say(f"in {self._file} is damaged ({error}), and cannot be set aside ({refusal}).")
            return
        self.problem = self._damage = f"is damaged ({error}). The file is set aside as {damaged}, and a new one begun."
        warn(f"The history {self._damage}")
        self._next_try = 0.0


def _rows_of(memory: sqlite3.Connection) -> list[tuple[str, tuple[object, ...]]]:
    """All there is, as it waits for the disk."""
    columns = {"readings": "time, light, id", "leds": "time, led_on, by, id"}
    return [
        (name, row)
        for name in PUT
        for row in memory.execute(f"SELECT {columns[name]} FROM {name} JOIN lamps USING (lamp)")
    ]


def open_history(folder: Path, id: str, days: int) -> History:
    """That of the page with this id, in this folder; in memory if it is to be kept for no day at all."""
    name = quote(id, safe="")[:LONGEST_NAME]
    return History(folder / f"history-{name}.sqlite3" if days else None, days or 1)
