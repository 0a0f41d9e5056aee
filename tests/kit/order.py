"""What "in order" means where some come twice."""

from __future__ import annotations

from collections.abc import Iterable


def came_in_turn(heard: Iterable[int], said: Iterable[int]) -> bool:
    """Whether each of these numbers was heard in its turn, from the least to the greatest; copies do not count.

    There are three kinds of copies, none of them wrong. A fresh reading goes ahead of its turn as well.
    What was not acknowledged before a connection broke, the device sends again. And a broker that was
    killed delivers again what it had not yet written down as delivered: that comes late, when newer
    ones have been heard already (at least once, MQTT 3.1.1 section 4.3.2).
    """
    rest = iter(heard)
    return all(number in rest for number in sorted(set(said)))  # each `in` reads on from where the last one stopped
