"""The broker that all parts use: one that is there, the embedded one, or a locked Mosquitto."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from broker.locked import CannotLock, Locked, this_machine
from demo.network import HERE, is_taken, mqtt_answers
from demo.parts import ROOT, PartFailed, Parts

LOCKED = ROOT / "locked"
WHERE_MOSQUITTO_IS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/usr/local/opt/mosquitto/sbin"


@dataclass(frozen=True)
class Broker:
    """Where it is, and how the parts are let in."""

    port: int
    folder: Path | None = None
    """What `run.py lock` has made, if it is locked."""

    def arguments(self, party: str) -> list[str]:
        """A script's options that lead to it; `party` is the folder with its credentials."""
        if self.folder:
            return [f"--broker=mqtts://localhost:{self.port}", f"--credentials={self.folder / party}"]
        return [f"--broker=mqtt://{HERE}:{self.port}"]

    def answers(self, patience: float = 1) -> bool:
        """Whether it is there. Of a locked one only that it listens: it lets none in who has no name."""
        return is_taken(self.port) if self.folder else mqtt_answers(self.port, patience)


def start_embedded(parts: Parts, port: int) -> Broker:
    """The one that comes with run.py."""
    parts.start("broker", "-m", "iotcore", "--listen", HERE, "--port", str(port), "--log-level", "CRITICAL")
    return Broker(port)


def start_locked(parts: Parts, port: int | None, id: str) -> Broker:
    """A Mosquitto that lets in this device, the server and the page alone. PartFailed says why it cannot be."""
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path=WHERE_MOSQUITTO_IS)
    if not mosquitto:
        raise PartFailed(
            "A locked broker is a Mosquitto, which is not on this machine.\n"
            "Debian, Ubuntu and Raspberry Pi OS: sudo apt install mosquitto. Others: https://mosquitto.org/download/"
        )
    try:
        with Locked.changed(LOCKED, this_machine()) as locked:
            locked.add_hosts(["localhost"])
            locked.add_device(id)
            locked.port = port or locked.port
    except CannotLock as error:
        raise PartFailed(str(error)) from None
    if is_taken(locked.port):
        raise PartFailed(
            f"Port {locked.port} is taken by another program. End that one, or name another port: --broker-port 8884"
        )
    parts.start_program("broker", mosquitto, "-c", str(LOCKED / "mosquitto.conf"))
    return Broker(locked.port, LOCKED)
