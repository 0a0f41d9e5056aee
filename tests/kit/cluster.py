"""Three RabbitMQ nodes that are one broker: real ones, on this machine, with ports, data and a cookie of their own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.kit.programs import Program, answers, clean_environment, free_port, until

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's own /usr/sbin/rabbitmq-server becomes the user `rabbitmq`, who may not write where a test does."""

QUEUES, POLICY = "^mqtt-subscription-", '{"ha-mode": "exactly", "ha-params": 2, "expires": 60000}'
"""Where what a client has subscribed to at QoS 1 waits for it."""

TO_START = 120
"""Seconds for one node. Alone it takes seven; others may be at work."""

CONFIGURATION = """
# Devices speak MQTT; nobody here speaks RabbitMQ's own AMQP.
listeners.tcp = none
mqtt.listeners.tcp.1 = 127.0.0.1:{port}
mqtt.allow_anonymous = true
# So many commands are on their way to one client before it has acknowledged the first.
mqtt.prefetch = 1000
# Whom a node without data joins. The first one waits for nobody.
cluster_formation.peer_discovery_backend = classic_config
{join}
log.console = true
log.file = false
"""


def why_not() -> str:
    """Why there can be no cluster on this machine; empty if there can."""
    if not SERVER.exists():
        return "A cluster takes RabbitMQ from Debian: apt install rabbitmq-server"
    if os.geteuid() != 0:
        return "Only root can start the nodes: their files are in a folder of root's."
    return ""


class Node:
    """One RabbitMQ with its MQTT plugin. It can be killed, and comes back with its data on the same port."""

    def __init__(self, name: str, folder: Path, join: str, epmd: int) -> None:
        self.name = f"{name}@localhost"
        self.port = free_port()
        folder.mkdir()
        (folder / "rabbitmq.conf").write_text(CONFIGURATION.format(port=self.port, join=join))
        (folder / "enabled_plugins").write_text("[rabbitmq_mqtt].\n")
        self._environment = clean_environment(
            HOME=str(folder.parent),  # where the cookie is
            ERL_EPMD_PORT=str(epmd),
            RABBITMQ_NODENAME=self.name,
            RABBITMQ_DIST_PORT=str(free_port()),  # for the other nodes
            RABBITMQ_CONFIG_FILE=str(folder / "rabbitmq.conf"),
            RABBITMQ_CONF_ENV_FILE=str(folder / "none"),  # not the system's
            RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "enabled_plugins"),
            RABBITMQ_MNESIA_DIR=str(folder / "data"),
            RABBITMQ_PID_FILE=str(folder / "pid"),
            RABBITMQ_LOG_BASE=str(folder),
        )

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """It takes some seconds: wait()."""
        self.program = Program(SERVER, env=self._environment, own_group=True)

    def control(self, *words: str) -> str:
        """What rabbitmqctl answers."""
        command = [str(SERVER.parent / "rabbitmqctl"), "--quiet", *words]
        return subprocess.run(command, env=self._environment, check=True, capture_output=True, text=True).stdout

    def wait(self) -> None:
        """Until it listens, which it does once it is one of the cluster."""
        until(lambda: answers(self.port) or not self.program.is_running, f"the start of {self.name}", TO_START, 0.1)
        assert self.program.is_running, self.program.text

    def kill(self) -> None:
        """At once. Its system closes its connections, as it would not if its machine lost power: docs/many.md."""
        if self.program.is_running:
            os.killpg(self.program.process.pid, signal.SIGKILL)
        self.program.wait()


class Cluster:
    """Three nodes, numbered from 0. The first one is started first, and the others join it."""

    def __init__(self) -> None:
        if reason := why_not():
            pytest.skip(reason)
        self._folder = Path(tempfile.mkdtemp(prefix="cluster-"))
        cookie = self._folder / ".erlang.cookie"  # who has it is one of the nodes
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        epmd = free_port()  # of the daemon that tells nodes each other's ports
        self._epmd = Program("epmd", "-port", str(epmd), "-address", "127.0.0.1", own_group=True)
        join = "cluster_formation.classic_config.nodes.1 = a@localhost"
        self.nodes = [Node(name, self._folder / name, "" if name == "a" else join, epmd) for name in "abc"]
        try:
            first, *others = self.nodes
            first.start()
            first.wait()
            for node in others:
                node.start()
            for node in others:
                node.wait()
            first.control("set_policy", "mqtt", QUEUES, POLICY, "--apply-to", "queues")
        except BaseException:  # Ctrl+C, too
            self.close()
            raise

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def kill(self, node: int) -> None:
        self.nodes[node].kill()

    def restart(self, node: int) -> None:
        """Start one that was killed, and wait until it is there."""
        self.nodes[node].start()
        self.nodes[node].wait()

    def close(self) -> None:
        for node in self.nodes:
            if hasattr(node, "program"):
                node.kill()
        self._epmd.kill()
        shutil.rmtree(self._folder)
