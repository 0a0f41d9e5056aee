"""The attacks.

Each is a function of a House: it says in a few words how it was refused, or raises Succeeded.
A broker that refuses a message says nothing (MQTT 3.1.1 section 3.3.5), so somebody who may hear it has to listen.
"""

from __future__ import annotations

import socket
import ssl
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from broker.certificates import Identity
from nightlight.messages import Command, GroupState, LedState, Override, Presence, Status, Telemetry
from tests.kit.locked import HOST, Login
from tests.kit.programs import PATIENCE, until
from tests.locked import forged
from tests.locked.house import GROUP, THE_REVOKED, THE_STOLEN, A, B, House, Succeeded

if sys.platform == "linux":
    import resource

Act = Callable[[House], str]

MANY, FEWER = 500, 100
"""Connections at a time: in the table, and in the tests."""

ACCEPTED = b"\x20\x02\x00\x00"
"""A CONNACK that says yes (MQTT 3.1.1 section 3.2)."""

TEN_MEGABYTES = 10_000_000

DROPPED_WITHIN = 200
"""Seconds. Mosquitto drops whoever has said nothing for 90; it looks now and then."""


@dataclass(frozen=True)
class Attack:
    """Something that somebody tries."""

    name: str
    act: Act
    only_in_table: bool
    """Whether it takes too long, or too much, for the tests."""

    def __str__(self) -> str:
        return self.name


ATTACKS: list[Attack] = []


NOT_REFUSED = "1,100 connections that say nothing"
"""A broker that is reached by anybody is shut by whoever takes up all its connections. None of ours can help that:
Mosquitto does not ask from where they come. A firewall does."""


def attack(name: str, *, only_in_table: bool = False) -> Callable[[Act], Act]:
    """Put an attack into the catalogue."""

    def add(act: Act) -> Act:
        ATTACKS.append(Attack(name, act, only_in_table))
        return act

    return add


# ---- to get in ----


@attack("no password")
def no_password(house: House) -> str:
    if house.mosquitto_pub() is None:
        raise Succeeded("let in")
    house.cannot_enter(Login(user=house.logins[A].user, ca=house.server.ca))
    return house.cannot_enter(house.stranger)


@attack("a wrong password")
def wrong_password(house: House) -> str:
    user = str(house.logins[A].user)
    if house.mosquitto_pub("-u", user, "-P", "guessed") is None:
        raise Succeeded("let in")
    return house.cannot_enter(Login(user=user, password="guessed", ca=house.server.ca))


@attack("a revoked device comes back")
def revoked(house: House) -> str:
    """One that was connected is shut out as well."""
    device = house.enter(house.logins[THE_REVOKED])
    house.broker.revoke(THE_REVOKED)
    said = house.cannot_enter(house.logins[THE_REVOKED])
    until(lambda: device.is_out, "the end of the connection that it had")
    return said


@attack("plain MQTT to the port for TLS")
def plain(house: House) -> str:
    return house.cannot_enter(house.logins[A], tls=False)


@attack("TLS 1.1")
def old_tls(house: House) -> str:
    if not house.tls:
        raise Succeeded("no TLS at all")
    context = house.logins[A].context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    said = house.cannot_enter(house.logins[A], context=context)
    assert "alert" in said, f"our own OpenSSL does not try it: {said}"
    return said


@attack("a certificate of another authority, which calls itself the same")
def another_authority(house: House) -> str:
    user = str(house.logins[A].user)
    return cannot_show(house, forged.namesake(house.authority).for_user(user))


@attack("a certificate that has ended")
def expired(house: House) -> str:
    ours = house.authority
    return cannot_show(house, forged.expired(ours, ours.for_user(str(house.logins[A].user))))


@attack("a certificate that is not valid yet")
def not_yet_valid(house: House) -> str:
    ours = house.authority
    return cannot_show(house, forged.not_yet_valid(ours, ours.for_user(str(house.logins[A].user))))


@attack("the broker's own certificate, shown by a client")
def the_broker_s(house: House) -> str:
    return cannot_show(house, house.authority.for_broker([str(house.logins[A].user)]))


def cannot_show(house: House, identity: Identity) -> str:
    """A client with this certificate, and nothing else."""
    files = forged.put(identity, house.elsewhere / house.payload().decode())
    return house.cannot_enter(Login(house.logins[A].user, None, house.server.ca, files["cert"], files["key"]))


@attack("B's name, with A's password or certificate")
def another_s_name(house: House) -> str:
    login = house.logins[A].but(user=house.logins[B].user)
    guest = house.knock(login)
    if guest.is_out:
        return str(guest.refusal)
    guest.close()
    page, payload, marker = house.watch(), house.payload(), house.payload("marker")
    guest = house.enter(login)
    guest.publish(Telemetry.topic(B), payload)
    guest.publish(Telemetry.topic(A), marker)
    page.wait_for(marker)
    if page.has_heard(payload):
        raise Succeeded("is B")
    return "it is A all the same"


# ---- to do more than A may ----


@attack("A reads B's commands")
def reads_commands(house: House) -> str:
    house.cannot_read(f"$share/thieves/{Command.topic(B)}")
    return house.cannot_read(Command.topic(B))


@attack("A subscribes to `#`")
def reads_all(house: House) -> str:
    return house.cannot_read("#")


@attack("A subscribes to `home/+/commands`")
def reads_all_commands(house: House) -> str:
    return house.cannot_read(Command.topic(f"{GROUP}/+"))


@attack("A subscribes to `$SYS/#`")
def reads_the_broker(house: House) -> str:
    return house.cannot_read("$SYS/#")


@attack("A writes B's telemetry")
def writes_telemetry(house: House) -> str:
    return house.cannot_write(house.logins[A], Telemetry.topic(B))


@attack("A writes B's led")
def writes_led(house: House) -> str:
    return house.cannot_write(house.logins[A], LedState.topic(B))


@attack("A writes B's status")
def writes_status(house: House) -> str:
    return house.cannot_write(house.logins[A], Status.topic(B))


@attack("A commands B")
def commands_b(house: House) -> str:
    return house.cannot_write(house.logins[A], Command.topic(B))


@attack("A commands itself")
def commands_itself(house: House) -> str:
    return house.cannot_write(house.logins[A], Command.topic(A))


@attack("A overrides what a person wants")
def overrides(house: House) -> str:
    house.cannot_write(house.logins[A], Override.topic(B), retain=True)
    return house.cannot_write(house.logins[A], Override.topic(A), retain=True)


@attack("A decides for its group, or overrides it")
def decides(house: House) -> str:
    house.cannot_write(house.logins[A], GroupState.topic(GROUP), retain=True)
    return house.cannot_write(house.logins[A], Override.topic(GROUP), retain=True)


@attack("A poses as one of the servers that share the work")
def poses_as_server(house: House) -> str:
    """As one that is not there, so that part of the work is left undone; and as one that is."""
    said = ""
    for name in ("kitchen", str(house.server.user)):
        server = house.enter(house.server, Presence.topic(f"{house.share}/+"), Telemetry.topic(A))
        said = house.cannot_write(house.logins[A], Presence.topic(f"{house.share}/{name}"), retain=True, witness=server)
    return said


@attack("A takes readings away from servers that share them")
def takes_readings(house: House) -> str:
    """No broker says no to who joins a share; what is given to them, and is not for them, is lost to the others."""
    readings = Telemetry.topic(f"{GROUP}/+")
    server = house.enter(house.server, f"$share/{house.share}/{readings}", Status.topic(B))
    house.enter(house.logins[A], *(f"$share/{name}/{readings}" for name in ("servers", "share", "nightlight")))
    b, sent, marker = house.enter(house.logins[B]), [house.payload() for _ in range(10)], house.payload("marker")
    for payload in sent:
        b.publish(Telemetry.topic(B), payload)
    b.publish(Status.topic(B), marker)
    server.wait_for(marker)
    if not all(server.has_heard(payload) for payload in sent):
        raise Succeeded("half of them are lost")
    return "the servers hear all: nobody knows the name of what they share"


@attack("a retained message of A's on B's topic")
def retained(house: House) -> str:
    """Nor does anybody get it who subscribes later."""
    said = house.cannot_write(house.logins[A], LedState.topic(B), retain=True)
    later, before = house.enter(house.server), house.payload("marker")
    house.enter(house.logins[B]).publish(LedState.topic(B), before, retain=True)
    house.knock(house.logins[A]).publish(LedState.topic(B), b"", retain=True)  # nor does it take B's own away
    later.subscribe(LedState.topic(B))
    later.wait_for(before)
    return said


@attack("a last will of A's on B's topic")
def last_will(house: House) -> str:
    """It is sent before the broker takes the next connection of the same client."""
    page, payload = house.watch(), house.payload()
    thief = house.knock(house.logins[A], will=(Status.topic(B), payload))
    if thief.is_in:
        thief.break_off()
    house.mark(thief, house.logins[A], page)
    if page.has_heard(payload):
        raise Succeeded("delivered")
    return str(thief.refusal or "nothing delivered")


@attack("B's client id, with A's password or certificate")
def another_s_client_id(house: House) -> str:
    """B stays, and is commanded."""
    b = house.enter(house.logins[B], Command.topic(B))
    thief = house.knock(house.logins[A], name=house.logins[B].user)
    command = house.payload()
    house.enter(house.server).publish(Command.topic(B), command)
    until(lambda: b.is_out or b.has_heard(command), "B's command, or its end")
    if b.is_out:
        raise Succeeded("B is pushed out")
    return "B stays connected; the client id is A's all the same" if thief.is_in else str(thief.refusal)


@attack("A's folder, stolen: more than A may, or when A is revoked")
def stolen(house: House) -> str:
    """Until then it is A, and can what A can. A notices: while both run they push each other out."""
    login = house.logins[THE_STOLEN]
    own = house.enter(login)
    thief = house.enter(login)
    until(lambda: own.is_out, "the end of the device that the folder belongs to")
    thief.close()
    house.cannot_write(login, Telemetry.topic(B))
    house.end_attack()
    house.cannot_write(login, Command.topic(THE_STOLEN))
    house.end_attack()
    house.broker.revoke(THE_STOLEN)
    return f"nothing delivered; {house.cannot_enter(login)}"


# ---- to wear the broker out ----


@attack("a message of 10 MB")
def huge(house: House) -> str:
    page, thief, payload = house.watch(), house.enter(house.logins[A]), bytes(TEN_MEGABYTES)
    took = thief.publish(Telemetry.topic(A), payload)
    house.mark(thief, house.logins[A], page)
    if page.has_heard(payload):
        raise Succeeded("delivered")
    return "PUBACK, but nothing delivered" if took else "connection closed, nothing delivered"


@attack("500 connections of one user")
def many_connections(house: House) -> str:
    """Each with another client id. Only the newest is still there at the end, and B gets in as ever."""
    login, context = house.logins[A], house.logins[A].context() if house.tls else None
    with ExitStack() as opened:
        connections = []
        for number in range(MANY if house.thorough else FEWER):
            connections.append(opened.enter_context(connect(house, context)))
            connections[-1].sendall(connect_packet(login, f"{number}"))
            assert connections[-1].recv(4) == ACCEPTED
        serves_others(house)
        left = sum(is_answered(connection) for connection in connections)
    if left > 1:
        raise Succeeded("all stay connected" if left == len(connections) else f"{left} stay connected")
    return "one at a time: each pushes out the one before"


@attack("500 connections that say nothing, or a byte of a CONNECT")
def slow(house: House) -> str:
    """Honest clients get in meanwhile; and in the end the broker drops those."""
    with ExitStack() as opened:
        idle = be_silent(house, opened, MANY if house.thorough else FEWER)
        for connection in idle[::2]:
            connection.sendall(b"\x16" if house.tls else b"\x10")
        serves_others(house)
        if house.thorough:
            seconds_until_dropped(idle)
            return "others get in, and in the end these are dropped"
    return "others get in"


@attack(NOT_REFUSED, only_in_table=True)
def too_many(house: House) -> str:
    """More than a program may have that is started in a terminal, or by systemd, if nobody has changed that."""
    if sys.platform == "linux":
        broker = house.broker.program.process.pid
        resource.prlimit(broker, resource.RLIMIT_NOFILE, (1024, 1024))
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    b, server = house.enter(house.logins[B], Command.topic(B)), house.enter(house.server)
    context = house.page.context() if house.tls else None
    with ExitStack() as opened:
        silent = be_silent(house, opened, 1100)
        command = house.payload("honest")
        server.publish(Command.topic(B), command)
        b.wait_for(command)
        with suppress(OSError), connect(house, context) as connection:
            connection.sendall(connect_packet(house.page, "page"))
            if connection.recv(4) == ACCEPTED:
                return "others get in"
        raise Succeeded(f"others get in after {seconds_until_dropped(silent)} s; who is in stays")


def be_silent(house: House, opened: ExitStack, number: int) -> list[socket.socket]:
    """So many connections, on which nothing is said yet."""
    silent = []
    for _ in range(number):
        silent.append(opened.enter_context(socket.create_connection((HOST, house.broker.port), PATIENCE)))
    return silent


def seconds_until_dropped(idle: list[socket.socket]) -> int:
    """Wait until the broker has closed all these connections. To ten seconds: it looks now and then."""
    started = time.monotonic()
    for connection in idle:
        connection.settimeout(DROPPED_WITHIN)
        with suppress(ConnectionError):
            assert connection.recv(1) == b"", "an answer to nothing"
    return round((time.monotonic() - started) / 10) * 10


@attack("a CONNECT of 20 MB")
def huge_connect(house: House) -> str:
    """From somebody of whom the broker does not know yet who it is."""
    part = bytes(100_000)
    with connect(house, house.logins[A].context() if house.tls else None) as connection:
        try:
            connection.sendall(b"\x10\x80\xda\xc4\x09\x00\x04MQTT")  # it says that 20,000,000 bytes follow
            for _ in range(190):
                connection.sendall(part)
        except OSError:
            return "connection closed"
    raise Succeeded("taken")


def connect(house: House, context: ssl.SSLContext | None) -> socket.socket:
    """A connection, over TLS if there is any, on which nothing has been said yet."""
    connection = socket.create_connection((HOST, house.broker.port), PATIENCE)
    return context.wrap_socket(connection, server_hostname=HOST) if context else connection


def connect_packet(login: Login, name: str) -> bytes:
    """MQTT 3.1.1 section 3.1: a clean session, with a user's name and perhaps a password."""
    texts = [name, str(login.user), *([login.password] if login.password else [])]
    flags = 0x82 | (0x40 if login.password else 0)
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + b"\x00\x3c"
    body += b"".join(len(text).to_bytes(2, "big") + text.encode() for text in texts)
    assert len(body) < 128
    return bytes([0x10, len(body)]) + body


def is_answered(connection: socket.socket) -> bool:
    """Whether a PINGREQ on it has its PINGRESP: the broker has not closed it."""
    try:
        connection.sendall(b"\xc0\x00")
        return connection.recv(2) == b"\xd0\x00"
    except OSError:
        return False


def serves_others(house: House) -> None:
    """Honest clients get in, and hear each other."""
    command = house.payload("honest")
    b = house.enter(house.logins[B], Command.topic(B))
    house.enter(house.server).publish(Command.topic(B), command)
    b.wait_for(command)


# ---- to deceive a client: a false broker, in the place of ours ----


@attack("a false broker, with a certificate of another authority")
def false_authority(house: House) -> str:
    return does_not_believe(house, "other authority", "unable to get local issuer certificate")


@attack("a false broker, with a certificate for another name")
def false_name(house: House) -> str:
    return does_not_believe(house, "other name", "Hostname mismatch")


@attack("a false broker, with a certificate that has ended")
def false_expired(house: House) -> str:
    return does_not_believe(house, "expired", "certificate has expired")


@attack("a false broker, with a certificate that is not valid yet")
def false_not_yet_valid(house: House) -> str:
    return does_not_believe(house, "not yet valid", "certificate is not yet valid")


def does_not_believe(house: House, kind: str, reason: str) -> str:
    """Our own scripts' connection says no, and which of the reasons it was."""
    said = house.believes(house.false_broker(kind))
    assert reason in said, said
    return f"the device says: {reason}"
