"""House: a broker that is locked, or not, and all those whom it knows. What the attacks happen to."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from broker.locked import Locked
from nightlight.address import BrokerAddress
from nightlight.connection import Connection
from nightlight.messages import Command, GroupState, LedState, Override, Status, Telemetry
from nightlight.trust import Trust
from tests.kit.brokers import Broker, mosquitto
from tests.kit.locked import CLOSED, HOST, Guest, LockedBroker, Login, alert, lock
from tests.kit.programs import ROOT, free_port
from tests.locked.forged import authority_in, expired, namesake, not_yet_valid, put

GROUP = "home"

A, B = f"{GROUP}/kitchen", f"{GROUP}/hall"
"""Two devices that are neighbours: A is the one that an attacker has in hand."""

THE_REVOKED, THE_STOLEN = "attic", "porch"
"""Two more, for what one is revoked after."""

KINDS = (Telemetry, Command, LedState, Status, Override)


class Succeeded(Exception):
    """The attack got what it wanted; the text says what that was."""


@dataclass(frozen=True)
class Configuration:
    """A way to set Mosquitto up."""

    name: str
    tls: bool
    by_certificate: bool = False
    settings: Callable[[Path], list[str]] | None = None
    """Its lines, with `{port}` in them, for the folder that holds what they need; None for those made by lock."""


def _open(folder: Path) -> list[str]:
    lines = (ROOT / "mosquitto.conf").read_text().replace("listener 1883", "listener {port}")
    return lines.replace("listener 9001", f"listener {free_port()}").splitlines()


def _password(folder: Path) -> list[str]:
    return ["listener {port}", "allow_anonymous false", f"password_file {folder}/broker/passwords"]


def _tls(folder: Path) -> list[str]:
    files = [
        f"{name}file {folder}/broker/{file}.pem" for name, file in (("ca", "ca"), ("cert", "cert"), ("key", "key"))
    ]
    return ["listener {port}", "allow_anonymous true", *files]


OPEN = Configuration("open", tls=False, settings=_open)
PASSWORD = Configuration("password", tls=False, settings=_password)
TLS = Configuration("TLS", tls=True, settings=_tls)
LOCKED = Configuration("locked", tls=True)
CERTIFICATES = Configuration("locked, `--certificates`", tls=True, by_certificate=True)
CONFIGURATIONS = (OPEN, PASSWORD, TLS, LOCKED, CERTIFICATES)


class House:
    """Mosquitto as configured, and the folders of devices A and B and two more, of the server and of the page.

    Whoever comes with such a folder shows all that is in it, also to a broker that does not ask.
    """

    def __init__(self, configuration: Configuration, home: Path, *, thorough: bool = False) -> None:
        """`home` is an empty folder. `thorough` is for attacks that take their time, or go by the hundred."""
        self.configuration, self.thorough = configuration, thorough
        self.tls = configuration.tls
        self.folder, self.elsewhere = home / "locked", home / "elsewhere"
        self._payloads = itertools.count(1)
        self._guests = ExitStack()
        port = lock(self.folder, A, B, THE_REVOKED, THE_STOLEN, by_certificate=configuration.by_certificate)
        # The attacker has had the time to copy these.
        shutil.copytree(self.folder / "devices", self.elsewhere)
        self.logins = {id: Login.of(self.elsewhere / id) for id in (A, B, THE_REVOKED, THE_STOLEN)}
        self.server, self.page = Login.of(self.folder / "server"), Login.of(self.folder / "page")
        self.authority = authority_in(self.folder)
        self.share = "servers" if configuration.settings else Locked.read(self.folder).share
        self.stranger = Login(ca=self.server.ca)
        own = None
        if configuration.settings:
            lines = [line.replace("{port}", str(port)) for line in configuration.settings(self.folder)]
            own = home / "mosquitto.conf"
            own.write_text("\n".join(["user root", *lines]) + "\n")
        self.broker = LockedBroker(self.folder, port, own)

    def close(self) -> None:
        self.end_attack()
        self.broker.close()

    def __enter__(self) -> House:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def end_attack(self) -> None:
        """Everybody leaves."""
        self._guests.close()

    # ---- who comes ----

    def knock(self, login: Login, **more: Any) -> Guest:
        """A client that is perhaps let in; it leaves when the attack is over."""
        guest = Guest(self.broker.port, login, **{"tls": self.tls, **more})
        self._guests.callback(guest.close)
        return guest

    def enter(self, login: Login, *topics: str, **more: Any) -> Guest:
        """One that has to be let in, and hears these topics."""
        guest = self.knock(login, **more)
        assert guest.is_in, f"{login.user} is not let in: {guest.refusal}\n{self.broker.program.text}"
        return guest.subscribe(*topics) if topics else guest

    def watch(self) -> Guest:
        """The page: it may read all there is of A and B."""
        own = [kind.topic(id) for id in (A, B, THE_STOLEN) for kind in KINDS]
        return self.enter(self.page, *own, GroupState.topic(GROUP), Override.topic(GROUP))

    def payload(self, what: str = "attack") -> bytes:
        """One that nobody has sent yet."""
        return f"{what} {next(self._payloads)}".encode()

    # ---- what is tried ----

    def cannot_enter(self, login: Login, **more: Any) -> str:
        guest = self.knock(login, **more)
        if guest.is_in:
            raise Succeeded("let in")
        if guest.refusal == CLOSED and self.tls and more.get("tls", True):
            return alert(self.broker.port, more.get("context") or login.context())
        return str(guest.refusal)

    def cannot_write(self, login: Login, topic: str, *, retain: bool = False, witness: Guest | None = None) -> str:
        """Whoever reads that topic by right hears nothing of it, but does hear what the same client sends after it."""
        witness, thief, payload = witness or self.watch(), self.enter(login), self.payload()
        took = thief.publish(topic, payload, retain)
        self.mark(thief, login, witness)
        if witness.has_heard(payload):
            raise Succeeded("delivered")
        return "PUBACK, but nothing delivered" if took else "connection closed, nothing delivered"

    def mark(self, client: Guest, login: Login, observer: Guest) -> None:
        """Let the observer hear something that comes after all that this client has sent; it may have been shut out."""
        marker = self.payload("marker")
        if client.is_out:
            client = self.enter(login)
        own = self.device_of(login)
        client.publish(Telemetry.topic(own), marker)
        observer.wait_for(marker)

    def device_of(self, login: Login) -> str:
        return next(id for id, known in self.logins.items() if known.user == login.user)

    def cannot_read(self, filter: str, *, of: str = B) -> str:
        """A hears nothing that is not its own, neither what is said now nor what was retained, but its own command."""
        thief, server, b = self.enter(self.logins[A]), self.enter(self.server), self.enter(self.logins[of])
        b.publish(Status.topic(of), self.payload(), retain=True)
        thief.subscribe(Command.topic(A)).subscribe(filter)
        b.publish(Telemetry.topic(of), self.payload())
        server.publish(Command.topic(of), self.payload())
        marker = self.payload("marker")
        server.publish(Command.topic(A), marker)
        thief.wait_for(marker)
        if stolen := sorted({topic for topic, _ in thief.heard if not topic.startswith(f"{A}/")}):
            raise Succeeded(f"hears {stolen[0]}")
        return "nothing delivered"

    def mosquitto_pub(self, *options: str | Path) -> str | None:
        """What Mosquitto's own client says, if it is installed, when it is not let in; None if it is."""
        program = shutil.which("mosquitto_pub")
        if not program:
            return "not installed"
        trust = ["--cafile", self.server.ca or ""] if self.tls else []
        command = [program, "-h", HOST, "-p", str(self.broker.port), *trust, *options, "-t", "x", "-m", "x", "-q", "1"]
        ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        return ended.stderr if ended.returncode else None

    # ---- a false broker ----

    def believes(self, false: Broker) -> str:
        """What our own connection says of a broker that is not the one it looks for; Succeeded if it trusts it."""
        trusted: list[bool] = []
        login = self.logins[A]
        trust = Trust(login.ca, login.cert, login.key)
        user = {"user": login.user, "password": login.password}
        address = BrokerAddress(HOST, false.port, tls=self.tls, trust=trust, **user)  # type: ignore[arg-type]

        def on_open() -> None:
            trusted.append(True)
            connection.close()

        connection = Connection(address, "false", 1, {}, on_open)
        problem = connection.run()
        if trusted:
            raise Succeeded("believed")
        return problem.what

    def false_broker(self, kind: str) -> Broker:
        """One that answers in our broker's place, with a certificate that is not for that."""
        ours = self.authority
        certificate = {
            "other authority": lambda: namesake(ours).for_broker([HOST]),
            "other name": lambda: ours.for_broker(["elsewhere.example"]),
            "expired": lambda: expired(ours, ours.for_broker([HOST])),
            "not yet valid": lambda: not_yet_valid(ours, ours.for_broker([HOST])),
        }[kind]()
        folder = self.elsewhere / kind.replace(" ", "-")
        files = put(certificate, folder)
        tls = [f"certfile {files['cert']}", f"keyfile {files['key']}"] if self.tls else []
        return self._guests.enter_context(
            closing(mosquitto(folder, "listener {port} 127.0.0.1", "allow_anonymous true", *tls))
        )
