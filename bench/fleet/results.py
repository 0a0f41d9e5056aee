"""What a day shows: how soon the LEDs were right, and what each method would have decided."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from bench.fleet.device import Device, Tally
from nightlight.lights import Lights
from nightlight.messages import METHODS, Method

SHARES = (0.5, 0.95, 0.99, 1.0)

ANY = "any"
ALL_METHODS = (ANY, *METHODS)
"""How one could decide for many: also because of any single sensor, which the server does not do."""


@dataclass
class Change:
    """The light has crossed the threshold."""

    at: float
    """By time.monotonic()."""
    looked_at: float
    """Half way to the next change: then every LED has had its time."""
    led_on: bool
    seconds: list[float] = field(default_factory=list)
    """For each LED that is right now, how long it took; sorted."""
    never: list[Device] = field(default_factory=list)
    """The others."""

    def look(self, devices: Sequence[Device]) -> None:
        for device in devices:
            if device.is_online and device.led_on == self.led_on:
                self.seconds.append(max(0.0, device.switched_at - self.at))
            else:
                self.never.append(device)
        self.seconds.sort()

    def within(self, share: float) -> float | None:
        """Seconds until this share of all LEDs was right; None if it never was."""
        place = math.ceil(share * (len(self.seconds) + len(self.never))) - 1
        return self.seconds[place] if 0 <= place < len(self.seconds) else None

    def row(self, since: float) -> str:
        shares = (self.within(share) for share in SHARES)
        cells = ["never" if seconds is None else f"{seconds:.2f} s" for seconds in shares]
        faults = sorted(Counter(device.sensor.fault or "sound" for device in self.never).items())
        never = f"{len(self.never):,}" + (f" ({', '.join(f'{fault} {n:,}' for fault, n in faults)})" if faults else "")
        name = "dusk" if self.led_on else "dawn"
        return f"| {name} after {self.at - since:.0f} s | {' | '.join(cells)} | {never} |"


class Methods:
    """What each would have decided from the readings that were sent."""

    def __init__(self, names: Sequence[str], threshold: float, fresh: float) -> None:
        """A reading older than `fresh` seconds does not count."""
        self._threshold, self._fresh = threshold, fresh
        self._led_on = dict.fromkeys(names, False)
        self._wrong = dict.fromkeys(names, 0)
        self._switched = dict.fromkeys(names, 0)
        self._looks = 0

    def look(self, devices: Sequence[Device], now: float, is_dark: bool) -> None:
        if not self._led_on:
            return
        lights = Lights()
        for device in devices:
            if device.said and now - device.said[1] <= self._fresh:
                lights.add(device.said[0])
        self._looks += 1
        for name, was_on in self._led_on.items():
            led_on = self._is_dark(name, lights)
            if led_on is None:
                led_on = was_on
            self._led_on[name] = led_on
            self._switched[name] += led_on != was_on
            self._wrong[name] += led_on != is_dark

    def _is_dark(self, name: str, lights: Lights) -> bool | None:
        if name == ANY:
            return lights.below(self._threshold) > 0
        return lights.is_dark(cast(Method, name), self._threshold)

    def rows(self) -> list[str]:
        head = ["| method | its decision is wrong | it changes |", "| --- | --- | --- |"]
        return [
            *head,
            *(
                f"| {name} | {100 * self._wrong[name] / max(1, self._looks):.1f} % of the time"
                f" | {self._switched[name]} times |"
                for name in self._led_on
            ),
        ]


class Rates:
    """How many messages go in each second: on average, and at most."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._before, self._at = Tally(), 0.0
        self._first = Tally(), 0.0
        self.now = self.most = (0.0, 0.0)
        """Of the devices: out, in."""

    def begin(self, now: float) -> None:
        self._before, self._at = Tally(**vars(self._tally)), now
        self._first = self._before, now
        self.most = (0.0, 0.0)

    def look(self, now: float) -> None:
        """To be called about once a second."""
        self.now = self._since(self._before, now - self._at)
        self.most = max(self.most[0], self.now[0]), max(self.most[1], self.now[1])
        self._before, self._at = Tally(**vars(self._tally)), now

    def rows(self, now: float) -> list[str]:
        tally, at = self._first
        average = self._since(tally, now - at)
        most = [max(pair) for pair in zip(average, self.most, strict=True)]  # a short run has no whole second
        return [
            "| messages a second | on average | in the busiest second |",
            "| --- | --- | --- |",
            f"| out: readings and reported LEDs | {average[0]:,.0f} | {most[0]:,.0f} |",
            f"| in: commands | {average[1]:,.0f} | {most[1]:,.0f} |",
        ]

    def _since(self, before: Tally, seconds: float) -> tuple[float, float]:
        tally, seconds = self._tally, max(seconds, 1e-9)
        out = tally.readings + tally.leds - before.readings - before.leds
        return out / seconds, (tally.commands - before.commands) / seconds
