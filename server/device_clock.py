"""Device clock: which of a device's readings are of now?"""

from __future__ import annotations

import math

from nightlight.notices import printable

SAME, LONG_ENOUGH = 2.0, 10.0
"""Readings whose age stays the same, within 2 s for 10 s, are not late: the device's clock is."""


class DeviceClock:
    """Tells from the times of a device's readings which of them are of now.

    A device that keeps readings sends old ones after an outage, and a fresh one ahead of them. But its
    clock may also differ from ours, or be set; then all of its readings look old, or come from the future.
    All times are in seconds since the epoch.
    """

    def __init__(self) -> None:
        self._ahead = 0.0  # seconds by which it is ahead of ours
        self._newest = -math.inf  # when the newest reading was measured, by this clock
        self._late: tuple[float, float] | None = None
        """When the first of the late readings came whose age is the same, and that age; None if the last one was not
        late."""

    def judge(self, id: str, measured: float, now: float, stale: float) -> tuple[bool, str]:
        """Whether a reading of the device with this id is of now, and what a person should know about it."""
        differs = self.correct(measured, now, stale)
        if self.takes(measured, now, stale):
            return True, f"The clock of {printable(id)} {differs}." if differs else ""
        return False, f"Not answered: a reading of {printable(id)} that is {duration(self.age(measured, now))} old."

    def age(self, measured: float, now: float) -> float:
        """Seconds since a reading was measured by this clock, as far as we know that."""
        return now + self._ahead - measured

    def takes(self, measured: float, now: float, stale: float) -> bool:
        """Whether a reading is of now: not older than `stale` seconds, nor than one that came before it."""
        if self.age(measured, now) > stale or measured < self._newest:
            return False
        self._newest, self._late = measured, None
        return True

    def correct(self, measured: float, now: float, stale: float) -> str:
        """Find out whether the clock is another one than we thought; if so set that right, and say how it differs."""
        age, error = self.age(measured, now), measured - now
        is_right_again = abs(error) <= SAME and max(abs(self._ahead), self._newest - now) > SAME
        if not is_right_again and age >= -stale:  # nothing comes from the future, but old readings may come late
            if age <= stale and measured >= self._newest:
                return ""
            if not self._late or abs(age - self._late[1]) > SAME:
                self._late = now, age
            if now - self._late[0] < LONG_ENOUGH:
                return ""
        self._ahead, self._newest = 0.0 if is_right_again else error, -math.inf
        if is_right_again:
            return "is right now"
        return f"is {duration(error)} {'ahead of' if error > 0 else 'behind'} this one. Set the one that is wrong"


def duration(seconds: float) -> str:
    """How long that is, in words."""
    seconds = abs(seconds)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
