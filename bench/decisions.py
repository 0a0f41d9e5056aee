"""Decisions a second: ours beside what people would use instead, at QoS 0 and 1.

    .venv/bin/python -m bench.decisions [--quick]

Everyone has a turn in each round; what is shown are the medians.
"""

from __future__ import annotations

import sys
from contextlib import closing
from statistics import median
from typing import TypedDict

from bench.box import Box
from bench.effort import FULL, QUICK, Effort
from bench.load import Load
from bench.peers import LIMIT, NODE_RED, OURS, PAHO, all_peers, shared
from bench.progress import Bar
from bench.tables import table

WINDOW = 400  # readings that wait for an answer, at most
WARM_UP = 0.2  # seconds


class Figures(TypedDict):
    """Of one server, in each round."""

    rates: list[float]
    server: list[float]
    """Its share of a core, in %; the broker's; the load's."""
    broker: list[float]
    load: list[float]


Decisions = dict[str, dict[str, Figures]]
"""By QoS ("0", "1"), then by name."""


def measure(effort: Effort, bar: Bar) -> Decisions:
    peers = all_peers(effort.is_patient)
    bar.begin("decisions", 2 * len(peers) * effort.rounds)
    found: Decisions = {}
    for qos in (0, 1):
        figures = found[str(qos)] = {peer.name: Figures(rates=[], server=[], broker=[], load=[]) for peer in peers}
        with closing(Box()) as box:
            servers = [box.start(peer, qos) for peer in peers]
            for _ in range(effort.rounds):
                for server in servers:
                    rate, shares = box.measure(server, Load.flood, WINDOW, WARM_UP, effort.seconds)
                    of = figures[server.peer.name]
                    of["rates"].append(rate)
                    of["server"].append(shares.server)
                    of["broker"].append(shares.broker)
                    of["load"].append(shares.load)
                    bar.step(f"{server.peer.name}, QoS {qos}: {rate:,.0f} decisions a second")
    return found


def tables(found: Decisions) -> str:
    return "\n\n".join([*(_table(qos, of) for qos, of in found.items()), ratios(found)])


def _table(qos: str, found: dict[str, Figures]) -> str:
    rows = []
    for name, of in sorted(found.items(), key=lambda item: -median(item[1]["rates"])):
        rates = [f"{median(of['rates']):,.0f}", f"{min(of['rates']):,.0f} to {max(of['rates']):,.0f}"]
        rows.append([name, *rates, *(f"{median(each):.0f} %" for each in (of["server"], of["broker"], of["load"]))])
    head = [f"at QoS {qos}", "decisions a second", "in the rounds", "of a core: server", "broker", "load"]
    return table(head, rows)


def ratios(found: Decisions) -> str:
    """Ours to the others."""
    one, two = OURS.name, shared(2).name
    wanted = [
        ("0", one, PAHO.name), ("0", one, NODE_RED.name), ("0", one, LIMIT.name), ("0", two, "gmqtt"),
        ("1", one, PAHO.name), ("1", one, "aiomqtt"), ("1", one, NODE_RED.name),
    ]  # fmt: skip
    rows = []
    for qos, ours, other in wanted:
        of = found[qos]
        if ours in of and other in of:
            ratio = median(a / b for a, b in zip(of[ours]["rates"], of[other]["rates"], strict=True))
            rows.append([f"{ours} : {other}", qos, f"{ratio:.2f}"])
    return table(["ratio", "QoS", "median"], rows)


if __name__ == "__main__":
    with Bar() as bar:
        result = measure(QUICK if "--quick" in sys.argv else FULL, bar)
    print(tables(result))
