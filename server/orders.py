"""Orders: which command is which, where every one counts."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator


def numbered() -> Iterator[str]:
    """`7f3a9c21-0`, `7f3a9c21-1`, ...: the first part is this run's own."""
    run = secrets.token_hex(4)
    return (f"{run}-{number}" for number in itertools.count())
