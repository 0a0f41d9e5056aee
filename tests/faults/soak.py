"""A soak: one World, a random fault every few seconds, for a long time. Does anything grow, does anything end?

    .venv/bin/python -m tests.faults.soak [--minutes 10] [--seed 1]

First faults that leave device and server alone, while their memory and open files are written down every
second; then, for a tenth of the time, those that kill them. Exit status 1 if a process has ended by
itself, a traceback was printed, the LED does not follow in the end, or something clearly grows.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil

from tests.faults.catalogue import OF_A_SCRIPT, Fault
from tests.faults.script import Script, Usage
from tests.faults.trial import LIMIT
from tests.faults.world import World

MEMORY_NOISE = 2.0
"""MB. In 22 repeats in which nothing grew, memory went up or down by as much as 1 MB, as the allocator likes."""

EVERY = 5.0
"""Seconds from fault to fault. Each of them lasts for a random part of that."""


@dataclass(frozen=True)
class Slope:
    """A straight line through what was measured, by least squares."""

    per_minute: float
    error: float
    """Its standard error. It takes each measurement for independent, so it is too small rather than too large."""
    growth: float
    """What the line rises from its first point to its last."""
    scatter: float
    """By how much the points lie beside the line (standard deviation)."""

    @classmethod
    def of(cls, times: list[float], values: list[float]) -> Slope:
        n = len(times)
        mean_time, mean = sum(times) / n, sum(values) / n
        spread = sum((at - mean_time) ** 2 for at in times)
        slope = sum((at - mean_time) * (value - mean) for at, value in zip(times, values, strict=True)) / spread
        beside = [value - mean - slope * (at - mean_time) for at, value in zip(times, values, strict=True)]
        variance = sum(each**2 for each in beside) / (n - 2)
        return cls(slope * 60, (variance / spread) ** 0.5 * 60, slope * (times[-1] - times[0]), variance**0.5)

    def is_clearly_positive(self, noise: float) -> bool:
        """Above its error, and more than the scatter and than this much noise."""
        return self.per_minute > 3 * self.error and self.growth > max(2 * self.scatter, noise)


class Sampler:
    """Writes down each second what the scripts have of the machine."""

    def __init__(self, *scripts: Script) -> None:
        self.samples: dict[Script, list[tuple[float, Usage]]] = {script: [] for script in scripts}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(1):
            for script, samples in self.samples.items():
                try:
                    samples.append((time.monotonic(), script.usage))
                except psutil.Error:
                    pass  # it has ended, which the report tells

    def slopes(self, script: Script) -> dict[str, tuple[Slope, float]]:
        """Over the second half, when everything has been done once; and what counts as noise."""
        samples = self.samples[script][len(self.samples[script]) // 2 :]
        times = [at for at, _ in samples]
        memory = [usage.memory / 1e6 for _, usage in samples]
        files = [float(usage.files) for _, usage in samples]
        return {"memory (MB)": (Slope.of(times, memory), MEMORY_NOISE), "open files": (Slope.of(times, files), 0.9)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with World() as world, Sampler(world.device, world.server) as sampler:
        gentle = befall(world, [fault for fault in OF_A_SCRIPT if not fault.kills], options.minutes * 60, rng)
        slopes = {script: sampler.slopes(script) for script in sampler.samples}
        deadly = befall(world, [fault for fault in OF_A_SCRIPT if fault.kills], options.minutes * 6, rng)
        print(f"{gentle} faults in {options.minutes:g} minutes, then {deadly} that kill (seed {options.seed})")
        sys.exit(not report(world, slopes))


def befall(world: World, faults: list[Fault], seconds: float, rng: random.Random) -> int:
    """One fault after the other; how many there were."""
    start = time.monotonic()
    count = 0
    while time.monotonic() < start + seconds:
        with ExitStack() as end:
            end.enter_context(contextmanager(rng.choice(faults).act)(world))
            count += 1
            world.hold(rng.uniform(0.2, 0.8) * EVERY)
        world.start_what_was_killed()
        world.hold(start + count * EVERY - time.monotonic())
    return count


def report(world: World, slopes: dict[Script, dict[str, tuple[Slope, float]]]) -> bool:
    """Print what came of it; whether that will do."""
    good = True
    for script, of in slopes.items():
        for what, (slope, noise) in of.items():
            grows = slope.is_clearly_positive(noise)
            good &= not grows
            print(
                f"{script.name}, {what}: {slope.per_minute:+.4f} ± {slope.error:.4f} a minute,"
                f" scatter {slope.scatter:.3f}: {'IT GROWS' if grows else 'flat'}"
            )
    try:
        print(f"The LED followed {world.led_follows_within(LIMIT):.1f} s after the end.")
        world.check_alive()
    except AssertionError as error:
        print(error)
        good = False
    for script in slopes:
        print(f"{script.name}: {len(script.ends)} exits, {script.kills} times killed on purpose")
    sent, lost = world.readings
    print(f"{lost} of {sent} readings lost")
    return good


if __name__ == "__main__":
    main()
