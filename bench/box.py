"""The closed box: Mosquitto, the servers and the load, each a process of its own on this machine, and nobody else."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import psutil

from bench.load import Load
from bench.peers import Peer
from tests.kit.brokers import Broker, mosquitto
from tests.kit.programs import PATIENCE, clean_environment, until

BROKER = ("listener {port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 0")
"""As the project's mosquitto.conf, but that no number of waiting messages is too many."""

DEVICES = 1000
SLOWEST_START = 90.0  # seconds, of Node-RED on a machine that is busy

Result = TypeVar("Result")


@dataclass(frozen=True)
class Shares:
    """How much of a core each has used meanwhile, in %."""

    server: float
    broker: float
    load: float


class Server:
    """A peer that runs, and has answered. What it prints goes to nobody."""

    def __init__(self, peer: Peer, port: int, id: str, qos: int) -> None:
        self.peer, self.id, self.qos = peer, id, qos
        self.processes = [
            subprocess.Popen(
                peer.command(port, id, qos),
                stdout=subprocess.DEVNULL,
                env=clean_environment(),
                start_new_session=True,  # Ctrl+C is not for them: they end with the bench
            )
            for _ in range(peer.processes)
        ]
        for process in self.processes:
            what = f"the connection of {peer.name}"
            until(lambda: self._is_connected(process, port), what, SLOWEST_START, 0.05)  # noqa: B023 (at once)

    @staticmethod
    def _is_connected(process: subprocess.Popen[bytes], port: int) -> bool:
        assert process.poll() is None, "it has ended"
        connections = psutil.Process(process.pid).net_connections()
        return any(each.raddr and each.raddr.port == port for each in connections)

    def memory(self) -> float:
        """MB."""
        return sum(psutil.Process(process.pid).memory_info().rss for process in self.processes) / 1e6

    def terminate(self) -> None:
        """Let it end by itself."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


class Box:
    """Where servers are measured in turns, all of them beside the same broker."""

    def __init__(self) -> None:
        with ExitStack() as parts:
            folder = parts.enter_context(tempfile.TemporaryDirectory())
            self.broker: Broker = parts.enter_context(closing(mosquitto(Path(folder), *BROKER)))
            self._load = parts.enter_context(ProcessPoolExecutor(1, get_context("spawn"), _ignore_ctrl_c))
            self._parts = parts.pop_all()

    def close(self) -> None:
        self._parts.close()

    def start(self, peer: Peer, qos: int) -> Server:
        """Beside the others, with an id of its own. It ends with the box."""
        id = "-".join(word for word in peer.name.lower().replace(",", "").split())
        server = self._parts.enter_context(closing(Server(peer, self.broker.port, f"{id}-{qos}", qos)))
        self.measure(server, Load.wait_for_server)
        return server

    def measure(
        self, server: Server, way: Callable[..., Result], *arguments: float, devices: int = DEVICES
    ) -> tuple[Result, Shares]:
        """What this way of Load's finds out about a server that so many devices send readings to."""
        of_server = [_processor_time(process) for process in server.processes]
        of_broker, started = _processor_time(self.broker.program.process), time.perf_counter()
        job = self._load.submit(_in_load, self.broker.port, server.id, server.qos, devices, way, arguments)
        result, of_load = job.result()
        took = (time.perf_counter() - started) / 100
        used = sum(_processor_time(process) for process in server.processes) - sum(of_server)
        used_by_broker = _processor_time(self.broker.program.process) - of_broker
        return result, Shares(used / took, used_by_broker / took, of_load / took)


def _ignore_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_load(
    port: int, id: str, qos: int, devices: int, way: Callable[..., Result], arguments: tuple[float, ...]
) -> tuple[Result, float]:
    """In the load's process; beside the result, the seconds of processor that it took."""
    with closing(Load(port, id, qos, devices)) as load:
        started = time.process_time()
        return way(load, *arguments), time.process_time() - started


def _processor_time(process: subprocess.Popen[Any]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)
