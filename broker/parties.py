"""Who may connect to a locked broker, and what each of them may do there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from nightlight.messages import Command, LedState, Message, Override, Status, Telemetry

LONGEST_USER = 57  # characters, so that with "-check" it is a common name of a certificate: 64 (RFC 5280)

FILES = ("ca.pem", "user", "password", "cert.pem", "key.pem", "check")
"""What is in a party's folder; `check` is a folder like it, for --check: a party that already runs keeps its place."""


@dataclass(frozen=True)
class Right:
    """What a user may do with a topic: `read`, `write` or `readwrite`."""

    access: str
    topic: str


@dataclass(frozen=True)
class Party:
    """A device, the server or the page. Each connects by a name of its own, as its user, and only once at a time."""

    user: str
    folder: PurePosixPath
    """Where its credentials are, in the broker's folder."""
    rights: tuple[Right, ...]
    checks: tuple[Right, ...]
    """What its check-up may do, which is a user of its own."""

    @property
    def check_user(self) -> str:
        return f"{self.user}-check"


def device(id: str) -> Party:
    """The device with this id: it writes its own topics, and reads what it is commanded.

    It may hear its own readings: a broker acknowledges what it then throws away (MQTT 3.1.1 section 3.3.5), so only a
    reading that comes back proves to --offline keep, and to --check, that readings get through.
    """
    user = user_of(id)
    reading, command = Right("readwrite", Telemetry.topic(id)), Right("read", Command.topic(id))
    reports = tuple(Right("write", kind.topic(id)) for kind in (LedState, Status))
    return Party(user, folder_of(id), (reading, *reports, command), (reading, command, _echo(user)))


def server(ids: list[str]) -> Party:
    """The server reads what these devices and people say, and commands."""
    reads = _each(ids, "read", Telemetry, LedState, Status, Override)
    return Party("server", PurePosixPath("server"), (*reads, *_each(ids, "write", Command)), (*reads, _echo("server")))


def page(ids: list[str]) -> Party:
    """The page reads all, and writes what a person wants."""
    reads = _each(ids, "read", Telemetry, Command, LedState, Status)
    wants = _each(ids, "readwrite", Override)
    return Party("page", PurePosixPath("page"), (*reads, *wants), (*reads, _echo("page")))


def user_of(id: str) -> str:
    """The name by which a device logs in, and its client id. An access list reads letters of ASCII alone as they are.

    No two ids have the same.
    """
    name = f"{quote(id, safe='')}-device"
    if len(name) <= LONGEST_USER:
        return name
    return f"{quote(id, safe='')[:24]}-{hashlib.sha256(id.encode()).hexdigest()[:24]}-device"


def folder_of(id: str) -> PurePosixPath:
    """`devices/stadium/7` for `stadium/7`. What a folder cannot be called, or is called already, is written with %."""
    return PurePosixPath("devices", *(_folder_name(level) for level in id.split("/")))


def _folder_name(level: str) -> str:
    name = "".join(quote(sign, safe="") if sign in '%<>:"|?*\\' else sign for sign in level)
    if not name or name.strip(".") == "" or name in FILES:
        return f"%{ord(name[0]):02X}{name[1:]}" if name else "%"
    return name


def _each(ids: list[str], access: str, *kinds: type[Message]) -> tuple[Right, ...]:
    return tuple(Right(access, kind.topic(id)) for id in ids for kind in kinds)


def _echo(user: str) -> Right:
    """Where its check-up says something to itself."""
    return Right("readwrite", f"check-up/{user}")
