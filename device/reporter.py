"""Reporter: is this reading worth sending?"""

from __future__ import annotations

import time
from collections.abc import Callable

ANSWERED_WITHIN = 1.0  # seconds; later, a reading or the answer to it was lost


class Reporter:
    """Keeps the telemetry small and the reaction quick.

    Worth sending are the first reading of each connection, a change of at least `deadband`, and
    otherwise one reading each `interval` seconds, so that the server knows that we are there. Where a
    server has answered so far, and now does not, the reading is sent once more: perhaps it was lost
    with that server, and there is another one.
    """

    def __init__(self, interval: float, deadband: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = interval
        self._deadband = deadband
        self._clock = clock
        self._known: tuple[int, int] = (0, 0)  # the light that was sent, and on which connection
        self._due = self._known
        self._sent_at = float("-inf")
        self._is_answered = False
        self._again_at = float("inf")

    def is_due(self, light: int, connection: int) -> bool:
        """Whether to send this light level. `connection` is the number of the connection to the broker."""
        self._due = light, connection
        known_light, known_connection = self._known
        return (
            connection != known_connection
            or abs(light - known_light) >= self._deadband
            or self._clock() >= min(self._sent_at + self._interval, self._again_at)
        )

    def sent(self) -> None:
        """What was just due has been sent: remember what the server knows now."""
        self._known, self._sent_at = self._due, self._clock()
        self._again_at = self._sent_at + ANSWERED_WITHIN if self._is_answered else float("inf")
        self._is_answered = False

    def answered(self) -> None:
        """A command has come from the server."""
        self._is_answered, self._again_at = True, float("inf")
