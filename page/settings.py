"""The page's options."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from nightlight.address import is_host
from nightlight.settings import Settings, SettingsParser, explained, state_folder, whole_number
from nightlight.trust import BadCredentials, read_secret


@dataclass(frozen=True)
class PageSettings(Settings):
    """Those of the scripts, and:"""

    host: str
    port: int
    password: str | None  # of the page; None if it is for this machine alone
    board: str  # CounterFit's address; empty where it is another board
    history: int  # days
    keep_in: Path


def read_settings(arguments: Sequence[str] | None = None) -> PageSettings:
    """The page's options, from the command line and the environment."""
    parser = SettingsParser("page/app.py", "Shows the lamps, and switches them.", wildcards=True)
    option = parser.add_argument
    option("--port", type=whole_number(1, 65535), default=8080, help="where the page is")
    option("--host", default="127.0.0.1", help="the address to listen on; 0.0.0.0 lets others in, with a password")
    option("--page-password-file", metavar="FILE", type=Path, help="the page's password, in a file of mode 600")
    option("--board", metavar="URL", type=explained(_board), default="counterfit://127.0.0.1:5000",
           help="where CounterFit is, for the sun")  # fmt: skip
    option(
        "--history",
        metavar="DAYS",
        type=whole_number(0, 3650),
        default=7,
        help="days that readings are kept on disk; 0: none",
    )
    option("--keep-in", type=Path, default=state_folder(), help="the folder for them")
    given = parser.read(arguments)
    file = given.pop("page_password_file")
    if not (is_host(given["host"]) and "/" not in given["host"]):
        parser.error(f"argument --host: {given['host']!r} is no address; 127.0.0.1 is this machine, 0.0.0.0 is for all")
    try:
        password = read_secret(file) if file else None
    except BadCredentials as error:
        parser.error(f"argument --page-password-file: {error}")
    if not password and not is_loopback(given["host"]):
        parser.error(
            f"argument --host: with {given['host']}, everybody in the network could switch the lamp;"
            " name a --page-password-file as well"
        )
    return PageSettings(**given, password=password)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach this address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _board(name: str) -> str:
    """Where CounterFit is, from what the device's --board names; "" for a board that is no CounterFit."""
    if name == "pi":
        return ""
    host, port = "127.0.0.1", None
    if name not in ("counterfit", "counterfit://"):
        host = ""
        with suppress(ValueError):  # the port is no port, or the IPv6 address no address
            parts = urlsplit(name)
            host, port = parts.hostname or "" if parts.scheme == "counterfit" else "", parts.port
        if not is_host(host) or port == 0:
            raise ValueError(f"{name!r} is not like counterfit://127.0.0.1:5000")
    return f"http://{f'[{host}]' if ':' in host else host}:{port or 5000}"
