"""What the two scripts tell the person in front of them, a line at a time.

Ordinary lines go to standard output, problems to standard error. Both may be said from any thread.
Whatever a line is made of, what is printed is that one line: it holds nothing that a terminal obeys, so no text
from the network can pass for another line. In a program they are printed by a thread of its own: a terminal that
is paused (Ctrl+S, or a click into a Windows console) must not stop the nightlight.
"""

from __future__ import annotations

import io
import logging
import os
import queue
import sys
import threading
import time
import traceback
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple, TextIO

ROOM = 20_000  # so many lines wait for a terminal that is paused; those that come after them are counted
LONGEST_TEXT = 100  # so many characters of a text from the network are shown
LONGEST_MESSAGE = 4_000  # characters; a problem that has more is cut: there is a text in it that nobody has bounded

_log = logging.getLogger("nightlight")
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
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(level=level, handlers=[_Handler()])
    _log.setLevel(logging.CRITICAL if mute else logging.NOTSET)
    logging.getLogger("paho").setLevel(logging.DEBUG if verbose else logging.CRITICAL)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # device/counterfit.py says it in better words


def say(*words: object) -> None:
    """A line of these words, from any thread, unless --quiet."""
    if not _quiet:
        show(" ".join(map(str, words)))


def show(*lines: str) -> None:
    """These lines, from any thread, in any case."""
    _printer.put(sys.stdout, *lines)


def warn(line: str) -> None:
    """Say that something is wrong, and what to do about it."""
    _log.warning("%s", line)


def printable(text: str) -> str:
    """`text` as a terminal can show it, which is not sure to be friendly: it came over the network."""
    text = _cut(text, LONGEST_TEXT)
    return text if text.isprintable() else ascii(text)


def in_one_line(text: str) -> str:
    """`text` with all that a terminal obeys written out, as Python writes it: line breaks, ESC, other directions.

    Letters of all languages stay as they are, and emoji.
    """
    return text if text.isprintable() else "".join(map(_written_out, text))


def _written_out(character: str) -> str:
    # Control, format, half a surrogate pair, line and paragraph separator, as Unicode calls them. The format
    # character that is harmless holds emoji together.
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != "\u200d":
        return character.encode("unicode_escape").decode()
    return character


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."


# ---- printing ----


class Printer:
    """Prints at once or, once it has been started, in a thread of its own."""

    def __init__(self) -> None:
        self._lines: queue.Queue[tuple[TextIO | None, tuple[str, ...]]] = queue.Queue(ROOM)
        self._is_started = False
        self._left_out = 0

    def start(self) -> None:
        self._is_started = True
        threading.Thread(target=self._print_all, name="printer", daemon=True).start()

    def put(self, stream: TextIO | None, *lines: str) -> None:
        """Print these lines. It never waits for the terminal, if the printer has been started."""
        if not self._is_started:
            _write(stream, lines)
            return
        try:
            self._lines.put_nowait((stream, lines))
        except queue.Full:
            self._left_out += len(lines)

    def finish(self, seconds: float) -> bool:
        """Whether all has been printed, within so many seconds."""
        end = time.monotonic() + seconds
        while self._lines.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.01)
        return not self._lines.unfinished_tasks

    def _print_all(self) -> None:
        while True:
            _write(*self._lines.get())
            if self._left_out and self._lines.empty():
                left_out, self._left_out = self._left_out, 0
                _write(sys.stderr, [f"({left_out:,} more lines found no room while this terminal was paused.)"])
            self._lines.task_done()


_printer = Printer()
start_printing, finish_printing = _printer.start, _printer.finish


class _Handler(logging.Handler):
    """A line for each message. A traceback is indented under it: a text that an error brings begins no line."""

    def emit(self, record: logging.LogRecord) -> None:
        lines = [record.getMessage()]
        if record.exc_info:
            trace = "".join(traceback.format_exception(*record.exc_info))
            lines += [f"    {line}" for line in trace.rstrip("\n").split("\n")]
        _printer.put(sys.stderr, *(_cut(line, LONGEST_MESSAGE) for line in lines))


def _write(stream: TextIO | None, lines: Iterable[str]) -> None:
    if not stream:  # it was closed before the program began
        return
    try:
        stream.write(
            "".join(f"{in_one_line(line)}\n" for line in lines)
        )  # in one piece: others write to this terminal, too
        stream.flush()
    except (OSError, ValueError):  # nobody reads any more, or the disk is full: work on in silence
        with suppress(OSError, ValueError), open(os.devnull, "w") as nowhere:  # the stream may be no file
            os.dup2(nowhere.fileno(), stream.fileno())


# ---- what is wrong ----


class Problem(NamedTuple):
    """Something that is wrong, in words for a beginner."""

    what: str
    remedy: str  # what to do about it; each is one sentence

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


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
    """Lines that may come by the thousand: at most so many a second, and none uncounted."""

    PAUSE = 1.0  # seconds

    def __init__(self, a_second: int = 1) -> None:
        self._lock = threading.Lock()
        self._a_second = self._left = a_second
        self._held_back: str | None = None  # the first line of this second that had to wait
        self._more = 0  # how many came after it
        self._timer: threading.Timer | None = None

    def warn(self, line: str) -> None:
        """Warn at once if there is room in this second; otherwise with the others, when it is over. "" is no line."""
        if not line:
            return
        with self._lock:
            if self._left:
                self._warn_now(line)
            elif self._held_back is None:
                self._held_back = line
            else:
                self._more += 1

    def _warn_now(self, line: str) -> None:
        warn(line)
        self._left -= 1
        if self._timer is None:
            self._timer = threading.Timer(self.PAUSE, self._second_is_over)
            self._timer.daemon = True
            self._timer.start()

    def _second_is_over(self) -> None:
        with self._lock:
            self._timer, self._left = None, self._a_second
            if self._held_back is not None:
                self._warn_now(self._held_back + (f" (and {self._more:,} more)" if self._more else ""))
                self._held_back, self._more = None, 0


remark = Flood(a_second=5).warn
"""Warn of what may come by the thousand, from the scripts themselves: of several groups at the same time, say."""
