"""Inbox: the commands on their way from the link's thread to the device's loop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty, Queue

from nightlight.messages import Command


class Inbox:
    """Takes commands from one thread and hands them to another, in order."""

    def __init__(self) -> None:
        self._queue: Queue[Command] = Queue()

    def put(self, topic: str, command: Command) -> None:
        """A handler for Link.subscribe()."""
        self._queue.put(command)

    def arriving(self, seconds: float) -> Iterator[Command]:
        """Each command as soon as it is there, for so many seconds."""
        end = time.monotonic() + seconds
        left = seconds
        while left > 0:
            try:
                yield self._queue.get(timeout=left)
            except Empty:
                return
            left = end - time.monotonic()

    def is_empty(self) -> bool:
        """Whether no further command waits."""
        return self._queue.empty()
