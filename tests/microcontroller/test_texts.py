"""What microcontroller/README.md says of the files, and of what the board says."""

from __future__ import annotations

import re

from tests.kit.microcontroller import FILES
from tests.kit.programs import ROOT
from tests.test_docs import table

README = ROOT / "microcontroller/README.md"
SOURCES = "".join((ROOT / "microcontroller" / name).read_text() for name in FILES)


def test_the_files_are_those_that_are_copied() -> None:
    told = [row[0].strip("`") for row in table(README, "") if ".py" in row[0]]
    copied = next(line for line in README.read_text().splitlines() if "mpremote cp main.py" in line)
    assert copied.split("cp ")[1] == " ".join([*FILES, "settings.py", ":"])
    assert set(told) <= {*FILES, "settings.py"}


def test_what_it_says_is_what_the_program_says() -> None:
    """What is not ours, TLS's own words, follows on `No way to ...:`."""
    for said, *_ in table(README, "it says"):
        if "Traceback" in said:  # MicroPython's own
            continue
        for message in re.findall(r"`(.+?)`", said):
            ours = re.sub(r"(No way to) .*", r"\1", message)
            for words in re.split(r"\.\.\.|'.*?'|\(\d\)|\d+ s|my-room/commands", ours):
                assert words.strip(" .,:`") in SOURCES, words
