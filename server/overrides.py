"""Overrides: what people want of the LEDs, until it is over."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from nightlight.messages import Override
from nightlight.notices import printable


class Overrides:
    """What people want, device by device. One that is over, or null, is none at all.

    No more than `most` are known at a time; beyond that, the oldest go first. `clock` tells the seconds since the
    epoch.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.time) -> None:
        self._most = most
        self._clock = clock
        self._wanted: OrderedDict[str, Override] = OrderedDict()

    def put(self, id: str, override: Override) -> str:
        """Take one in place of what was wanted before; what changes with it, in words, or "" if nothing does."""
        before = self._wanted.pop(id, Override(None))
        wanted = override.wants(self._clock())
        if wanted is None:
            return f"For {printable(id)}, the rule decides again." if before.led_on is not None else ""
        self._wanted[id] = override
        if len(self._wanted) > self._most:
            self._wanted.popitem(last=False)
        if override == before:  # the broker has told it again
            return ""
        # First our own words: an id may be anybody's.
        return f"For {printable(id)}, a person decides: {'on' if wanted else 'off'}{_until(override.until)}."

    def wanted(self, id: str) -> bool | None:
        """Whether a person wants this LED on now; None if nobody wants anything."""
        override = self._wanted.get(id)
        return override.wants(self._clock()) if override else None

    def ended(self) -> list[tuple[str, Override]]:
        """Those that are over by now, with their ids: to be put once more."""
        now = self._clock()
        return [(id, override) for id, override in self._wanted.items() if override.wants(now) is None]


def _until(end: float | None) -> str:
    if end is None:
        return ""
    try:
        return f" until {datetime.fromtimestamp(end):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # a year that this system does not know
        return " until long after today"
