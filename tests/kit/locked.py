"""A locked Mosquitto, started from what run.py lock writes, as its user would start it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from broker.locked import Locked
from tests.kit.brokers import MOSQUITTO, Broker
from tests.kit.programs import free_port, until
from tests.kit.stranger import Stranger

HOSTS = ["localhost", "127.0.0.1", "broker.test"]
"""The last is a name that only tests have (RFC 6761)."""


class LockedBroker(Broker):
    """It knows these devices, the server and the page, and is reached by the names in HOSTS."""

    def __init__(self, folder: Path, *devices: str, by_certificate: bool = False) -> None:
        if not MOSQUITTO:
            pytest.skip("mosquitto is not installed")
        self.folder = folder
        self.by_certificate = by_certificate
        port = free_port()
        with Locked.changed(folder, HOSTS, by_certificate) as locked:
            locked.port = port
            for id in devices:
                locked.add_device(id)
        super().__init__(MOSQUITTO, "-c", folder / "mosquitto.conf", port=port)

    def start(self) -> None:
        super().start()
        until(lambda: any(line.endswith(" running") for line in self.program.lines))  # only now does it know SIGHUP

    @property
    def url(self) -> str:
        return f"mqtts://localhost:{self.port}"

    def options(self, party: str, place: str = "") -> list[str]:
        """How a script gets to it: with the credentials of `server`, `page` or `devices/<id>`."""
        url = f"mqtts://{place}" if place else self.url
        return ["--broker", url, "--credentials", str(self.folder / party)]

    def listen(self, *topics: str) -> Stranger:
        """As the page, which may hear everything."""
        return Stranger(self.port, *topics, credentials=self.folder / "page")

    def notice(self) -> None:
        """Let it read its files anew, and wait until it has."""
        said = len(self.program.lines)
        self.program.process.send_signal(signal.SIGHUP)
        self.program.wait_for("Reloading config", since=said)
