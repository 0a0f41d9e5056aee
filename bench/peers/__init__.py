"""Who is measured: ours, and what people would use instead. Each is a program that takes port, id and QoS."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peers import node_red
from tests.kit.programs import ROOT

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Peer:
    """A program, of which so many run at once."""

    name: str
    command: Callable[[int, str, int], list[str]]
    processes: int = 1


def script(name: str, file: str, processes: int = 1) -> Peer:
    def command(port: int, id: str, qos: int) -> list[str]:
        return [sys.executable, str(HERE / file), str(port), id, str(qos)]

    return Peer(name, command, processes)


def ours(name: str, *options: str, processes: int = 1) -> Peer:
    def command(port: int, id: str, qos: int) -> list[str]:
        broker = ["--broker", f"mqtt://127.0.0.1:{port}", "--id", f"{id}/+", "--qos", str(qos)]
        return [sys.executable, str(ROOT / "server/app.py"), "--quiet", *broker, *options]

    return Peer(name, command, processes)


def shared(servers: int) -> Peer:
    """So many of ours that share the work."""
    return ours(f"this server, {servers} that share", "--share", "bench", processes=servers)


OURS = ours("this server")
PAHO = script("usual paho script", "paho_script.py")
AIOMQTT = script("aiomqtt", "aiomqtt_script.py")
GMQTT = script("gmqtt", "gmqtt_script.py")
BARE = script("bare socket", "bare_socket.py")
LIMIT = script("paho, nothing decided", "limit.py")
NODE_RED = script("Node-RED", "node_red.py")


def all_peers(with_node_red: bool) -> list[Peer]:
    """Those that can run here."""
    peers = [PAHO, AIOMQTT]
    if with_node_red and node_red.find():
        peers.append(NODE_RED)
    peers += [GMQTT, BARE]
    if (HERE / "limit.py").exists():
        peers.append(LIMIT)
    return [*peers, OURS, shared(2)]
