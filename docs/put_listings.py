"""Puts the listings into the texts of the course, from the files that the tests run; and tables into docs/speed.md.

    .venv/bin/python docs/put_listings.py            # writes them; with names of texts after it, only into these
    .venv/bin/python docs/put_listings.py --check    # says which text differs from its files, and ends with status 5

In a text stands, between two comments, what cogapp (https://cog.readthedocs.io) calls for a listing:

    <!-- [[[cog file("device.py") ]]] -->
    <!-- [[[end]]] -->

In the same way docs/speed.md has the tables that `run.py bench` has made: table("../bench/results/cost.md"), and step 8
a table of names, which is made from names.txt and links to the listings: names().
"""

from __future__ import annotations

import re
import sys
import textwrap
from difflib import SequenceMatcher
from pathlib import Path

from cogapp import Cog

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {".py": "python", ".conf": "conf", ".html": "html", ".json": "json", ".txt": "text"}


def file(name: str) -> None:
    """A whole file, which the reader is to write; its path is relative to the text's folder."""
    path = _beside_the_text(name)
    _put(f"{LANGUAGES[path.suffix]} {path.name}", path.read_text(encoding="utf-8"))


AT_THE_END = "At the end of this step "
"""How each step's text begins."""

NEW = "  # new"
"""Marks a line that the file of the step before does not have."""


def part(name: str, first: str, last: str, since: str = "") -> None:
    """A part of a file, to be looked at: from the line with the words `first` to the next one with `last`.

    With the name of an older file as `since`, the lines are marked that are new, unless all are.
    ValueError if there is no such line, or more than one with the words `first`.
    """
    path = _beside_the_text(name)
    lines = path.read_text(encoding="utf-8").splitlines()
    begins = [number for number, line in enumerate(lines) if first in line]
    if len(begins) != 1:
        raise ValueError(f"{len(begins)} lines of {name} have the words {first!r}, not one")
    ends = [number for number, line in enumerate(lines) if last in line and number >= begins[0]]
    if not ends:
        raise ValueError(f"no line of {name} after {first!r} has the words {last!r}")
    shown = range(begins[0], ends[0] + 1)
    new = _new_lines(_beside_the_text(since), path) if since else set()
    if all(number in new for number in shown if lines[number]):
        new = set()
    marked = [lines[number] + NEW * (number in new) for number in shown]
    _put(LANGUAGES[path.suffix], textwrap.dedent("\n".join(marked)))


def _new_lines(old: Path, now: Path) -> set[int]:
    """Which lines of the file the older one does not have, counted from 0."""
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (old, now))
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return {line for kind, _, _, begin, end in changes if kind != "equal" for line in range(begin, end) if after[line]}


def table(name: str) -> None:
    """What is Markdown already, as it is."""
    import cog

    cog.outl(_beside_the_text(name).read_text(encoding="utf-8").rstrip())


def steps() -> None:
    """The course's steps: what there is at the end of each, from its first sentence, and how many minutes it costs."""
    import cog
    from minutes import all_costs

    cog.outl("| step | at the end of it | minutes |")
    cog.outl("| --- | --- | --- |")
    for step, cost in all_costs().items():
        title, _, text = (step / "README.md").read_text(encoding="utf-8").removeprefix("# Step ").partition("\n\n")
        sentence = re.split(r"(?<=\.)\s", " ".join(text.split()))[0]
        if not sentence.startswith(AT_THE_END):
            raise ValueError(f"{step.name} does not begin with {AT_THE_END!r}, but with {sentence!r}")
        at_the_end = sentence.removeprefix(AT_THE_END).rstrip(".")
        minutes = f"{cost.copying} to {cost.typing}" if cost.copying < cost.typing else str(cost.copying)
        cog.outl(f"| [{title.replace(':', '')}]({step.name}/README.md) | {at_the_end} | {minutes} |")


def names() -> None:
    """Step 8's table of the names of paho-mqtt."""
    import cog

    sys.path.insert(0, str(ROOT))
    from tests.lessons.names import appendix

    cog.outl("\n".join(appendix()).strip())


def _beside_the_text(name: str) -> Path:
    import cog  # there is a module of this name only while cogapp works

    return Path(cog.inFile).parent / name


def _put(kind: str, text: str) -> None:
    import cog

    cog.outl(f"```{kind}\n{text.rstrip()}\n```")


def texts() -> list[Path]:
    """Those that have listings, or tables."""
    texts = [*(ROOT / "lessons").rglob("*.md"), *(ROOT / "docs").glob("*.md")]
    return sorted(path for path in texts if "[[[cog" in path.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    prologue = "from put_listings import file, names, part, steps, table"
    way = ["--check", "--diff"] if "--check" in arguments else ["-r"]
    chosen = [word for word in arguments if not word.startswith("-")] or map(str, texts())
    return int(Cog().main(["cog", *way, "-I", str(ROOT / "docs"), "-p", prologue, *chosen]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
