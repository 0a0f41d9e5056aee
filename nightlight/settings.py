"""The options that the scripts share."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import configargparse

from nightlight import __version__, notices
from nightlight.address import BrokerAddress, addresses
from nightlight.messages import LONGEST_ID, MAX_LIGHT
from nightlight.rule import DEFAULT_THRESHOLD, Rule
from nightlight.trust import BadCredentials, Credentials, Trust, read_secret

Number = TypeVar("Number", int, float)
Value = TypeVar("Value")

DEFAULT_ID = "nightlight"


@dataclass(frozen=True)
class Settings:
    """The options that the scripts share, each decoded into what it stands for."""

    id: str
    brokers: tuple[BrokerAddress, ...]
    credentials: Path | None
    """The folder with what we show to the broker, if it is locked by run.py lock."""
    qos: int
    rule: Rule
    check: bool
    json: bool
    quiet: bool
    verbose: bool

    @property
    def shares_readings(self) -> bool:
        """Whether the broker is to hand each reading to one of several programs like this one."""
        return False


class Several(argparse.Action):
    """An option that may be given several times: what is named there comes in turn, instead of the default."""

    def __call__(self, parser: Any, settings: Any, named: Any, option: str | None = None) -> None:
        before = getattr(settings, self.dest)
        setattr(settings, self.dest, named if before is self.default else before + named)


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
            type=explained(addresses),
            action=Several,
            default="mqtt://localhost",
            help="mqtt://, mqtts://, ws:// or wss://, then [user:password@]host[:port]; may be given several times",
        )
        file = self.add_argument_group("whom to trust, and who we are", "for mqtts:// and wss://").add_argument
        file("--credentials", metavar="FOLDER", type=Path, help="all of the following, as run.py lock has made it")
        file("--ca", metavar="FILE", type=Path, help="an authority to trust beside the system's (PEM)")
        file("--cert", metavar="FILE", type=Path, help="our own certificate, for a broker that asks (PEM)")
        file("--key", metavar="FILE", type=Path, help="its key, if it is not in the same file (PEM, mode 600)")
        file("--password-file", metavar="FILE", type=Path, help="the password of the URL's user, in a file of mode 600")
        self.add_argument("--qos", type=int, choices=(0, 1, 2), default=1, help="quality of service")
        light = whole_number(0, MAX_LIGHT)
        self.add_argument("--threshold", type=light, default=DEFAULT_THRESHOLD, help="it is dark below this light")
        self.add_argument(
            "--hysteresis", type=light, default=0, help="once on, the LED stays on until threshold + this"
        )
        self.add_argument("--check", action="store_true", help="look for what is wrong, say what to do, and end")
        self.add_argument("--json", action="store_true", help="with --check: print what it finds as JSON")
        loudness = self.add_mutually_exclusive_group()
        loudness.add_argument("--quiet", action="store_true", help="say only what is wrong")
        loudness.add_argument("--verbose", action="store_true", help="show paho-mqtt's own log as well")
        self.add_argument("--version", action="version", version=f"Nightlight {__version__}")

    def read(self, arguments: Sequence[str] | None = None) -> dict[str, Any]:
        """The options of this run, checked and decoded, by their names in Settings; how much is said is set up."""
        given = vars(self.parse_args(arguments))
        files = {name: given.pop(name) for name in ("ca", "cert", "key", "password_file")}
        brokers = tuple(self._with_credentials(broker, given, **files) for broker in given.pop("broker"))
        rule = Rule(given.pop("threshold"), given.pop("hysteresis"))
        try:
            check_id(given["id"], self._wildcards)
        except ValueError as error:
            self.error(f"argument --id: {error}")
        if given["id"] == DEFAULT_ID and (public := [broker.host for broker in brokers if broker.is_public]):
            self.error(
                f"argument --id: {public[0]} is open to everybody, and so is the id {DEFAULT_ID!r} there;"
                " choose one of your own, for example --id nightlight-7f3a"
            )
        if given["json"] and not given["check"]:
            self.error("argument --json: it goes with --check")
        notices.set_up(given["quiet"], given["verbose"])
        for broker in brokers:
            if not (broker.tls or broker.is_this_machine or given["check"]):
                what = "The password goes" if broker.password else "What is said goes"
                notices.warn(f"{what} to {broker} unencrypted: whoever listens in between can read it.")
        return {**given, "brokers": brokers, "rule": rule}

    def _with_credentials(
        self, broker: BrokerAddress, given: dict[str, Any], password_file: Path | None, **files: Path | None
    ) -> BrokerAddress:
        """The broker with whom we trust and what we show to it. Programs that --check looks at keep their own place."""
        folder = given["credentials"]
        named = [name for name, file in [*files.items(), ("password-file", password_file)] if file]
        if folder and (named or broker.user):
            other = f"--{named[0]}" if named else "a user in the broker's URL"
            self.error(f"argument --credentials: it has all that is needed; leave out {other}")
        if not broker.tls and (folder or any(files.values())):
            option = "credentials" if folder else named[0]
            self.error(f"argument --{option}: {broker.url} is not encrypted; write mqtts:// or wss://")
        if files["key"] and not files["cert"]:
            self.error("argument --key: it goes with --cert")
        if password_file and (broker.password or not broker.user):
            self.error("argument --password-file: the broker's URL names the user, and no password: mqtts://ada@host")
        try:
            if folder:
                is_check = given["check"] and (folder / "check").is_dir()
                ours = Credentials.in_folder(folder / "check" if is_check else folder)
            else:
                password = read_secret(password_file) if password_file else broker.password
                ours = Credentials(Trust(**files), broker.user, password)
            if broker.tls and not given["check"]:
                ours.trust.context()
        except BadCredentials as error:
            option = "credentials" if folder else next(iter(named), "broker")
            self.error(f"argument --{option}: {error}")
        return replace(broker, trust=ours.trust, user=ours.user, password=ours.password)

    def error(self, message: str) -> NoReturn:
        """One line, without the usage that argparse puts before it, nor the password in a URL that it repeats."""
        line = re.sub(r"(://.*|\S*:\S*)@", "...@", " ".join(message.split()))
        print(f"{self.prog}: {line} (--help tells more)", file=sys.stderr)
        sys.exit(2)


def check_id(id: str, wildcards: bool = False) -> None:
    """ValueError if `id` cannot be the beginning of a topic. With `wildcards`, levels may be `+`.

    The rules are those of MQTT 3.1.1 section 4.7; blanks are allowed there, but are always a mistake.
    """
    name = "choose a name like my-room"
    for is_wrong, what in (
        (not id, f"it is empty; {name}"),
        (not id.isprintable() or " " in id, f"{id!a} holds a blank or a character that does not print; {name}"),
        (id.startswith("$"), f"{id!r} begins with '$', which belongs to the broker"),
        ("#" in id, f"{id!r} holds '#', MQTT's wildcard for everything below"),
        ("+" in id and not wildcards, f"{id!r} holds '+', MQTT's wildcard; a device has one id of its own"),
        (any("+" in level[:-1] + level[1:] for level in id.split("/")), f"{id!r}: '+' stands for a whole level"),
        (len(id) > LONGEST_ID, f"it has {len(id):,} characters, more than {LONGEST_ID:,}"),
    ):
        if is_wrong:
            raise ValueError(what)


def state_folder() -> Path:
    """Where programs of this user keep what they need next time (XDG Base Directory Specification)."""
    if folder := os.environ.get("STATE_DIRECTORY"):  # from systemd
        return Path(folder)
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "nightlight"


def seconds(lowest: float, highest: float) -> Callable[[str], float]:
    """An option's type: a number of seconds in this range."""
    return _number(float, lowest, highest, "a number", " (seconds)")


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """An option's type: a whole number in this range."""
    return _number(int, lowest, highest, "a whole number")


def explained(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """An option's type: what `parse` makes of it. Argparse shows the text of ArgumentTypeError, not of ValueError."""

    def parse_or_explain(text: str) -> Value:
        try:
            return parse(text)
        except ValueError as error:
            raise configargparse.ArgumentTypeError(str(error)) from None

    return parse_or_explain


def _number(
    kind: Callable[[str], Number], lowest: Number, highest: Number, what: str, unit: str = ""
) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            raise ValueError(f"{text!r} is not {what}") from None
        if not lowest <= value <= highest:  # as it is with nan
            raise ValueError(f"{text} is not from {lowest:.12g} to {highest:.12g}{unit}")
        return value

    return explained(parse)
