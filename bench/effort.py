"""How much is measured: all of it, or just enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    rounds: int = 5
    """How often everyone has a turn; what is shown is the median."""

    seconds: float = 1.0
    """How long a turn lasts."""

    rates: tuple[int, ...] = (100, 1_000, 2_000, 5_000, 10_000, 20_000)
    """Readings a second, at which latency is measured."""

    devices: tuple[int, ...] = (10, 100, 1_000, 10_000)
    """So many send readings to one server, when its memory and processor are looked at."""

    servers: tuple[int, ...] = (1, 2, 3, 4)
    """So many share the work."""

    changes: int = 8
    """Of the light, for the course's own scripts, which take some seconds for each."""

    is_patient: bool = True
    """Whether to wait for what takes long: Node-RED, and the faults that last."""


FULL = Effort()
QUICK = Effort(rounds=1, seconds=0.2, rates=(100, 500), devices=(10, 100), servers=(1, 2), changes=1, is_patient=False)
