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

import sys
import textwrap
from pathlib import Path

from cogapp import Cog

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {".py": "python", ".conf": "conf", ".html": "html", ".json": "json", ".txt": "text"}


def file(name: str) -> None:
    """A whole file, which the reader is to write; its path is relative to the text's folder."""
    path = _beside_the_text(name)
    _put(f"{LANGUAGES[path.suffix]} {path.name}", path.read_text(encoding="utf-8"))


def part(name: str, first: str, last: str) -> None:
    """A part of a file, to be looked at: from the line with the words `first` to the next one with `last`.

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
    _put(LANGUAGES[path.suffix], textwrap.dedent("\n".join(lines[begins[0] : ends[0] + 1])))


def table(name: str) -> None:
    """What is Markdown already, as it is."""
    import cog

    cog.outl(_beside_the_text(name).read_text(encoding="utf-8").rstrip())


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
    prologue = "from put_listings import file, names, part, table"
    way = ["--check", "--diff"] if "--check" in arguments else ["-r"]
    chosen = [word for word in arguments if not word.startswith("-")] or map(str, texts())
    return int(Cog().main(["cog", *way, "-I", str(ROOT / "docs"), "-p", prologue, *chosen]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
