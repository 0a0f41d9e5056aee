"""The options of `run.py lock`. Standard library only: run.py reads them before anything is installed."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn


@dataclass(frozen=True)
class LockOptions:
    """What `run.py lock` was asked for; None is for what was not said, and stays as it is."""

    into: Path | None
    port: int | None
    hosts: list[str]
    devices: list[str]
    servers: list[str]
    by_certificate: bool
    revoked: list[str]
    revoked_servers: list[str]
    renew: bool
    check: bool


DESCRIPTION = """\
Makes a broker that lets nobody in but your devices, the server and the page.

It writes all that a locked Mosquitto needs, and for each device, the server and the page a folder with what they
show to it; then it says what to start. Run again, it adds what is new and leaves the rest as it is."""


def read_options(arguments: list[str]) -> LockOptions:
    """The options in `arguments`. --help, or one that does not exist, ends the program."""
    parser = _Parser(
        prog="run.py lock",
        usage="python3 run.py lock [options]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    option = parser.add_argument
    option("--into", metavar="FOLDER", type=Path, help="where to write it: default locked")
    option("--port", type=_port, help="where the broker listens: default 8883")
    option("--host", metavar="NAME", action="append", default=[],
           help="a name or address of the broker, several if need be; default: this machine's")  # fmt: skip
    option("--device", metavar="ID", action="append", default=[], help="a device's id, several if need be")
    option("--server", metavar="NAME", action="append", default=[], help="one more server, several if need be")
    option("--certificates", action="store_true", help="known by certificates, and not by passwords")
    option("--revoke", metavar="ID", action="append", default=[], help="let this device in no longer")
    option("--revoke-server", metavar="NAME", action="append", default=[],
           help="let this server in no longer; the first is called server")  # fmt: skip
    option("--renew", action="store_true", help="new certificates, before the old ones end")
    option("--check", action="store_true", help="say how long the certificates hold; changes nothing")
    given = parser.parse_args(arguments)
    if given.check and len([value for value in vars(given).values() if value]) > 1 + bool(given.into):
        parser.error("--check changes nothing: it goes with --into alone")
    if both := set(given.device) & set(given.revoke) or set(given.server) & set(given.revoke_server):
        parser.error(f"{min(both)!r} is to be added and to be revoked: do one after the other")
    return LockOptions(
        into=given.into,
        port=given.port,
        hosts=given.host,
        devices=given.device,
        servers=given.server,
        by_certificate=given.certificates,
        revoked=given.revoke,
        revoked_servers=given.revoke_server,
        renew=given.renew,
        check=given.check,
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"run.py lock: {' '.join(message.split())} (python3 run.py lock --help tells more)\n")


def _port(text: str) -> int:
    """An option's type: 1 to 65535."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)
