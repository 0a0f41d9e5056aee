"""Brokers: the embedded one and Mosquitto, each a real process on a free port."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.kit.programs import Program, answers, free_port, until
from tests.kit.stranger import Stranger

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


class Broker:
    """A broker that can be killed, and comes back on the same port."""

    def __init__(self, *command: str | Path, port: int) -> None:
        self.port = port
        self._command = command
        self.start()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def options(self, party: str, place: str = "") -> list[str]:
        """How a script gets to it, by way of this host and port if they are given. A locked one asks for a party."""
        return ["--broker", f"mqtt://{place or f'127.0.0.1:{self.port}'}"]

    def listen(self, *topics: str) -> Stranger:
        """Somebody who hears these."""
        return Stranger(self.port, *topics)

    def start(self) -> None:
        self.program = Program(*self._command)
        until(lambda: answers(self.port) or not self.program.is_running, "the broker's start")
        assert self.program.is_running, self.program.text

    def kill(self) -> None:
        self.program.kill()

    def restart(self) -> None:
        self.kill()
        self.start()

    def close(self) -> None:
        self.program.process.kill()
        self.program.wait()


def embedded_broker() -> Broker:
    port = free_port()
    return Broker(
        sys.executable,
        "-m",
        "iotcore",
        "--listen",
        "127.0.0.1",
        "--port",
        str(port),
        "--log-level",
        "CRITICAL",
        port=port,
    )


def mosquitto(folder: Path, *settings: str, port: int | None = None) -> Broker:
    """Mosquitto with these lines of configuration, by default those that let anybody in."""
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    port = port or free_port()
    lines = settings or (f"listener {port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true")
    configuration = folder / "mosquitto.conf"
    # Started by root, Mosquitto becomes the user `mosquitto`, who may not read a test's folder.
    configuration.write_text("user root\n" + "\n".join(lines).replace("{port}", str(port)) + "\n")
    return Broker(MOSQUITTO, "-c", configuration, port=port)


@contextmanager
def lasting_mosquitto() -> Iterator[Broker]:
    """A Mosquitto that remembers its sessions when it is killed, and loses nothing of them to a limit.

    It writes its whole memory down after each round of its loop, a message or two, and waits for the disk. So the
    disk is one in memory, where there is one: a kill does not need more, and how busy the real one is should not
    decide how long a test takes.
    """
    in_memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=in_memory if Path(in_memory).is_dir() else None) as folder:
        memory = ["persistence true", f"persistence_location {folder}/"]
        memory += ["autosave_on_changes true", "autosave_interval 1", "max_queued_messages 0"]
        lines = ["listener {port} 127.0.0.1", "allow_anonymous true", *memory]
        with closing(mosquitto(Path(folder), *lines)) as broker:
            yield broker
