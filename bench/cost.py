"""What this server costs in memory and processor, with 10 to 10,000 devices of which each sends a reading every 5 s.

    .venv/bin/python -m bench.cost [--quick]

All devices speak over one connection: the server cannot tell, and the broker has less to do. At QoS 1, the default.
"""

from __future__ import annotations

import sys
from contextlib import closing
from statistics import median
from typing import TypedDict

from bench.box import Box
from bench.effort import FULL, QUICK, Effort
from bench.load import PATIENCE, Load
from bench.peers import OURS
from bench.progress import Bar
from bench.tables import table

INTERVAL = 5.0  # seconds, between two readings of a device
FAST = 2000.0  # readings a second, until it knows all


class Figures(TypedDict):
    memory: float
    """MB, when it knows all devices."""
    processor: list[float]
    """% of a core, in each round."""


Cost = dict[str, Figures]
"""By the number of devices."""


def measure(effort: Effort, bar: Bar) -> Cost:
    bar.begin("cost", len(effort.devices) * effort.rounds)
    found: Cost = {}
    for devices in effort.devices:
        with closing(Box()) as box:
            server = box.start(OURS, 1)
            box.measure(server, Load.at_rate, FAST, devices / FAST, PATIENCE, devices=devices)
            of = found[str(devices)] = Figures(memory=server.memory(), processor=[])
            for _ in range(effort.rounds):
                seconds = effort.seconds * 1.5
                _, shares = box.measure(server, Load.at_rate, devices / INTERVAL, seconds, PATIENCE, devices=devices)
                of["processor"].append(shares.server)
                of["memory"] = max(of["memory"], server.memory())
                bar.step(f"{devices:,} devices: {shares.server:.1f} % of a core, {server.memory():.0f} MB")
    return found


def tables(found: Cost) -> str:
    rows = [
        [f"{int(devices):,}", f"{of['memory']:.0f} MB", f"{median(of['processor']):.1f} % of a core"]
        for devices, of in found.items()
    ]
    return table(["devices", "memory", "processor"], rows)


if __name__ == "__main__":
    with Bar() as bar:
        result = measure(QUICK if "--quick" in sys.argv else FULL, bar)
    print(tables(result))
