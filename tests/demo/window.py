"""A terminal's window in which a program runs: what a person would see there. Linux only."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from pathlib import Path

import pyte

from tests.kit.programs import PATIENCE, clean_environment, until


class Window:
    """80 by 24 characters, until it is resized."""

    def __init__(self, *command: str | Path, **environment: str) -> None:
        self._lock = threading.Lock()
        self._shown = pyte.HistoryScreen(80, 24, history=1000)
        self._stream = pyte.ByteStream(self._shown)
        self._ours, theirs = pty.openpty()
        self._tell_size(80, 24)
        self.process = subprocess.Popen(
            [
                *("setsid", "--ctty"),  # so that Ctrl+C reaches what runs in it
                *("env", "--default-signal=INT,QUIT"),  # also if the tests run in the background of a script
                *map(str, command),
            ],
            env={**clean_environment(**environment), "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while True:
            try:
                received = os.read(self._ours, 65536)
            except OSError:  # nothing has it open any more
                return
            with self._lock:
                self._stream.feed(received)

    def _tell_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        with self._lock:
            self._shown.resize(lines, columns)
            self._tell_size(columns, lines)

    @property
    def rows(self) -> list[str]:
        """What is in view, without the empty rows at its end."""
        with self._lock:
            text = "\n".join(row.rstrip() for row in self._shown.display)
        return text.rstrip("\n").split("\n")

    @property
    def scrolled_away(self) -> list[str]:
        """What is above the view."""
        with self._lock:
            return ["".join(row[x].data for x in range(80)).rstrip() for row in self._shown.history.top]

    @property
    def colours(self) -> set[str]:
        with self._lock:
            return {row[x].fg for row in self._shown.buffer.values() for x in range(self._shown.columns)}

    @property
    def cursor(self) -> tuple[int, int] | None:
        """Its row and column; None if it is hidden."""
        with self._lock:
            return None if self._shown.cursor.hidden else (self._shown.cursor.y, self._shown.cursor.x)

    def wait_for(self, words: str, seconds: float = PATIENCE) -> str:
        """The first row in view that has these words."""
        found: list[str] = []

        def look() -> bool:
            found[:] = [row for row in self.rows if words in row]
            return bool(found)

        until(look, f"{words!r} in view", seconds)
        return found[0]

    def press_ctrl_c(self) -> None:
        os.write(self._ours, b"\x03")

    def wait(self) -> int:
        """Until the program has ended, and all that it wrote is in view; its exit status."""
        status = self.process.wait(PATIENCE)
        self._watcher.join(PATIENCE)
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.press_ctrl_c()
        try:
            self.wait()
        finally:
            self.process.kill()
            os.close(self._ours)
