"""Overrides: what people want of the LEDs, until it is over."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime

from nightlight.messages import Override

TICK = 1.0  # seconds: so late at most is it noticed that one is over


class Overrides:
    """What people want, device by device. One that is over, or null, is none at all.

    No more than `most` are known at a time; beyond that, the oldest go first. `clock` tells the seconds since the
    epoch.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.time) -> None:
        self._most = most
        self._clock = clock
        self._wanted: OrderedDict[str, Override] = OrderedDict()
        self._over: Override | None = None  # the one that ending() has told last

    def put(self, id: str, override: Override) -> str:
        """Take one in place of what was wanted before; what changes with it, in words, or "" if nothing does."""
        if override is self._over and self._wanted.get(id) is not override:
            return ""  # while its end was told, a new one has come
        before = self._wanted.pop(id, Override(None))
        wanted = override.wants(self._clock())
        if wanted is None:
            return "the rule decides again" if before.led_on is not None else ""
        self._wanted[id] = override
        if len(self._wanted) > self._most:
            self._wanted.popitem(last=False)
        if override == before:  # the broker has told it again
            return ""
        return f"a person decides: {'on' if wanted else 'off'}{_until(override.until)}"

    def wanted(self, id: str) -> bool | None:
        """Whether a person wants this LED on now; None if nobody wants anything."""
        override = self._wanted.get(id)
        return override.wants(self._clock()) if override else None

    def ending(self) -> Iterator[tuple[str, Override]]:
        """Those that end, with their ids, each when its time has come: to be put once more. Waits for ever."""
        while True:
            now = self._clock()
            for id, override in list(self._wanted.items()):
                if override.wants(now) is None:
                    self._over = override
                    yield id, override
            time.sleep(TICK)


def _until(end: float | None) -> str:
    if end is None:
        return ""
    try:
        return f" until {datetime.fromtimestamp(end):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # a year that this system does not know
        return " until long after today"
