"""From a reading to its command: one at a time, and when so many a second come whether or not they are answered.

    .venv/bin/python -m bench.under_load [--quick]

At QoS 0, over Mosquitto, in the closed box. Everyone has a turn in each round.
"""

from __future__ import annotations

import sys
from contextlib import closing
from statistics import median, quantiles
from typing import TypedDict

from bench.box import Box, Server
from bench.effort import FULL, QUICK, Effort
from bench.load import Load
from bench.peers import BARE, GMQTT, NODE_RED, OURS, PAHO, all_peers
from bench.progress import Bar
from bench.tables import table

IN_THE_PLOT = (PAHO.name, GMQTT.name, NODE_RED.name, BARE.name, OURS.name)

DEVICES = 10_000


class Figures(TypedDict):
    """Of one server: of each round."""

    one_at_a_time: list[float]
    """Median of a round, in seconds."""
    one_at_a_time_95: list[float]
    """And within what 95 % come."""
    at_rate: dict[str, list[float | None]]
    """By readings a second: median of a round; None where it did not keep up."""
    at_rate_95: dict[str, list[float | None]]


UnderLoad = dict[str, Figures]


def measure(effort: Effort, bar: Bar) -> UnderLoad:
    peers = [peer for peer in all_peers(effort.is_patient) if peer.processes == 1]
    watched = [peer.name for peer in peers if peer.name in IN_THE_PLOT]
    bar.begin("latency", effort.rounds * (len(peers) + len(watched) * len(effort.rates)))
    found: UnderLoad = {
        peer.name: Figures(
            one_at_a_time=[],
            one_at_a_time_95=[],
            at_rate={str(rate): [] for rate in effort.rates if peer.name in watched},
            at_rate_95={str(rate): [] for rate in effort.rates if peer.name in watched},
        )
        for peer in peers
    }
    with closing(Box()) as box:
        servers = [box.start(peer, 0) for peer in peers]
        for _ in range(effort.rounds):
            for server in servers:
                of = found[server.peer.name]
                taken, _shares = box.measure(server, Load.one_at_a_time, effort.seconds * 0.4)
                of["one_at_a_time"].append(median(taken))
                of["one_at_a_time_95"].append(_within(taken))
                bar.step(f"{server.peer.name}, one at a time: {median(taken) * 1e3:.2f} ms")
            for rate in effort.rates:
                for server in servers:
                    if server.peer.name in watched:
                        words = _at_rate(box, server, rate, effort.seconds * 0.4, found[server.peer.name])
                        bar.step(f"{server.peer.name}, {rate:,} readings a second: {words}")
    return found


def _at_rate(box: Box, server: Server, rate: int, seconds: float, of: Figures) -> str:
    try:
        taken, _shares = box.measure(server, Load.at_rate, rate, seconds, devices=DEVICES)
    except TimeoutError:
        of["at_rate"][str(rate)].append(None)
        of["at_rate_95"][str(rate)].append(None)
        return "it does not keep up"
    of["at_rate"][str(rate)].append(median(taken))
    of["at_rate_95"][str(rate)].append(_within(taken))
    return f"{median(taken) * 1e3:.2f} ms"


def _within(taken: list[float]) -> float:
    return quantiles(taken, n=20)[-1]


def typical(rounds: list[float | None]) -> float | None:
    """The median; None if it did not keep up in more than half of the rounds."""
    kept_up = [seconds for seconds in rounds if seconds is not None]
    return median(kept_up) if len(kept_up) * 2 > len(rounds) else None


def tables(found: UnderLoad) -> str:
    rates = [rate for of in found.values() for rate in of["at_rate"]]
    rates = list(dict.fromkeys(rates))
    rows = []
    for name, of in sorted(found.items(), key=lambda item: median(item[1]["one_at_a_time"])):
        cells = [name, f"{_ms(median(of['one_at_a_time']))}; {_ms(median(of['one_at_a_time_95']))}"]
        for rate in rates:
            rounds, rounds_95 = of["at_rate"].get(rate), of["at_rate_95"].get(rate, [])
            cells.append(f"{_ms(typical(rounds))}; {_ms(typical(rounds_95))}" if rounds else "")
        rows.append(cells)
    head = ["server", "one at a time: median; 95 % within", *(f"{int(rate):,} a second" for rate in rates)]
    return table(head, rows)


def _ms(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds * 1e3:.2g} ms" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"


if __name__ == "__main__":
    with Bar() as bar:
        result = measure(QUICK if "--quick" in sys.argv else FULL, bar)
    print(tables(result))
