"""Reporter: is this reading worth sending?"""

from __future__ import annotations

import time
from collections.abc import Callable


class Reporter:
    """Keeps the telemetry small and the reaction quick.

    Worth sending are the first reading of each session, a change of at least `deadband`, and
    otherwise one reading each `interval` seconds, so that the server knows that we are there.
    """

    def __init__(self, interval: float, deadband: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = interval
        self._deadband = deadband
        self._clock = clock
        self._light = 0
        self._session = 0
        self._sent_at = float("-inf")

    def is_due(self, light: int, session: int) -> bool:
        """Whether to send this light level. `session` counts the connections to the broker."""
        return (
            session != self._session
            or abs(light - self._light) >= self._deadband
            or self._clock() - self._sent_at >= self._interval
        )

    def sent(self, light: int, session: int) -> None:
        """Remember what the server knows now."""
        self._light, self._session, self._sent_at = light, session, self._clock()
