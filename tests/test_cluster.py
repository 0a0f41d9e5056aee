"""A real cluster of three RabbitMQ nodes, of which some are killed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from tests.kit.boards import CounterFit
from tests.kit.cluster import Cluster
from tests.kit.failover import DEVICE, SERVER, fail_over
from tests.kit.programs import ROOT, Program, answers, until
from tests.kit.stranger import Stranger

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with closing(Cluster()) as cluster:
        yield cluster


def test_the_nodes_are_one_broker(cluster: Cluster) -> None:
    with closing(Stranger(cluster.nodes[0].port, "room/#")) as here, closing(Stranger(cluster.nodes[2].port)) as there:
        there.publish("room/telemetry", b'{"light": 80}')
        here.wait_for("room/telemetry", b'{"light": 80}')


def test_a_server_that_would_share_in_vain_is_told_so(cluster: Cluster) -> None:
    """RabbitMQ lets everybody subscribe to $share/..., and sends nothing there."""
    check = Program(
        sys.executable, ROOT / "server/app.py", "--check", "--share", "work", "--broker", cluster.nodes[0].url
    )
    with closing(check):
        check.wait_for("This broker does not know $share: a server with --share hears nothing here.")


@pytest.mark.parametrize("victim", [DEVICE, SERVER], ids=["device's", "server's"])
def test_the_node_of_either_is_killed_and_the_led_follows_and_no_kept_reading_is_lost(
    cluster: Cluster, board: CounterFit, victim: int
) -> None:
    fail_over(cluster, board, victim)
    fail_over(cluster, board, victim, steady=True)


def test_what_nobody_comes_back_for_does_not_wait_for_ever(cluster: Cluster, board: CounterFit) -> None:
    """A server has another name on each connection. What was for the last one would pile up in its queue."""

    def consumers() -> list[str]:
        """Of each queue."""
        return cluster.nodes[0].control("--no-table-headers", "list_queues", "consumers").split()

    fail_over(cluster, board, SERVER)
    assert "0" in consumers(), "RabbitMQ has mended it: then the policy need not"
    until(lambda: "0" not in consumers(), "the end of the queue", seconds=180, pause=5)


def test_ctrl_c_ends_all_of_it() -> None:
    program = Program(sys.executable, "-m", "bench.cluster")
    with closing(program):
        program.wait_for("Ctrl+C", seconds=300)
        ports = [int(line.rpartition(":")[2]) for line in program.lines if line.startswith("mqtt://")]
        started = psutil.Process(program.process.pid).children(recursive=True)
        assert len(ports) == 3
        assert program.interrupt() == 0
    assert not any(answers(port) for port in ports)
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
