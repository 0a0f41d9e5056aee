"""Many hostile payloads through each decoder, in this process."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from nightlight.messages import BadMessage, Message
from tests.hostile.messages import is_right, payload

LONGEST = 1.0  # seconds that a decoder may take, of a processor: a busy machine is not its fault


@dataclass
class Figures:
    """Of one decoder."""

    kind: type[Message]
    messages: int = 0
    accepted: int = 0
    slowest: float = 0.0  # seconds
    slowest_size: int = 0  # bytes


def flood(kind: type[Message], messages: int, seed: int = 1) -> Figures:
    """AssertionError if one is judged wrongly, or takes too long; any error but BadMessage comes out as it is."""
    chance = random.Random(f"{kind.__name__} {seed}")
    figures = Figures(kind)
    for number in range(messages):
        given = payload(chance, kind)
        message, seconds = decode(kind, given)
        assert (message is not None) == is_right(kind, given), (seed, number, given)
        assert seconds < LONGEST, (seed, number, seconds, given)
        if message:
            assert kind.decode(message.encode()) == message, (seed, number, given)
            assert str(message).isprintable(), (seed, number, given)
            figures.accepted += 1
        figures.messages += 1
        if seconds > figures.slowest:
            figures.slowest, figures.slowest_size = seconds, len(given)
    return figures


def decode(kind: type[Message], given: bytes) -> tuple[Message | None, float]:
    """The message, if it is one, and the seconds of a processor that it took to say so."""
    started = time.thread_time()
    try:
        message = kind.decode(given)
    except BadMessage as error:
        assert str(error).isprintable() and len(str(error)) < 200, given
        return None, time.thread_time() - started
    return message, time.thread_time() - started
