"""A locked broker, as `run.py lock` makes it, and plain clients that come with the folder of a party."""

from __future__ import annotations

import dataclasses
import signal
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from broker.locked import Locked
from tests.kit.brokers import MOSQUITTO, Broker
from tests.kit.programs import PATIENCE, free_port, until
from tests.kit.stranger import Stranger

HOST = "localhost"
HOSTS = [HOST, "127.0.0.1", "broker.test"]
"""What the broker's certificate is made out to; the last is a name that only tests have (RFC 6761)."""

CLOSED = "connection closed"

CONNACK = {
    "Unsupported protocol version": 1,
    "Client identifier not valid": 2,
    "Server unavailable": 3,
    "Bad user name or password": 4,
    "Not authorized": 5,
}
"""Why a broker says no (MQTT 3.1.1 section 3.2.2.3), by paho-mqtt's names."""


class LockedBroker(Broker):
    """Mosquitto, started from a folder that `run.py lock` has made; by default with the configuration in there."""

    def __init__(self, folder: Path, port: int, configuration: Path | None = None) -> None:
        if not MOSQUITTO:
            pytest.skip("mosquitto is not installed")
        self.folder = folder
        super().__init__(MOSQUITTO, "-c", configuration or folder / "mosquitto.conf", port=port)

    @classmethod
    def new(
        cls, folder: Path, *devices: str, servers: Sequence[str] = (), by_certificate: bool = False
    ) -> LockedBroker:
        """Lock it for these devices, and these servers beside the first, and start it."""
        return cls(folder, lock(folder, *devices, servers=servers, by_certificate=by_certificate))

    def start(self) -> None:
        super().start()
        until(lambda: any(line.endswith(" running") for line in self.program.lines))  # only now does it know SIGHUP

    @property
    def url(self) -> str:
        return f"mqtts://{HOST}:{self.port}"

    @property
    def by_certificate(self) -> bool:
        return Locked.read(self.folder).by_certificate

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

    def revoke(self, id: str) -> None:
        """Let this device in no longer, and throw it out."""
        with Locked.changed(self.folder, []) as locked:
            locked.revoke(id)
        if self.by_certificate or not hasattr(signal, "SIGHUP"):
            self.restart()
        else:
            self.notice()


def lock(folder: Path, *devices: str, servers: Sequence[str] = (), by_certificate: bool = False) -> int:
    """As `run.py lock` does it, for these devices; the broker's port, which is a free one."""
    with Locked.changed(folder, HOSTS, by_certificate) as locked:
        locked.port = free_port()
        for id in devices:
            locked.add_device(id)
        for name in servers:
            locked.add_server(name)
        return locked.port


@dataclass(frozen=True)
class Login:
    """What a client shows to a broker, and whom it trusts: files in PEM."""

    user: str | None = None
    password: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @classmethod
    def of(cls, party: Path) -> Login:
        """All that is in this party's folder."""
        files = {name: party / f"{name}.pem" for name in ("ca", "cert", "key")}
        password = party / "password"
        return cls(
            (party / "user").read_text().strip(),
            password.read_text().strip() if password.exists() else None,
            **{name: file for name, file in files.items() if file.exists()},
        )

    def but(self, **changes: Any) -> Login:
        """The same with other values, as in `login.but(password="guessed")`."""
        return dataclasses.replace(self, **changes)

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca)
        if self.cert:
            context.load_cert_chain(self.cert, self.key)
        return context


class Guest:
    """A plain client, paho-mqtt's, that a broker lets in or not. It comes once: when it is out, it stays out."""

    def __init__(
        self,
        port: int,
        login: Login,
        *,
        tls: bool = True,
        context: ssl.SSLContext | None = None,
        name: str | None = None,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        """`name` is its client id, by default its user's name; `will` is a topic and a payload, retained."""
        self.heard: list[tuple[str, bytes]] = []
        self.refusal: str | None = None
        """How it was not let in, in a few words."""
        self._is_in = self._is_out = False
        self._granted: set[int] = set()
        self._error = ""
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            login.user or "" if name is None else name,
            clean_session=True,
            reconnect_on_failure=False,
        )
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda client, userdata, packet, *_: self._granted.add(packet)
        self._client.on_log = self._on_log
        if login.user is not None:
            self._client.username_pw_set(login.user, login.password)
        if tls:
            self._client.tls_set_context(context or login.context())
        if will:
            self._client.will_set(*will, qos=1, retain=True)
        try:
            self._client.connect(HOST, port)
        except OSError as error:  # ssl.SSLError is one
            self._end(words_of(error))
            return
        self._client.loop_start()
        until(lambda: self._is_in or self._is_out, "the broker's answer")

    @property
    def is_in(self) -> bool:
        return self._is_in and not self._is_out

    @property
    def is_out(self) -> bool:
        return self._is_out

    def subscribe(self, *topics: str) -> Guest:
        """Returns when the broker has answered, or has hung up."""
        _, packet = self._client.subscribe([(topic, 1) for topic in topics])
        until(lambda: packet in self._granted or self._is_out, "a SUBACK")
        return self

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """Returns when the broker has it, which does not mean that it passes it on; False if it has hung up."""
        sent = self._client.publish(topic, payload, 1, retain)
        until(lambda: self._is_out or sent.rc or sent.is_published(), "a PUBACK")
        return self.is_in

    def has_heard(self, payload: bytes) -> bool:
        return any(payload == heard for _, heard in self.heard)

    def wait_for(self, payload: bytes) -> None:
        until(lambda: self.has_heard(payload), f"{payload!r}")

    def break_off(self) -> None:
        """Be gone without a goodbye, so that the broker sends the last will."""
        connection = self._client.socket()
        assert isinstance(connection, socket.socket)
        with suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # TLS's own would take it from under paho's thread
        until(lambda: self._is_out, "the end of the connection")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    # ---- what paho calls ----

    def _on_connect(self, client: mqtt.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._end(f"CONNACK {CONNACK.get(str(reason), reason)}")
        else:
            self._is_in = True

    def _on_disconnect(self, *_: Any) -> None:
        self._end(self._error or CLOSED)

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))

    def _on_log(self, client: mqtt.Client, userdata: Any, level: int, text: str) -> None:
        """Where paho says what TLS had to say."""
        if "ALERT" in text:
            self._error = alert_in(text)

    def _end(self, how: str) -> None:
        if not self._is_in and self.refusal is None:
            self.refusal = how
        self._is_out = True


def alert(port: int, context: ssl.SSLContext) -> str:
    """What TLS says to somebody who listens: to a client that goes on talking it comes too late, with TLS 1.3."""
    try:
        with (
            socket.create_connection((HOST, port), PATIENCE) as connection,
            context.wrap_socket(connection, server_hostname=HOST) as over_tls,
        ):
            over_tls.recv(1)
    except OSError as error:
        return words_of(error)
    return CLOSED


def words_of(error: OSError) -> str:
    """What it is that ended a connection."""
    if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
        return alert_in(str(error.reason))
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason}"
    return CLOSED


def alert_in(text: str) -> str:
    """`TLS alert: unknown ca` in what OpenSSL says (RFC 8446 section 6.2)."""
    words = text.partition("ALERT_")[2].partition("]")[0]
    return f"TLS alert: {words.replace('_', ' ').lower()}"
