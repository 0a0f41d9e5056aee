"""A microcontroller: the real MicroPython, its Unix port, on a flash of its own."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.kit.brokers import Broker
from tests.kit.locked import LockedBroker
from tests.kit.programs import ROOT

needs_micropython = pytest.mark.skipif(
    not (find_spec("micropython_unix") or shutil.which("micropython")),
    reason="MicroPython is not on PyPI for this machine; Debian has it: apt install micropython",
)
SCRIPT = "microcontroller/stand_in/__main__.py"
FILES = ("main.py", "link.py", "patient.py", "trouble.py", "wifi.py")
"""What the README has a reader copy to the board, beside settings.py."""


def flash(folder: Path, broker: Broker | None = None, host: str = "127.0.0.1", port: int = 0, **changes: Any) -> Path:
    """A board's files, as a reader copies them there: settings.py with these settings, and TLS where it is locked."""
    changes = {"ID": "nightlight", "BROKER": host, "PORT": port or (broker.port if broker else 1883), **changes}
    folder.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copy(ROOT / "microcontroller" / name, folder)
    if isinstance(broker, LockedBroker):
        party = broker.folder / "devices" / changes["ID"]
        shutil.copy(party / "ca.pem", folder)
        for name in ("user", "password"):
            changes.setdefault(name.upper(), (party / name).read_text().strip())
        changes.setdefault("CA", "ca.pem")
    lines = "".join(f"{name} = {value!r}\n" for name, value in changes.items())
    settings = (ROOT / "microcontroller/settings.py").read_text()
    (folder / "settings.py").write_text(f"{settings}\n{lines}")
    return folder
