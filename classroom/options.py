"""The options of `run.py classroom`. Standard library only: run.py reads them before anything is installed."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from classroom.systems import PYTHONS, SYSTEMS

MARK = ".nightlight-classroom"
"""A file of this name says that a folder is a pack, in which everything may be written anew."""

DESCRIPTION = """\
Makes a pack for a class without Internet: the project, the course, and all packages that they need on Windows,
macOS, Linux and the Raspberry Pi. This takes the Internet and some minutes, once; run again, it fetches what is new.
Then it hands the pack out: with --serve in the classroom's own network, or on a USB stick."""


@dataclass(frozen=True)
class ClassroomOptions:
    """What `run.py classroom` was asked for."""

    into: Path
    systems: list[str]
    pythons: list[str]
    serves: bool
    """Whether the pack is to be handed out; otherwise it is made."""
    port: int


def read_options(arguments: list[str], root: Path) -> ClassroomOptions:
    """The options in `arguments`, for the project in `root`. --help, or one that does not exist, ends the program."""
    parser = _Parser(
        prog="run.py classroom",
        usage="python3 run.py classroom [options]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    option = parser.add_argument
    pack = default_pack(root)
    option("--into", metavar="FOLDER", type=Path, default=pack, help=f"where the pack is: default {pack}")
    option("--system", metavar="NAME", action="append", choices=SYSTEMS, default=[],
           help=f"for this system alone, or several: {', '.join(SYSTEMS)}; default: all")  # fmt: skip
    option("--python", metavar="VERSION", action="append", choices=PYTHONS, default=[],
           help=f"for this Python alone, or several: {', '.join(PYTHONS)}; default: all")  # fmt: skip
    option("--serve", action="store_true", help="hand the pack out to everybody in this network")
    option("--port", type=_port, help="where: default 8000; 8080 is the page's")
    given = parser.parse_args(arguments)
    if given.port and not given.serve:
        parser.error("--port goes with --serve")
    if given.serve and (given.system or given.python):
        parser.error("--serve hands out what is there: --system and --python are for making it")
    return ClassroomOptions(
        into=given.into.resolve(),
        systems=[name for name in SYSTEMS if name in given.system or not given.system],
        pythons=[version for version in PYTHONS if version in given.python or not given.python],
        serves=given.serve,
        port=given.port or 8000,
    )


def default_pack(root: Path) -> Path:
    """Beside the project; or, for a pack's own project, the pack that it lies in."""
    return root.parent if (root.parent / MARK).exists() else root.parent / "nightlight-classroom"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"run.py classroom: {' '.join(message.split())} (python3 run.py classroom --help tells more)\n")


def _port(text: str) -> int:
    """An option's type: 1 to 65535."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)
