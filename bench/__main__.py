"""Measures how fast it is, how many devices one server can have, and beside what. Less than ten minutes on two cores.

    python3 run.py bench                 everything; tables and plots go to bench/results, and into docs/speed.md
    python3 run.py bench --quick         just enough to see that it works, in less than a minute
    python3 run.py bench --into FOLDER   tables and plots go there, and nowhere else

Needs Mosquitto. Node-RED is measured as well if npx is there and npm can get it. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import cost, decisions, light_to_led, recovery, sharing, under_load
from bench.effort import FULL, QUICK, Effort
from bench.peers import node_red
from bench.progress import Bar
from bench.show import RESULTS, machine, show
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import ROOT

MEASUREMENTS: dict[str, Callable[[Effort, Bar], Any]] = {
    "decisions": decisions.measure,
    "under_load": under_load.measure,
    "cost": cost.measure,
    "sharing": sharing.measure,
    "light_to_led": light_to_led.measure,
    "recovery": recovery.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser("run.py bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round of each, without Node-RED")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="for tables and plots (default: bench/results)")
    options = parser.parse_args()
    if not MOSQUITTO:
        sys.exit("The bench needs Mosquitto. The README says how to install it.")
    effort = QUICK if options.quick else FULL
    if effort.is_patient:
        print("Node-RED: found." if node_red.find() else "Node-RED: npx cannot get it, so it is left out.")
    folder = options.into or (Path(tempfile.mkdtemp(prefix="nightlight-bench-")) if options.quick else RESULTS)
    folder.mkdir(parents=True, exist_ok=True)

    started = time.monotonic()
    with Bar() as bar:
        found = {name: measure(effort, bar) for name, measure in MEASUREMENTS.items()}
    figures = {
        "machine": machine(effort, time.monotonic() - started),
        "found": {name: each for name, each in found.items() if each},
    }
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8", newline="\n")
    show(folder)
    for name in figures["found"]:
        print((folder / f"{name}.md").read_text(encoding="utf-8"))
    print(figures["machine"], f"Tables and plots are in {folder}.", sep="\n")
    if folder.resolve() == RESULTS:
        return subprocess.call([sys.executable, ROOT / "docs/put_listings.py"])  # docs/speed.md shows them
    return 0


if __name__ == "__main__":
    sys.exit(main())
