"""Are the packages installed? Asked before anything needs them."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from nightlight.notices import Problem

VENV = Path(__file__).resolve().parent.parent / ".venv"
INSTALL = "pip install -r requirements.txt"


def check(needed: dict[str, str], install: str = INSTALL) -> None:
    """End the program with one line if this Python will not do, or if one of these packages is missing.

    `needed` has for each package a module that it brings; `install` is the command that installs them.
    """
    problem = None
    missing = [package for package, module in needed.items() if not _is_there(module)]
    if sys.version_info < (3, 10):  # noqa: UP036 (that is why)
        problem = Problem(f"This Python is {sys.version.split()[0]}.", "The nightlight needs Python 3.10 or newer.")
    elif missing:
        problem = Problem(f"This Python ({sys.executable}) lacks {', '.join(missing)}.", _remedy(install))
    if not problem:
        return
    if "--check" not in sys.argv:
        sys.exit(str(problem))
    finding = {"subject": "Python", "ok": False, "found": problem.what, "remedy": problem.remedy}  # as the check-up's
    print(json.dumps({"ok": False, "findings": [finding]}) if "--json" in sys.argv else f"NO Python   {problem}")
    sys.exit(1)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it is a part of
        return False


def _remedy(install: str) -> str:
    """For the commonest mistake, too: a new terminal in which the virtual environment has not been activated."""
    activate = r".venv\Scripts\activate" if sys.platform == "win32" else "source .venv/bin/activate"
    if sys.prefix == str(VENV):
        return f"Run: {install}"
    if VENV.exists():
        return f"In the project's folder run: {activate} (and, if that does not help: {install})"
    return f"In the project's folder run: python3 -m venv .venv, then {activate}, then {install}"
