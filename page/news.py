"""News: brings what the link hears to the page's own thread, its loop, and to whoever looks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from nightlight.messages import Message
from nightlight.notices import remark
from page.lamps import Heard, Lamp, Lamps

GATHER = 0.04  # seconds that messages gather in, so that a crowd is shown in one go
TICK = 1.0  # seconds between looks at what time alone changes: who is silent, what is over
MOST_WAITING = 100_000


def blame(error: Exception) -> None:
    """Say that this program made a mistake, in a line."""
    logging.getLogger("nightlight").debug("The page's error:", exc_info=error)
    remark(f"The page made a mistake: {error!r}. With --verbose it says more.")


class View(Protocol):
    """What somebody looks at."""

    def refresh(self, news: dict[str, list[Heard]], now: float) -> None:
        """Show what is known now. `news` has the messages that came since the last time, by their lamps' ids."""


class News:
    """The link's thread only puts; the loop takes, and it alone knows the lamps."""

    def __init__(self, lamps: Lamps) -> None:
        self._views: set[View] = set()
        self._lamps = lamps
        self._waiting: deque[tuple[bool, str, Message | None, bytes, str, float]] = deque(maxlen=MOST_WAITING)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._came = asyncio.Event()
        self._is_told = False

    def put(self, topic: str, message: Message | None, payload: bytes, problem: str) -> None:
        """Something was heard of a lamp. From the link's thread."""
        self._put(False, topic, message, payload, problem)

    def put_for_group(self, topic: str, message: Message | None, payload: bytes, problem: str) -> None:
        """As put(), of a group."""
        self._put(True, topic, message, payload, problem)

    def _put(self, is_for_group: bool, topic: str, message: Message | None, payload: bytes, problem: str) -> None:
        self._waiting.append((is_for_group, topic, message, payload, problem, time.time()))
        if self._loop and not self._is_told:
            self._is_told = True
            self._loop.call_soon_threadsafe(self._came.set)

    def open(self, view: View) -> None:
        """Somebody begins to look."""
        self._views.add(view)
        self._came.set()  # from now on time matters

    def close(self, view: View) -> None:
        """Nobody looks at it any more, for now."""
        self._views.discard(view)

    async def deliver(self) -> None:
        """Bring everything to everybody, for ever."""
        self._loop = asyncio.get_running_loop()
        while True:
            await self._wait(TICK if self._views else None)
            news: dict[str, list[Heard]] = {}
            for lamp in self._take():
                news.setdefault(lamp.id, []).append(lamp.messages[-1])
            now = time.time()
            for view in list(self._views):
                try:
                    view.refresh(news, now)
                except Exception as error:  # one view's is no reason to stop showing the others what is new
                    self._views.discard(view)
                    blame(error)
            await asyncio.sleep(GATHER)

    async def _wait(self, seconds: float | None) -> None:
        if not self._waiting:
            try:
                await asyncio.wait_for(self._came.wait(), seconds)
            except asyncio.TimeoutError:
                pass
        self._came.clear()
        self._is_told = False

    def _take(self) -> Iterator[Lamp]:
        """The lamps of which something has come."""
        while self._waiting:
            is_for_group, topic, message, payload, problem, heard_at = self._waiting.popleft()
            if is_for_group:
                self._lamps.groups.hear(topic, message, payload, heard_at)
            else:
                yield self._lamps.hear(topic, message, payload, problem, heard_at)
