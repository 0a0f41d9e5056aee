"""Which lines are news, and which only say again what has been shown."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

EXCHANGE = ("Light level", "Message received", "Sending message")
"""How the lines begin in which a reading and its answer are told. All others, warnings above all, are always news."""

MEASURED_AT = re.compile(r", 'time': [\d.]+")
"""What differs between kept readings of the same light."""


class Repeats:
    """Counts how often the newest exchange has come again.

    An exchange is what the parts say about a reading, a line of each kind. As soon as one kind says something else,
    a new exchange begins, of which all is news, also what it has in common with the old one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._exchange: dict[tuple[str, str], str] = {}
        """What each part said, by the line's beginning."""
        self._times: dict[tuple[str, str], int] = {}
        self._newest_news = clock()

    def counts(self, part: str, line: str) -> bool:
        """Whether this line has come again, and is only counted. If not, it is news, and the count begins anew."""
        beginning, _, value = MEASURED_AT.sub("", line).partition(": ")
        kind = part, beginning
        if self._exchange.get(kind) == value:
            self._times[kind] = self._times.get(kind, 0) + 1
            return True
        if beginning not in EXCHANGE or kind in self._exchange:
            self._exchange.clear()
        if beginning in EXCHANGE:
            self._exchange[kind] = value
        self._times.clear()
        self._newest_news = self._clock()
        return False

    def summary(self) -> str:
        """`same again 24 times, for 2 min`; nothing if nothing has come again."""
        times = max(self._times.values(), default=0)
        if not times:
            return ""
        often = "once" if times == 1 else f"{times} times"
        return f"same again {often}, for {_duration(self._clock() - self._newest_news)}"


def _duration(seconds: float) -> str:
    minutes = round(seconds) // 60
    if not minutes:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
