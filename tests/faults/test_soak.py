"""What the soak calls growth, and what it does not."""

from __future__ import annotations

import random

import pytest

from tests.faults.soak import MEMORY_NOISE, Slope


def memory(grows_per_minute: float, chance: random.Random) -> tuple[list[float], list[float]]:
    """Ten minutes, a measurement a second, of a process whose allocator takes and gives back some pages at times."""
    times, values, level = [], [], 0.0
    for second in range(600):
        if chance.random() < 0.02:
            level = min(1.0, max(-1.0, level + chance.uniform(-0.5, 0.5)))
        times.append(float(second))
        values.append(35 + level + grows_per_minute * second / 60)
    return times, values


@pytest.mark.parametrize("seed", range(22))
def test_noise_of_a_megabyte_is_no_growth_and_a_leak_is(seed: int) -> None:
    assert not Slope.of(*memory(0, random.Random(seed))).is_clearly_positive(MEMORY_NOISE)
    assert Slope.of(*memory(1, random.Random(seed))).is_clearly_positive(MEMORY_NOISE)
