"""Freshness: is this reading new enough to be answered?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from nightlight.messages import Telemetry
from nightlight.notices import Flood, printable, warn

STEADY, LONG_ENOUGH = 2.0, 20.0
"""Readings whose age stays the same, within 2 s for 20 s, are not late: the device's clock is."""


@dataclass
class Device:
    """What is known of one device's clock and readings."""

    ahead: float = 0.0
    """Seconds by which its clock is ahead of ours."""
    newest: float = 0.0
    """When its newest reading was measured, by its own clock."""
    late_since: float = 0.0
    """When the first of the late readings came whose age is..."""
    late_by: float | None = None
    """... this; None if the last reading was not late."""


class Freshness:
    """Tells readings of now from those that a device kept while it had no connection.

    Yesterday's darkness must not switch today's lamp, so a reading is not fresh if it is older than
    `stale` seconds, or older than another one from the same device. One without a time is of now.
    """

    def __init__(self, stale: float, clock: Callable[[], float] = time.time) -> None:
        self._stale = stale
        self._clock = clock
        self._devices: dict[str, Device] = {}
        self._late = Flood()

    def is_fresh(self, id: str, telemetry: Telemetry) -> bool:
        """Whether to answer this reading of the device with this id."""
        if telemetry.time is None:
            return True
        device = self._devices.setdefault(id, Device())
        now = self._clock()
        age = now + device.ahead - telemetry.time
        if abs(age) > self._stale and self._clocks_differ(device, now, age):
            device.ahead, device.newest, age = telemetry.time - now, 0.0, 0.0
            side = "ahead of" if device.ahead > 0 else "behind"
            warn(
                f"The clock of {printable(id)} is {_duration(device.ahead)} {side} this one. Set the one that is wrong."
            )
        if age > self._stale:
            self._late.warn(f"Not answered: a reading of {printable(id)} that is {_duration(age)} old.")
            return False
        device.late_by = None
        if telemetry.time < device.newest:
            return False
        device.newest = telemetry.time
        return True

    def _clocks_differ(self, device: Device, now: float, age: float) -> bool:
        """A reading from the future tells so at once; for old ones it takes a while."""
        if age < 0:
            return True
        if device.late_by is None or abs(age - device.late_by) > STEADY:
            device.late_since, device.late_by = now, age
        return now - device.late_since >= LONG_ENOUGH


def _duration(seconds: float) -> str:
    seconds = abs(seconds)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
