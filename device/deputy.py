"""Deputy: decides in the server's place when the server has been silent for too long."""

from __future__ import annotations

import time
from collections.abc import Callable

from nightlight.messages import Command
from nightlight.notices import say
from nightlight.rule import is_dark


class Deputy:
    """Waits for an answer to each reading; after `patience` seconds without one it decides by the same rule.

    The server takes over again with its next command. With an infinite patience it never decides.
    """

    def __init__(self, patience: float, threshold: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._threshold = threshold
        self._clock = clock
        self._asked_at: float | None = None
        self._decision: Command | None = None

    def asked(self) -> None:
        """A reading was due: it was sent, or could not be."""
        if self._asked_at is None:
            self._asked_at = self._clock()

    def answered(self) -> None:
        """A command has come."""
        self._asked_at = None
        if self._decision:
            self._decision = None
            say("The server decides again.")

    def decide(self, light: int) -> Command | None:
        """What to do about this light level, if that is new; None while the server decides, or nothing changes."""
        if self._asked_at is None or self._clock() - self._asked_at < self._patience:
            return None
        if not self._decision:
            say(f"No command for {self._patience:g} s: deciding alone.")
        decision = Command(led_on=is_dark(light, self._threshold))
        if decision == self._decision:
            return None
        self._decision = decision
        return decision
