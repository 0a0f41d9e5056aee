"""Inbox: the commands on their way from the link's thread to the device's loop."""

from __future__ import annotations

import time
from queue import Empty, Queue

from nightlight.messages import Command

LONGEST_WAIT = 0.5  # seconds; on Windows, Ctrl+C is not heard while a program waits for a queue


class Inbox:
    """Takes commands from one thread and hands them to another, in order."""

    def __init__(self) -> None:
        self._queue: Queue[Command] = Queue()

    def put(self, topic: str, command: Command) -> None:
        """A handler for Link.subscribe()."""
        self._queue.put(command)

    def wait(self, seconds: float) -> list[Command]:
        """All commands that are there, as soon as there is one; none if none comes in so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                first = self._queue.get(timeout=min(left, LONGEST_WAIT))
            except Empty:
                continue
            return [first, *(self._queue.get() for _ in range(self._queue.qsize()))]
        return []
