"""The options that both scripts share."""

from __future__ import annotations

import math
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import NoReturn, TypeVar

import configargparse

from nightlight import notices
from nightlight.address import BrokerAddress

Number = TypeVar("Number", int, float)

DEFAULT_ID = "nightlight"
LONGEST_ID = 1_000
"""Characters. A topic may have 65,535 bytes (MQTT 3.1.1 section 4.7.3), but nobody types that."""


class SettingsParser(configargparse.ArgumentParser):
    """The shared options, to which each script adds its own.

    A flag wins over the environment (`NIGHTLIGHT_ID`, `NIGHTLIGHT_BROKER`, ...), which wins over
    the default. A bad value ends the program with exit status 2 and one line, before anything connects.
    """

    def __init__(self, prog: str, description: str, wildcards: bool = False) -> None:
        super().__init__(
            prog=prog,
            description=description,
            auto_env_var_prefix="NIGHTLIGHT_",
            allow_abbrev=False,
            formatter_class=configargparse.ArgumentDefaultsHelpFormatter,
        )
        self._wildcards = wildcards
        self.add_argument("--id", default=DEFAULT_ID, help="what device and server have in common")
        self.add_argument(
            "--broker",
            metavar="URL",
            type=_explained(BrokerAddress.parse),
            default="mqtt://localhost",
            help="mqtt://, mqtts://, ws:// or wss://, then [user:password@]host[:port]",
        )
        self.add_argument("--qos", type=int, choices=(0, 1, 2), default=1, help="quality of service")
        self.add_argument(
            "--commands",
            choices=("newest", "in-order"),
            default="newest",
            help="what a device that was away gets: the newest, or each one, once and in order",
        )
        self.add_argument("--check", action="store_true", help="look for what is wrong, say what to do, and end")
        self.add_argument("--json", action="store_true", help="with --check: print what it finds as JSON")
        loudness = self.add_mutually_exclusive_group()
        loudness.add_argument("--quiet", action="store_true", help="say only what is wrong")
        loudness.add_argument("--verbose", action="store_true", help="show paho-mqtt's own log as well")

    def read(self) -> Namespace:
        """The options of this run, checked; how much is said is set up by them."""
        settings: Namespace = self.parse_args()
        try:
            check_id(settings.id, self._wildcards)
        except ValueError as error:
            self.error(f"argument --id: {error}")
        if settings.id == DEFAULT_ID and settings.broker.is_public:
            self.error(
                f"argument --id: {settings.broker.host} is open to everybody, and so is the id {DEFAULT_ID!r} there;"
                " choose one of your own, for example --id nightlight-7f3a"
            )
        if settings.commands == "in-order" and settings.qos == 0:
            self.error("argument --commands: in-order takes --qos 1 or 2")
        if settings.json and not settings.check:
            self.error("argument --json: it goes with --check")
        notices.set_up(settings.quiet, settings.verbose)
        return settings

    def error(self, message: str) -> NoReturn:
        """One line, without the usage that argparse puts before it."""
        print(f"{self.prog}: {' '.join(message.split())} (--help tells more)", file=sys.stderr)
        sys.exit(2)


def check_id(id: str, wildcards: bool = False) -> None:
    """ValueError if `id` cannot be the beginning of a topic. With `wildcards`, levels may be `+`.

    The rules are those of MQTT 3.1.1 section 4.7; blanks are allowed there, but are always a mistake.
    """
    if not id:
        raise ValueError("it is empty; choose a name, for example my-room")
    if not id.isprintable() or any(character.isspace() for character in id):
        raise ValueError(f"{id!a} holds a blank or a character that does not print; choose a name like my-room")
    if id.startswith("$"):
        raise ValueError(f"{id!r} begins with '$', which belongs to the broker")
    if "#" in id:
        raise ValueError(f"{id!r} holds '#', MQTT's wildcard for everything below")
    if "+" in id and not wildcards:
        raise ValueError(f"{id!r} holds '+', MQTT's wildcard; a device has one id of its own")
    if any("+" in level and level != "+" for level in id.split("/")):
        raise ValueError(f"{id!r}: '+' stands for a whole level, as in stadium/+")
    if len(id) > LONGEST_ID:
        raise ValueError(f"it has {len(id):,} characters, more than {LONGEST_ID:,}")


def seconds(lowest: float, highest: float) -> Callable[[str], float]:
    """An option's type: a number of seconds in this range."""

    def parse(text: str) -> float:
        value = _number(float, text)
        if not math.isfinite(value) or not lowest <= value <= highest:
            raise configargparse.ArgumentTypeError(f"{text} is not from {lowest:g} to {highest:g} (seconds)")
        return value

    return parse


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """An option's type: a whole number in this range."""

    def parse(text: str) -> int:
        value = _number(int, text)
        if not lowest <= value <= highest:
            raise configargparse.ArgumentTypeError(f"{text} is not from {lowest} to {highest}")
        return value

    return parse


def _number(kind: Callable[[str], Number], text: str) -> Number:
    try:
        return kind(text)
    except ValueError:
        raise configargparse.ArgumentTypeError(f"{text!r} is not a{' whole' if kind is int else ''} number") from None


def _explained(parse: Callable[[str], BrokerAddress]) -> Callable[[str], BrokerAddress]:
    """Argparse shows the text of ArgumentTypeError, but not that of ValueError."""

    def parse_or_explain(text: str) -> BrokerAddress:
        try:
            return parse(text)
        except ValueError as error:
            raise configargparse.ArgumentTypeError(str(error)) from None

    return parse_or_explain
