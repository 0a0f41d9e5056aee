"""The programs that run: started one after the other, watched, and ended together."""

from __future__ import annotations

import collections
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from demo.interruptions import Interruptions
from nightlight.notices import in_one_line

ROOT = Path(__file__).resolve().parent.parent

# A group of its own for each part, so that Ctrl+C reaches only us, who then end the parts in order.
if sys.platform == "win32":
    NEW_GROUP, GOODBYE = subprocess.CREATE_NEW_PROCESS_GROUP, signal.CTRL_BREAK_EVENT
else:
    NEW_GROUP, GOODBYE = 0, signal.SIGTERM


class PartFailed(Exception):
    """Something is gone without which the rest makes no sense; the text says what."""


class Part:
    """One of the programs; what it prints is told line by line, by a thread of ours, unless it `is_quiet`."""

    def __init__(
        self, name: str, command: list[str], tell: Callable[[str, str], None], is_needed: bool, is_quiet: bool = False
    ) -> None:
        self.name = name
        self.is_needed = is_needed
        self.last_lines: collections.deque[str] = collections.deque(maxlen=10)
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            creationflags=NEW_GROUP,  # on Windows
            start_new_session=not NEW_GROUP,  # elsewhere
        )
        self._tell = tell
        self._quiet = is_quiet
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for printed in self.process.stdout:
            line = in_one_line(printed.rstrip())
            self.last_lines.append(line)
            if not self._quiet:
                self._tell(self.name, line)

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def check(self) -> None:
        """PartFailed, with its last lines, if it is gone."""
        if self.has_ended:
            self._reader.join(timeout=1)
            status = self.process.returncode
            lines = [f"The {self.name} has ended by itself (exit status {status}). Its last lines:", *self.last_lines]
            raise PartFailed("\n  ".join(lines))

    def end(self) -> None:
        """Ask it to end."""
        self._quiet = True
        if not self.has_ended:
            self.process.send_signal(GOODBYE)

    def kill(self) -> None:
        if not self.has_ended:
            self.process.kill()
            self.process.wait()


class Parts:
    """All of them; leaving the `with` block ends them."""

    def __init__(self, tell: Callable[[str, str], None], interruptions: Interruptions) -> None:
        self._tell = tell
        self._interruptions = interruptions
        self._parts: list[Part] = []

    def start(self, name: str, *command: str, is_needed: bool = True) -> None:
        """Start a program: what follows `python` on its command line. If it `is_needed`, the rest ends with it."""
        with self._interruptions:
            self._parts.append(Part(name, [sys.executable, *command], self._tell, is_needed))

    def start_program(self, name: str, *command: str) -> None:
        """Start one that is no Python, and whose lines are for its own experts: they are told only if it fails."""
        with self._interruptions:
            self._parts.append(Part(name, list(command), self._tell, is_needed=True, is_quiet=True))

    def has(self, name: str) -> bool:
        """Whether a part of this name was started, and is not known to have ended."""
        return any(part.name == name for part in self._parts)

    def watch(self) -> None:
        """PartFailed if one is gone that is needed; one that is not, is said. KeyboardInterrupt if that was lost."""
        self._interruptions.check()
        for part in list(self._parts):
            if part.is_needed:
                part.check()
            elif part.has_ended:
                self._parts.remove(part)
                self._tell(part.name, "has ended by itself; the rest goes on without it")

    def wait_until(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something that the newest of them is to bring about. PartFailed if it does not."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.watch()
            if time.monotonic() > deadline:
                raise PartFailed(f"The {self._parts[-1].name} does not answer after {seconds} s.")
            time.sleep(0.05)

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, *_: object) -> None:
        """Device, server and page first, so that they can say goodbye; nothing is left after 3 s."""
        self._interruptions.hold()
        scripts = [part for part in self._parts if part.name in ("device", "server", "page")]
        for leaving, seconds in (scripts, 1.5), (self._parts, 0.7):
            for part in leaving:
                part.end()
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and not all(part.has_ended for part in leaving):
                time.sleep(0.02)
        for part in self._parts:
            part.kill()
