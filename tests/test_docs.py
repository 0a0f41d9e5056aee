"""The README and docs/: links, what is said of the options and of the wire, and that the README stays short."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from nightlight import messages
from tests.kit import markdown
from tests.kit.programs import ROOT, clean_environment

README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXTS = [README, ROOT / "microcontroller/README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *PAGES]
SCRIPTS = {"device": "device/app.py", "server": "server/app.py", "page": "page/app.py"}
LONGEST_README = 1_800
"""Words, as `wc -w` counts them."""


def name_of(text: Path) -> str:
    return text.relative_to(ROOT).as_posix()


def links(text: Path) -> list[tuple[int, Path, str]]:
    """The line, the target and the anchor of each link that stays in the project."""
    found = []
    for piece in markdown.read(text):
        if piece.kind == "link" and not re.match(r"https?:|mailto:", piece.text):
            path, _, anchor = unquote(piece.text).partition("#")
            found.append((piece.line, (text.parent / path).resolve() if path else text, anchor))
    return found


def table(text: Path, heading: str) -> list[list[str]]:
    """The rows of the first table whose first cell is this, without that one."""
    rows: list[list[str]] = []
    for line in text.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if line.startswith("|") and (rows or cells[0] == heading):
            rows.append(cells)
        elif rows:
            break
    assert rows, f"{text.name} has no table that begins with {heading!r}"
    return rows[2:]


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_links_lead_to_something_that_exists(text: Path) -> None:
    for line, target, anchor in links(text):
        assert target.exists(), f"line {line}: there is no {target}"
        assert target.is_relative_to(ROOT), f"line {line}: {target} is outside"
        if anchor:
            assert anchor in markdown.anchors(target), f"line {line}: {target.name} has no heading for #{anchor}"


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").split()) <= LONGEST_README


def test_each_page_is_linked_once_from_the_readme() -> None:
    linked = Counter(
        target for _, target, _ in links(README) if target.parent == ROOT / "docs" and target.suffix == ".md"
    )
    assert linked == dict.fromkeys(PAGES, 1)


@pytest.mark.parametrize("script", SCRIPTS)
def test_options_md_has_the_script_s_options_and_no_others(script: str) -> None:
    help_text = subprocess.run(
        [sys.executable, ROOT / SCRIPTS[script], "--help"],
        env=clean_environment(COLUMNS="200"),
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    offered = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_text, re.MULTILINE))
    rows = [row for row in table(ROOT / "docs/options.md", "option") if row[1] in ("all", script)]
    told = Counter(re.findall(r"--[\w-]+", row[0])[0] for row in rows)
    assert told == Counter(offered)


def test_every_row_of_options_md_says_whose_it_is() -> None:
    assert {row[1] for row in table(ROOT / "docs/options.md", "option")} == {"all", *SCRIPTS}


def test_wire_md_has_the_topics_of_messages_py() -> None:
    kinds = [kind.TOPIC for kind in vars(messages).values() if hasattr(kind, "TOPIC")]
    told = [row[0].strip("`").rpartition("/")[2] for row in table(ROOT / "docs/wire.md", "topic")]
    assert sorted(told) == sorted(kinds)


@pytest.mark.parametrize("room", ["device", "server", "page", "nightlight", "checkup", "microcontroller", "classroom"])
def test_parts_md_has_the_files_of_each_room(room: str) -> None:
    tree = (ROOT / "docs/parts.md").read_text(encoding="utf-8").partition(f"\n{room}/ ")[2]
    inside = re.match(r".*\n((?:    .*\n)*)", tree)
    assert inside
    told = re.findall(r"^    (\w+\.py) ", inside[1], re.MULTILINE)
    assert set(told) == {file.name for file in (ROOT / room).glob("*.py")} - {"__init__.py"}
