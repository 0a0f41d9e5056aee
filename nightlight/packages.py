"""Are the packages of requirements.txt installed? Checked before anything needs them."""

from __future__ import annotations

import sys
from importlib.util import find_spec

NEEDED = ("paho", "counterfit_connection", "counterfit_shims_grove", "requests", "msgspec", "configargparse")


def check() -> None:
    """End the program with one line if this Python, or what is installed for it, will not do."""
    if sys.version_info < (3, 10):  # noqa: UP036 (that is why)
        sys.exit(f"The nightlight needs Python 3.10 or newer; this is {sys.version.split()[0]}.")
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        sys.exit(
            f"This Python ({sys.executable}) lacks {', '.join(missing)}. Run: pip install -r requirements.txt,"
            " or use the Python in .venv, which run.py has made."
        )
