"""Makes tables and plots of the figures that a run of the bench has left.

.venv/bin/python -m bench.show [bench/results]          (python3 run.py bench does it, too)
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench import cost, decisions, light_to_led, plots, recovery, sharing, under_load, where_time_goes
from bench.effort import Effort
from bench.peers import node_red
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import ROOT

RESULTS = ROOT / "bench/results"
PACKAGES = ("paho-mqtt", "aiomqtt", "gmqtt")

TABLES: dict[str, Callable[[Any], str]] = {
    "decisions": decisions.tables,
    "where_time_goes": where_time_goes.tables,
    "under_load": under_load.tables,
    "cost": cost.tables,
    "sharing": sharing.tables,
    "light_to_led": light_to_led.tables,
    "recovery": recovery.tables,
}


def show(folder: Path) -> None:
    """Beside figures.json: for each measurement in it a table and most often a plot."""
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    for name, found in figures["found"].items():
        (folder / f"{name}.md").write_text(TABLES[name](found) + "\n", encoding="utf-8", newline="\n")
        if name in plots.DRAWINGS:
            plots.save(plots.DRAWINGS[name](found), folder / f"{name}.svg")
    (folder / "machine.md").write_text(figures["machine"] + "\n", encoding="utf-8", newline="\n")


def machine(effort: Effort, seconds: float) -> str:
    """Where and when this was measured, and with what."""
    said = subprocess.run([str(MOSQUITTO), "-h"], capture_output=True, text=True, check=False).stdout
    versions = [f"Python {platform.python_version()}", " ".join(said.split()[:3:2]).capitalize()]
    for name in PACKAGES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            pass
    if effort.is_patient and node_red.find():
        versions.append(f"Node-RED {node_red.version()}")
    day = datetime.now(timezone.utc)
    return (
        f"Measured on {day:%Y-%m-%d} with {os.cpu_count()} cores, {platform.system()}, {', '.join(versions)},"
        f" in {seconds / 60:.1f} minutes, {effort.rounds} rounds."
    )


if __name__ == "__main__":
    show(Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS)
