"""The options of run.py.

Standard library only: run.py reads them before anything is installed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

TO_ALL = {
    "id": ("ID", "what device, server and page have in common"),
    "threshold": ("LIGHT", "it is dark below this light"),
    "hysteresis": ("LIGHT", "once on, the LED stays on until the light reaches threshold + hysteresis"),
    "qos": ("LEVEL", "quality of service: 0, 1 or 2"),
}
TO_DEVICE = {
    "interval": ("SECONDS", "a reading is sent at least this often"),
    "sample": ("SECONDS", "from one look at the sensor to the next"),
    "deadband": ("LIGHT", "a change of this much is sent at once"),
    "alone": ("SECONDS", "without a command until the device decides, or never"),
    "offline": ("drop|keep", "what becomes of readings without a connection"),
}
TO_SERVER = {"stale": ("SECONDS", "an older reading is not answered")}


@dataclass(frozen=True)
class Options:
    """What run.py was asked for."""

    broker_port: int | None
    """None if it was not given."""
    board_port: int
    page_port: int
    opens_browser: bool
    is_locked: bool
    """Whether the broker is to be a locked one."""
    id: str | None
    """None if it was not given; then the environment or the default has it."""
    device: list[str]
    """What is passed on to the device, beside the id: only what was given."""
    server: list[str]
    """The same for the server."""
    page: list[str]
    """The same for the page."""


def read_options(arguments: list[str], description: str) -> Options:
    """The options in `arguments`. --help, or one that does not exist, ends the program.

    Whether what is passed on makes sense, the two scripts know.
    """
    parser = _Parser(
        prog="run.py",
        usage="python3 run.py [options]",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--broker-port", metavar="PORT", type=_port, help="default 1883, or a free one; locked: 8883")
    parser.add_argument(
        "--board-port",
        metavar="PORT",
        type=_port,
        default=5000,
        help="of CounterFit's page: default 5000, or a free one",
    )
    parser.add_argument("--page-port", metavar="PORT", type=_port, default=8080, help="default 8080, or a free one")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page in a browser")
    parser.add_argument("--locked", action="store_true", help="on a locked Mosquitto: see python3 run.py lock --help")
    for whose, names in ("all scripts", TO_ALL), ("the device", TO_DEVICE), ("the server", TO_SERVER):
        group = parser.add_argument_group(f"passed on to {whose}")
        for name, (value, meaning) in names.items():
            group.add_argument(f"--{name}", metavar=value, help=meaning)
        if names is TO_ALL:
            group.add_argument("--verbose", action="store_true", help="show paho-mqtt's own log as well")
    given = parser.parse_args(arguments)
    all_scripts = [*_words(given, (name for name in TO_ALL if name != "id")), *(["--verbose"] if given.verbose else [])]
    return Options(
        given.broker_port,
        given.board_port,
        given.page_port,
        not given.no_browser,
        given.locked,
        given.id,
        device=[*all_scripts, *_words(given, TO_DEVICE)],
        server=[*all_scripts, *_words(given, TO_SERVER)],
        page=all_scripts,
    )


def _words(given: argparse.Namespace, names: Iterable[str]) -> list[str]:
    """These options as they are written on a command line, if they were given."""
    values = vars(given)
    return [f"--{name}={values[name]}" for name in names if values[name] is not None]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"run.py: {' '.join(message.split())} (python3 run.py --help tells more)\n")


def _port(text: str) -> int:
    """An option's type: 1 to 65535."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)
