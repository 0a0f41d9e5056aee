"""What the terminal shows: what the parts say, each line with its part's name before it.

What only says again what is there already is counted, not shown, and the lines at the bottom stay in view.
Into a pipe or a file everything goes as it comes.
"""

from __future__ import annotations

import io
import os
import sys
import textwrap
import threading

from demo.repeats import Repeats

COLOURS = {"broker": 35, "board": 33, "device": 32, "server": 36, "page": 34}  # as terminals number them
LABEL = 8
"""The width of a part's name and its line."""

# What moves a terminal (ECMA-48 section 8.3):
NEW_LINE, ERASE_BELOW, UP = "\r\033[K", "\033[J", "\033[A"


class Screen:
    """May be told of things by several threads at once."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._repeats = Repeats()
        self._bottom = ""
        self._is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._is_colourful = self._is_terminal and not os.environ.get("NO_COLOR")
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # for what this terminal cannot show
        if os.name == "nt":
            os.system("")  # switches on, in the console, what is written above

    def tell(self, part: str, line: str) -> None:
        """What a part says."""
        with self._one_at_a_time:
            summary = self._repeats.summary()
            if not self._is_terminal:
                self._write([f"{part:>6} | {line}"])
            elif self._repeats.counts(part, line):
                self._write([])
            else:
                self._write([*_below_label(summary), *self._labelled(part, line)])

    def show(self, text: str) -> None:
        """What is no part's."""
        with self._one_at_a_time:
            self._write(text.split("\n"))

    def keep_in_view(self, bottom: str) -> None:
        """A line that stays at the terminal's bottom."""
        with self._one_at_a_time:
            self._bottom = bottom
            self._write([])

    def close(self) -> None:
        """Leave the terminal as others expect it."""
        with self._one_at_a_time:
            if self._is_terminal:
                summary = self._repeats.summary()
                self._repeats = Repeats()
                self._bottom = ""
                self._write(_below_label(summary))

    def _labelled(self, part: str, line: str) -> list[str]:
        """The line with its label, and more lines if it is too long for one."""
        first, *others = textwrap.wrap(line, _columns() - LABEL - 1, break_on_hyphens=False) or [""]
        label = f"{part:>6} |"
        if self._is_colourful:
            label = f"\033[{COLOURS[part]}m{label}\033[0m"
        return [f"{label} {first}", *(line for other in others for line in _below_label(other))]

    def _write(self, lines: list[str]) -> None:
        """Put lines above those at the bottom, which are drawn again.

        Between two calls the cursor waits at the beginning of the bottom: where a terminal that changes its width puts
        that, we are, too. If nobody reads any more, as after `run.py | head`, work on in silence.
        """
        if self._is_terminal:
            bottom = [line[: _columns() - 1] for line in [*_below_label(self._repeats.summary()), self._bottom]]
            rows = [NEW_LINE + line for line in [*lines, *bottom]]
            text = "\n".join(rows) + ERASE_BELOW + "\r" + UP * (len(bottom) - 1)
        else:
            text = "".join(f"{line}\n" for line in lines)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _below_label(text: str) -> list[str]:
    """A line below one with a label; none without a text."""
    return [f"{'':>6} | {text}"] if text else []


def _columns() -> int:
    """The terminal's width, as it is now."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:  # it has been closed
        columns = 0
    return max(columns, 20) if columns else 80
