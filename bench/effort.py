"""How much is measured: all of it, or just enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    rounds: int = 5
    """How often everyone has a turn; what is shown is the median."""

    seconds: float = 1.0
    """How long a turn lasts."""

    with_node_red: bool = True


FULL = Effort()
QUICK = Effort(rounds=1, seconds=0.2, with_node_red=False)
