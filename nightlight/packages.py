"""Are the packages installed? Asked before anything needs them."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from nightlight.findings import cross, report
from nightlight.notices import Problem


def check(names: tuple[str, ...], remedy: str = "Run: pip install -r requirements.txt") -> None:
    """End the program with one line if this Python will not do, or if one of these packages is missing."""
    problem = None
    missing = [name for name in names if find_spec(name) is None]
    if sys.version_info < (3, 10):  # noqa: UP036 (that is why)
        problem = Problem(f"This Python is {sys.version.split()[0]}.", "The nightlight needs Python 3.10 or newer.")
    elif missing:
        problem = Problem(
            f"This Python ({sys.executable}) lacks {', '.join(missing)}.",
            f"{remedy}, or use the Python in .venv, which run.py has made.",
        )
    if problem and "--check" in sys.argv:  # the check-up itself needs them
        sys.exit(report([cross("Python", problem)], as_json="--json" in sys.argv))
    if problem:
        sys.exit(str(problem))
