"""Lights: the light levels of many sensors, and what they come to."""

from __future__ import annotations

from bisect import bisect_left, insort

from nightlight.messages import Method


class Lights:
    """Light levels, 0 to 65,535, of sensors that count. They are kept sorted: one more of 10,000 takes microseconds."""

    def __init__(self) -> None:
        self._sorted: list[int] = []
        self._total = 0

    def __len__(self) -> int:
        return len(self._sorted)

    def add(self, light: int) -> None:
        insort(self._sorted, light)
        self._total += light

    def remove(self, light: int) -> None:
        """Remove one that has been added."""
        del self._sorted[bisect_left(self._sorted, light)]
        self._total -= light

    @property
    def median(self) -> float:
        """The one in the middle: that of a good sensor, or between two, while more than half are good."""
        half, is_odd = divmod(len(self), 2)
        return self._sorted[half] if is_odd else (self._sorted[half - 1] + self._sorted[half]) / 2

    @property
    def mean(self) -> float:
        """All of them count, also one that is broken and far off."""
        return self._total / len(self)

    def below(self, limit: float) -> int:
        """How many of them are."""
        return bisect_left(self._sorted, limit)

    def is_dark(self, method: Method, limit: float) -> bool | None:
        """Whether it is, by this method; None if they do not say: there are none, or it is a tie.

        A quorum is more than half of them, each of which is dark or bright for itself.
        """
        if not self:
            return None
        if method == "median":
            return self.median < limit
        if method == "mean":
            return self.mean < limit
        dark = self.below(limit)
        bright = len(self) - dark
        return None if dark == bright else dark > bright
