"""What the two scripts tell the person in front of them, a line at a time.

Ordinary lines go to standard output, problems to standard error.
Both may be said from any thread.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from typing import NamedTuple

_log = logging.getLogger("nightlight")
_one_at_a_time = threading.Lock()
_quiet = False


def set_up(quiet: bool = False, verbose: bool = False, mute: bool = False) -> None:
    """Choose how much is said: with `quiet` only problems, with `mute` nothing; with `verbose` paho's log as well."""
    global _quiet
    _quiet = quiet or mute
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an editor may have put something else there
            # A character that this terminal cannot show is no reason to stop.
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
    logging.raiseExceptions = False
    logging.basicConfig(format="%(message)s", level=logging.DEBUG if verbose else logging.WARNING)
    _log.setLevel(logging.CRITICAL if mute else logging.NOTSET)
    logging.getLogger("paho").setLevel(logging.DEBUG if verbose else logging.CRITICAL)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # device/counterfit.py says it in better words


def say(*words: object) -> None:
    """print(), from any thread, unless --quiet."""
    if not _quiet:
        show(*words)


def show(*words: object) -> None:
    """print(), from any thread, in any case."""
    with _one_at_a_time:
        try:
            sys.stdout.write(" ".join(map(str, words)) + "\n")  # in one piece: others write to this terminal, too
            sys.stdout.flush()
        except OSError:  # nobody reads any more, or the disk is full: work on in silence
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def warn(line: str) -> None:
    """Say that something is wrong, and what to do about it."""
    _log.warning("%s", line)


class Problem(NamedTuple):
    """Something that is wrong, in words for a beginner."""

    what: str
    """One sentence: what has been found."""
    remedy: str
    """One sentence: what to do about it."""

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


def printable(text: str) -> str:
    """`text` if a terminal can show it as it is, otherwise with escapes: it came over the network."""
    return text if text.isprintable() else ascii(text)


class Trouble:
    """Something that is wrong for a while: it is said once, not at every attempt.

    If it becomes another trouble, that is said as well, as soon as it comes twice in a row: what
    changes at every attempt, as with a loose cable, is one and the same trouble.
    """

    def __init__(self) -> None:
        self._said: str | None = None
        self._last: str | None = None

    def __bool__(self) -> bool:
        return self._said is not None

    def say(self, line: str) -> None:
        """Warn, unless that has been said."""
        if self._said is None or (line == self._last and line != self._said):
            self._said = line
            warn(line)
        self._last = line

    def over(self) -> None:
        """All is well again; the next trouble will be said."""
        self._said = self._last = None


class Flood:
    """Problems that may come by the thousand: at most one line a second, and none uncounted."""

    PAUSE = 1.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held_back: str | None = None  # the first line of this second that had to wait
        self._more = 0  # how many came after it
        self._timer: threading.Timer | None = None

    def warn(self, line: str) -> None:
        """Warn at once if the last second was quiet; otherwise with the others, when it is over."""
        with self._lock:
            if self._timer is None:
                warn(line)
                self._start_timer()
            elif self._held_back is None:
                self._held_back = line
            else:
                self._more += 1

    def _start_timer(self) -> None:
        self._timer = threading.Timer(self.PAUSE, self._second_is_over)
        self._timer.daemon = True
        self._timer.start()

    def _second_is_over(self) -> None:
        with self._lock:
            self._timer = None
            if self._held_back is not None:
                warn(self._held_back + (f" (and {self._more:,} more)" if self._more else ""))
                self._held_back, self._more = None, 0
                self._start_timer()
