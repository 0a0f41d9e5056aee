"""Decisions a second of one server, and of two, three and four that share the work.

    .venv/bin/python -m bench.sharing [--quick]

At QoS 0, in the closed box. Broker and load want their share of the cores, too.
"""

from __future__ import annotations

import sys
from contextlib import closing
from statistics import median

from bench.box import Box
from bench.decisions import WARM_UP, WINDOW
from bench.effort import FULL, QUICK, Effort
from bench.load import Load
from bench.peers import shared
from bench.progress import Bar
from bench.tables import table

Sharing = dict[str, list[float]]
"""By the number of servers: decisions a second in each round."""


def measure(effort: Effort, bar: Bar) -> Sharing:
    bar.begin("sharing", len(effort.servers) * effort.rounds)
    found: Sharing = {str(count): [] for count in effort.servers}
    with closing(Box()) as box:
        servers = [box.start(shared(count), 0) for count in effort.servers]
        for _ in range(effort.rounds):
            for count, server in zip(effort.servers, servers, strict=True):
                rate, _shares = box.measure(server, Load.flood, WINDOW, WARM_UP, effort.seconds)
                found[str(count)].append(rate)
                bar.step(f"{count} servers: {rate:,.0f} decisions a second")
    return found


def tables(found: Sharing) -> str:
    rows = [
        [servers, f"{median(rates):,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}"]
        for servers, rates in found.items()
    ]
    return table(["servers", "decisions a second", "in the rounds"], rows)


if __name__ == "__main__":
    with Bar() as bar:
        result = measure(QUICK if "--quick" in sys.argv else FULL, bar)
    print(tables(result))
