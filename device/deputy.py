"""Deputy: passes on what the server decides, and decides in its place when it has been silent for too long."""

from __future__ import annotations

import time
from collections.abc import Callable

from nightlight.messages import Command, LedState
from nightlight.rule import Rule


class Deputy:
    """Waits to hear from the server after each reading; after `patience` seconds it decides by the same rule.

    Any command shows that the server is there, also one that answers somebody else's reading, as in a group. With
    it the server takes over again. With an infinite patience the deputy never decides.
    """

    def __init__(self, patience: float, rule: Rule, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._rule = rule
        self._clock = clock
        self._asked_at: float | None = None
        self._command: Command | None = None  # the newest that has come since decide()
        self._led = LedState(led_on=False, by="server")

    def asked(self) -> None:
        """A reading was due: it was sent, or could not be."""
        if self._asked_at is None:
            self._asked_at = self._clock()

    def heard(self, command: Command) -> None:
        """A command has come from the server."""
        self._command, self._asked_at = command, None

    def decide(self, light: int | None) -> LedState | None:
        """What the LED should be, and who says so; None if nobody says anything new.

        `light` is 0 to 65,535, or None while it cannot be read.
        """
        if self._command:
            self._led = LedState(self._command.led_on, by="server")
            self._command = None
            return self._led
        if light is None or self._asked_at is None or self._clock() - self._asked_at < self._patience:
            return None
        decision = LedState(self._rule.led_on(light, self._led.led_on), by="device")
        if decision == self._led:
            return None
        self._led = decision
        return decision
