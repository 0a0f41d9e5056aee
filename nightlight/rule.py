"""The decision: when is it dark enough for the nightlight?"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_THRESHOLD = 300


@dataclass(frozen=True)
class Rule:
    """The LED is on below the threshold. Both numbers are light levels, 0 to 65,535."""

    threshold: int = DEFAULT_THRESHOLD

    hysteresis: int = 0
    """An LED that is on stays on until the light reaches threshold + hysteresis: so a dusk that flickers, or an LED
    that lights its own sensor, does not make it blink."""

    def led_on(self, light: int, was_on: bool = False) -> bool:
        """Whether the LED should be on in this light, after it was on or off."""
        return light < self.limit(was_on)

    def limit(self, was_on: bool) -> int:
        """Below this light the LED should be on, after it was on or off."""
        return self.threshold + (self.hysteresis if was_on else 0)
