"""Measures everything, and shows it: what `python3 run.py bench` does when all is installed.

.venv/bin/python -m bench [--quick] [--into FOLDER]
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bench import cost, decisions, light_to_led, recovery, sharing, under_load, where_time_goes
from bench.effort import FULL, QUICK, Effort
from bench.options import read_options
from bench.peers import node_red
from bench.progress import Bar
from bench.show import RESULTS, machine, show
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import ROOT

MEASUREMENTS: dict[str, Callable[[Effort, Bar], Any]] = {
    "decisions": decisions.measure,
    "where_time_goes": where_time_goes.measure,
    "under_load": under_load.measure,
    "cost": cost.measure,
    "sharing": sharing.measure,
    "light_to_led": light_to_led.measure,
    "recovery": recovery.measure,
}


def main() -> int:
    end_at_once_when_asked()
    options = read_options(sys.argv[1:])
    if not MOSQUITTO:
        sys.exit("The bench needs Mosquitto; the README says how to install it.")
    effort = QUICK if options.quick else FULL
    if effort.is_patient and not node_red.find():
        print("Node-RED is left out: there is no npx, or npm cannot get it.")
    folder = options.into or (Path(tempfile.mkdtemp(prefix="bench-")) if options.quick else RESULTS)
    folder.mkdir(parents=True, exist_ok=True)

    started = time.monotonic()
    found: dict[str, Any] = {}
    with Bar() as bar:
        for name, measure in MEASUREMENTS.items():
            if each := measure(effort, bar):
                found[name] = each
            figures = {"machine": machine(effort, time.monotonic() - started), "found": found}
            (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8", newline="\n")
    show(folder)
    for name in found:
        print((folder / f"{name}.md").read_text(encoding="utf-8"))
    print(figures["machine"], f"Tables and plots are in {folder}.", sep="\n")
    if folder.resolve() == RESULTS:
        return subprocess.call([sys.executable, ROOT / "docs/put_listings.py", ROOT / "docs/speed.md"])
    return 0


def end_at_once_when_asked() -> None:
    """On Ctrl+C and the like, with all that it has started: nothing of it is worth a goodbye."""

    def end(*_: object) -> None:
        for process in psutil.Process().children(recursive=True):
            process.kill()
        print("\x1b[?25h\nInterrupted.", flush=True)  # the cursor, which the progress bar hides
        os._exit(130)

    stopping = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for name in stopping:
        signal.signal(name, end)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping)  # run.py has let them wait


if __name__ == "__main__":
    sys.exit(main())
