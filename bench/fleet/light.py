"""The light of a day, and the sensors that measure it, some of which are broken."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

BRIGHTEST = 1023  # what CounterFit's sensor goes to
NOON, MIDNIGHT = 900.0, 60.0
OFFSET, NOISE = 20.0, 2.0
"""How much sensors differ from each other, and one from itself, in light levels (standard deviations)."""

Fault = Literal["dark", "bright", "silent", "noise"]
FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(frozen=True)
class Day:
    """It begins at noon. Dusk and dawn are where the light crosses the threshold."""

    seconds: float

    def light(self, at: float) -> float:
        """So many seconds after the first noon."""
        return (NOON + MIDNIGHT) / 2 + (NOON - MIDNIGHT) / 2 * math.cos(2 * math.pi * at / self.seconds)

    def changes(self, threshold: float, days: int) -> Iterator[tuple[float, bool]]:
        """When it does, in seconds after the first noon, and whether it is dark from then on."""
        height = (2 * threshold - NOON - MIDNIGHT) / (NOON - MIDNIGHT)
        if abs(height) >= 1:  # never
            return
        dusk = math.acos(height) / (2 * math.pi) * self.seconds
        for day in range(days):
            yield day * self.seconds + dusk, True
            yield (day + 1) * self.seconds - dusk, False


class Sensor:
    """A light sensor that shows a little more or less than the others; a broken one shows something else."""

    def __init__(self, chance: random.Random, fault: Fault | None = None) -> None:
        self.offset = chance.gauss(0, OFFSET)
        self.fault = fault
        self._chance = chance

    def light(self, daylight: float) -> int | None:
        """What it shows; None if it is silent."""
        if self.fault == "silent":
            return None
        if self.fault == "noise":
            return self._chance.randrange(BRIGHTEST + 1)
        if self.fault:
            return 0 if self.fault == "dark" else BRIGHTEST
        return max(0, min(BRIGHTEST, round(daylight + self.offset + self._chance.gauss(0, NOISE))))


def sensors(count: int, broken: float, faults: tuple[Fault, ...], chance: random.Random) -> list[Sensor]:
    """So many, of which so many per cent are broken, in each of these ways as many, anywhere among the others."""
    wrong = [faults[number % len(faults)] for number in range(round(count * broken / 100))]
    all_of_them: list[Fault | None] = [*wrong, *[None] * (count - len(wrong))]
    chance.shuffle(all_of_them)
    return [Sensor(chance, fault) for fault in all_of_them]
