"""Orders: which command is which, where every one counts."""

from __future__ import annotations

import secrets


class Orders:
    """Hands out `7f3a9c21-0`, `7f3a9c21-1`, ...: the first part is this run's own. None where nobody counts."""

    def __init__(self, numbered: bool) -> None:
        self._run = secrets.token_hex(4) if numbered else None
        self._number = 0

    def next(self) -> str | None:
        """What tells the next command from all others."""
        if self._run is None:
            return None
        order = f"{self._run}-{self._number}"
        self._number += 1
        return order
