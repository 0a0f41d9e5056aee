"""A trial: faults befall a world, come to an end, and the LED has to follow the light again.

Whether the world has come to harm otherwise, its check_alive() tells.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.faults.catalogue import Fault
from tests.faults.world import World
from tests.kit.programs import until

LIMIT = 15
"""Seconds from a fault's end until the LED must follow."""


@dataclass(frozen=True)
class Outcome:
    recovery: float
    """Seconds from the end of the faults until the LED followed the light."""
    sent: int
    """Readings that the device has sent during all this."""
    lost: int
    """Those of them that never came to whoever listens at the broker."""


def trial(
    world: World,
    faults: Sequence[Fault],
    seconds: float,
    rng: random.Random,
    *,
    proves: bool = False,
    limit: float = LIMIT,
) -> Outcome:
    """Begin each fault, let them last, end them in any order. AssertionError if the LED does not follow.

    With `proves`, AssertionError as well if a fault does not show that it is there.
    """
    sent, lost = world.readings
    printed = len(world.device.lines), len(world.server.lines)
    ends = []
    with ExitStack() as on_failure:
        for fault in faults:
            end = ExitStack()
            end.enter_context(contextmanager(fault.act)(world))
            on_failure.callback(end.close)
            ends.append(end)
        led_moves = world.hold(seconds)
        if proves:
            prove(world, faults[0], led_moves, printed)
        over = time.monotonic()
        for end in rng.sample(ends, len(ends)):
            end.close()
        world.start_what_was_killed()
    recovery = world.led_follows_within(limit, since=over)
    sent_by_now, lost_by_now = world.readings
    return Outcome(recovery, sent_by_now - sent, lost_by_now - lost)


def prove(world: World, fault: Fault, led_moves: bool, printed: tuple[int, int]) -> None:
    """AssertionError if the fault, which is at work now, does not show."""
    if fault.blinds:
        assert not led_moves, f"the LED follows the light\n{world}"
    elif fault.blinds is False:  # on a busy machine it may take a little longer
        until(lambda: led_moves or world.hold(2), "that the LED follows the light")
    if callable(fault.proof):
        assert fault.proof(world), fault.name
    elif fault.proof:
        until(lambda: is_said(world, str(fault.proof), printed), f"{fault.proof!r} in what the scripts print")


def is_said(world: World, words: str, printed: tuple[int, int]) -> bool:
    """Whether one of the scripts has said so, since it had printed so many lines."""
    return any(words in line for line in world.device.lines[printed[0] :] + world.server.lines[printed[1] :])
