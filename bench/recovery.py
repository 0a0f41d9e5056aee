"""How soon a server answers again after a fault: ours beside Node-RED.

    .venv/bin/python -m bench.recovery [--quick]

Each world has a Mosquitto, one of our servers and a flow of Node-RED, each on a network of its own, and a client that
sends both a reading every 50 ms. What counts is the first answer to a reading that was sent after the fault was over;
or after it began, if it is the server that has to end it. All worlds suffer at the same time, for they do next to
nothing; but servers are killed one after the other. Node-RED is as it comes: it knocks every 15 s, and its keep-alive
is 60 s.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

from bench import peers
from bench.box import BROKER
from bench.effort import FULL, QUICK, Effort
from bench.peers import node_red
from bench.progress import Bar
from bench.questions import Questions
from bench.tables import table
from tests.faults.network import Proxy
from tests.kit.brokers import mosquitto
from tests.kit.programs import clean_environment
from tests.payloads import BAD_TELEMETRY

OURS, NODE_RED = peers.OURS.name, peers.NODE_RED.name
IDS = {OURS: "ours", NODE_RED: "node-red"}
AWAY = 5.0  # seconds
LONGEST = 150.0  # seconds after which we give up

Recovery = dict[str, dict[str, list[float]]]
"""By fault, then by server: seconds in each world."""


class Supervised:
    """A server that is started again at once when it was killed."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self.start()

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            self._command, env=clean_environment(), stdout=quiet, stderr=quiet, start_new_session=True
        )

    def kill(self) -> None:
        """When it runs again (it has yet to connect)."""
        self.close()
        self.start()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


class World:
    """A broker, networks that lead to it, and who asks."""

    def __init__(self, servers: list[str]) -> None:
        with ExitStack() as parts:
            folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
            self.broker = parts.enter_context(closing(mosquitto(folder, *BROKER)))
            self.networks = {name: parts.enter_context(closing(Proxy(self.broker.port))) for name in servers}
            self.questions = parts.enter_context(closing(Questions(self.broker.port, [IDS[name] for name in servers])))
            self._parts = parts.pop_all()

    def close(self) -> None:
        self._parts.close()

    # ---- faults: each returns the moment from which the time counts ----

    def garbage(self) -> float:
        self.questions.say(*BAD_TELEMETRY.values())
        return time.perf_counter()

    def restarted(self) -> float:
        self.broker.restart()
        return time.perf_counter()

    def away(self) -> float:
        self.broker.kill()
        time.sleep(AWAY)
        self.broker.start()
        return time.perf_counter()

    def silent(self) -> float:
        begin = time.perf_counter()
        for network in self.networks.values():
            network.forget()
        return begin


KILLED = "server killed, started again at once"
SILENT = "connection silent, nobody is told"
FAULTS: dict[str, Callable[[World], float]] = {
    f"{len(BAD_TELEMETRY)} messages of garbage": World.garbage,
    "broker restarted": World.restarted,
    "broker killed and away for 5 s": World.away,
    SILENT: World.silent,
}


def measure(effort: Effort, bar: Bar) -> Recovery:
    servers = [OURS, NODE_RED] if effort.is_patient and node_red.find() else [OURS]
    names = [KILLED, *FAULTS] if effort.is_patient else [KILLED, *list(FAULTS)[:2]]
    bar.begin("recovery", len(names) * len(servers) * effort.rounds)
    found: Recovery = {name: {server: [] for server in servers} for name in names}
    groups = [[name] for name in names if name == SILENT]  # which lasts longest, so it has worlds of its own
    groups.append([name for name in names if name != SILENT])
    with ThreadPoolExecutor(len(groups)) as threads:
        for job in [threads.submit(_suffer, group, servers, effort.rounds, found, bar) for group in groups]:
            job.result()
    return found


def _suffer(faults: list[str], servers: list[str], rounds: int, found: Recovery, bar: Bar) -> None:
    """Put so many worlds through these faults."""
    with ExitStack() as parts:
        worlds = [parts.enter_context(closing(World(servers))) for _ in range(rounds)]
        threads = parts.enter_context(ThreadPoolExecutor(2 * rounds))
        programs = _start(worlds, servers, parts)

        def wait(fault: str, server: str, world: World, since: float) -> None:
            taken = world.questions.first_answer(IDS[server], since, LONGEST)
            found[fault][server].append(taken)
            bar.step(f"{server}, {fault}: {taken:.2f} s")

        for fault in faults:
            for world, server in itertools.product(worlds, servers):  # each is well
                world.questions.first_answer(IDS[server], time.perf_counter(), LONGEST)
            if fault == KILLED:
                for (number, world), server in itertools.product(enumerate(worlds), servers):
                    since = time.perf_counter()
                    programs[server][number % len(programs[server])].kill()
                    wait(KILLED, server, world, since)
                continue
            moments = list(threads.map(FAULTS[fault], worlds))
            jobs = [
                threads.submit(wait, fault, server, world, since)
                for world, since in zip(worlds, moments, strict=True)
                for server in servers
            ]
            for job in jobs:
                job.result()


def _start(worlds: list[World], servers: list[str], parts: ExitStack) -> dict[str, list[Supervised]]:
    """One of ours for each world, and one Node-RED with a flow for each."""
    commands = {OURS: [peers.OURS.command(world.networks[OURS].port, IDS[OURS], 1) for world in worlds]}
    if NODE_RED in servers:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        flows = [
            node_red.flow(f"world{number}", world.networks[NODE_RED].port, IDS[NODE_RED], 1)
            for number, world in enumerate(worlds)
        ]
        commands[NODE_RED] = [node_red.command(folder, *flows)]
    programs = {
        name: [parts.enter_context(closing(Supervised(words))) for words in each] for name, each in commands.items()
    }
    begin = time.perf_counter()
    for world, server in itertools.product(worlds, servers):
        taken = world.questions.first_answer(IDS[server], begin, LONGEST)
        assert taken < LONGEST, f"{server} does not answer"
    return programs


def tables(found: Recovery) -> str:
    servers = list(found[KILLED])
    rows = []
    for fault, of in found.items():
        cells = [fault]
        for server in servers:
            cells += [_in_words(median(of[server])), f"{_in_words(min(of[server]))} to {_in_words(max(of[server]))}"]
        rows.append(cells)
    head = ["answers again after"]
    for server in servers:
        head += [f"{server}: median", "all"]
    return table(head, rows)


def _in_words(seconds: float) -> str:
    if seconds >= LONGEST:
        return f"more than {LONGEST:.0f} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1e3:.0f} ms"


if __name__ == "__main__":
    with Bar() as bar:
        result = measure(QUICK if "--quick" in sys.argv else FULL, bar)
    print(tables(result))
