"""The table of attacks: which are refused, by brokers that are set up in different ways.

    .venv/bin/python -m tests.locked.table [--only revoked] [--write]

The table goes to standard output and, with --write, into SECURITY.md. Takes four minutes: Mosquitto waits
for those who say nothing.
"""

from __future__ import annotations

import argparse
import platform
import ssl
import subprocess
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import paho.mqtt

from nightlight.notices import set_up
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import ROOT
from tests.locked.attacks import ATTACKS, Attack
from tests.locked.house import CERTIFICATES, CONFIGURATIONS, LOCKED, Configuration, House, Succeeded

PAGE = ROOT / "SECURITY.md"
BEGIN, END = "<!-- attacks -->\n", "<!-- end of attacks -->\n"

Results = dict[Attack, tuple[bool, str]]
"""Of each attack whether it was refused, and how that, or its success, was seen."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORDS", help="only attacks with these words in their name")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    if options.only and options.write:
        parser.error("--write is for the whole table")
    attacks = [attack for attack in ATTACKS if options.only in attack.name]
    # Each in a process of its own: together they have more connections than one may have.
    with ProcessPoolExecutor(len(CONFIGURATIONS), get_context("spawn")) as pool:
        results = dict(zip(CONFIGURATIONS, pool.map(partial(try_all, attacks), CONFIGURATIONS), strict=True))
    text = "".join(lines(attacks, results))
    print(text, end="")
    if options.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1], encoding="utf-8")


def try_all(attacks: list[Attack], configuration: Configuration) -> Results:
    """One after the other, in one House."""
    set_up(mute=True)
    with tempfile.TemporaryDirectory() as home, House(configuration, Path(home), thorough=True) as house:
        return {attack: try_one(attack, house) for attack in attacks}


def try_one(attack: Attack, house: House) -> tuple[bool, str]:
    try:
        return True, attack.act(house)
    except Succeeded as how:
        return False, str(how)
    finally:
        house.end_attack()


def lines(attacks: list[Attack], results: dict[Configuration, Results]) -> list[str]:
    """The table, in Markdown, and what it was made with."""
    names = " | ".join(configuration.name for configuration in CONFIGURATIONS)
    return [
        f"{versions()}\n\n",
        f"| attack | {names} | how it is refused when locked |\n",
        "| --- |" + " --- |" * (len(CONFIGURATIONS) + 1) + "\n",
        *(f"| {attack} | {cells(attack, results)} |\n" for attack in attacks),
    ]


def cells(attack: Attack, results: dict[Configuration, Results]) -> str:
    outcomes = {configuration: results[configuration][attack] for configuration in CONFIGURATIONS}
    verdicts = ["refused" if refused else f"**succeeds:** {seen}" for refused, seen in outcomes.values()]
    hows = [seen for refused, seen in (outcomes[LOCKED], outcomes[CERTIFICATES]) if refused]
    how = "; with certificates: ".join(dict.fromkeys(hows))
    return " | ".join([*verdicts, how])


def versions() -> str:
    """What it was run with."""
    said = subprocess.run([str(MOSQUITTO), "-h"], capture_output=True, encoding="utf-8", check=False).stdout
    mosquitto = said.partition("\n")[0].replace("mosquitto version", "Mosquitto")
    python, openssl = platform.python_version(), ssl.OPENSSL_VERSION.rpartition(" ")[0].rsplit(" ", 2)[0]
    return f"Tried with {mosquitto}, Python {python}, paho-mqtt {paho.mqtt.__version__} and {openssl}."


if __name__ == "__main__":
    main()
