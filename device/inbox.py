"""Inbox: the commands on their way from the link's thread to the device's loop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty, Queue

from nightlight.messages import Command


class Inbox:
    """Takes commands from one thread and hands them to another, in order."""

    def __init__(self, newest_only: bool = True) -> None:
        self._newest_only = newest_only
        self._queue: Queue[Command] = Queue()
        self._last_of: dict[str, int] = {}
        """For each run of a server, the number of its last command."""

    def put(self, topic: str, command: Command) -> None:
        """A handler for Link.subscribe()."""
        if command.order:
            run, _, number = command.order.partition("-")
            if int(number) <= self._last_of.get(run, -1):
                return  # it came before the server's connection broke, and comes again
            self._last_of = {**dict(list(self._last_of.items())[-10:]), run: int(number)}
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

    def counts(self, command: Command) -> bool:
        """Whether to obey this command: of several that wait, perhaps only the newest."""
        return not self._newest_only or self._queue.empty()
