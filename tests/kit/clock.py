"""A clock that a test moves."""

from __future__ import annotations


class Clock:
    """Called like time.time() or time.monotonic(), it says what `now` holds."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
