"""Who may connect to a locked broker, and what each of them may do there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from nightlight.messages import Command, GroupState, LedState, Message, Override, Presence, Status, Telemetry

FIRST_SERVER = "server"
"""The name of the one that is there from the start."""

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


def server(name: str, ids: list[str]) -> Party:
    """A server reads what these devices, people and the other servers say; it commands, also groups, and is here."""
    groups, alike = groups_of(ids), _alike(ids)
    reads = (
        *_each(alike, "read", Telemetry),
        *_each(ids, "read", LedState, Status),
        *_each(groups, "read", GroupState),
        *_each(dict.fromkeys([*ids, *groups]), "read", Override),
        *_each(["+/+"], "read", Presence),
    )
    user = server_user(name)
    writes = (
        *_each(alike, "write", Command),
        *_each(groups, "write", GroupState),
        *_each([f"+/{user}"], "write", Presence),
    )
    return Party(user, folder_of_server(name), (*writes, *reads), (*reads, _echo(user)))


def page(ids: list[str]) -> Party:
    """The page reads all, and writes what a person wants."""
    groups = groups_of(ids)
    reads = (
        *_each(_alike(ids), "read", Telemetry, Command),
        *_each(ids, "read", LedState, Status),
        *_each(groups, "read", GroupState),
    )
    wants = _each(dict.fromkeys([*ids, *groups]), "readwrite", Override)
    return Party("page", PurePosixPath("page"), (*reads, *wants), (*reads, _echo("page")))


def groups_of(ids: list[str]) -> list[str]:
    """What these ids can be members of: all that they begin with, level by level, as `stadium` for `stadium/7`."""
    levels = [id.split("/") for id in ids]
    groups = ("/".join(each[:length]) for each in levels for length in range(1, len(each)))
    return [group for group in dict.fromkeys(groups) if group]


def server_user(name: str) -> str:
    """As whom a server logs in; with --share it is also what the other servers know it by."""
    return "server" if name == FIRST_SERVER else f"{name}-server"


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


def folder_of_server(name: str) -> PurePosixPath:
    """`servers/two` for the server `two`."""
    return PurePosixPath("server") if name == FIRST_SERVER else PurePosixPath("servers", name)


def _folder_name(level: str) -> str:
    name = "".join(quote(sign, safe="") if sign in '%<>:"|?*\\' else sign for sign in level)
    if not name or name.strip(".") == "" or name in FILES:
        return f"%{ord(name[0]):02X}{name[1:]}" if name else "%"
    return name


def _alike(ids: list[str]) -> list[str]:
    """These ids, in as few lines as can be: `stadium/+` for all members of the stadium.

    A broker goes through a user's list line by line, for each message. Nobody but a device that is let in may write
    there. What the broker keeps is named one by one all the same: nothing of a revoked device is heard again.
    """
    return list(dict.fromkeys(f"{id.rpartition('/')[0]}/+" if "/" in id else id for id in ids))


def _each(ids: Iterable[str], access: str, *kinds: type[Message]) -> tuple[Right, ...]:
    return tuple(Right(access, kind.topic(id)) for id in ids for kind in kinds)


def _echo(user: str) -> Right:
    """Where its check-up says something to itself."""
    return Right("readwrite", f"check-up/{user}")
