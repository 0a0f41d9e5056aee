"""What the course's texts consist of: listings, links, and what each step has at its end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.kit import markdown
from tests.kit.programs import ROOT
from tests.lessons.reader import INSTRUCTIONS

STEPS = sorted((ROOT / "lessons").glob("*-*/README.md"), key=lambda text: int(text.parent.name.partition("-")[0]))
COURSE = sorted((ROOT / "lessons").rglob("*.md"))
TEXTS = [ROOT / "README.md", *COURSE]
LISTED = {".py", ".conf", ".html"}
"""Kinds of files whose contents have to come from the file."""


def name_of(text: Path) -> str:
    return str(text.relative_to(ROOT))


def test_the_listings_are_those_of_the_files() -> None:
    command = [sys.executable, str(ROOT / "docs/put_listings.py"), "--check"]
    check = subprocess.run(command, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("text", COURSE, ids=name_of)
def test_no_listing_is_written_by_hand(text: Path) -> None:
    """What is Python, or has a file's name, stands between cogapp's comments."""
    inside = False
    for line in text.read_text().splitlines():
        if "[[[" in line:
            inside = "[[[cog" in line
        elif line.startswith(("```python", "```conf", "```html")):
            assert inside, f"{line} is written by hand"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.parent.name)
def test_each_file_is_listed_somewhere(step: Path) -> None:
    texts = "".join(text.read_text() for text in step.parent.glob("*.md"))
    for file in step.parent.rglob("*"):
        if file.suffix in LISTED:
            name = file.relative_to(step.parent).as_posix()
            assert f'"{name}"' in texts, f"{name} does not stand in a text"


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_links_inside_the_repository_lead_somewhere(text: Path) -> None:
    for piece in markdown.read(text):
        if piece.kind != "link" or re.match(r"https?:|mailto:", piece.text):
            continue
        path, _, anchor = unquote(piece.text).partition("#")
        target = (text.parent / path).resolve() if path else text
        assert target.exists(), f"line {piece.line}: there is no {piece.text}"
        if anchor and target.suffix == ".md":
            assert anchor in markdown.anchors(target), f"line {piece.line}: {target.name} has no heading for #{anchor}"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.parent.name)
def test_each_step_ends_with_a_quiz_what_to_try_and_a_larger_system(step: Path) -> None:
    headings = [piece.text for piece in markdown.read(step) if piece.kind == "heading"]
    assert headings[-3:] == ["Quiz", "What to try", "In a larger system"]
    quiz = step.read_text().partition("\n## Quiz\n")[2].partition("\n## What to try\n")[0]
    assert quiz.count("<details><summary>") == quiz.count("</summary>\n\n") == quiz.count("\n\n</details>") == 3


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.parent.name)
def test_there_is_a_solution_to_each_thing_to_try(step: Path) -> None:
    """Each begins with a name in bold and a colon, and the solution has it as its heading."""
    to_try = step.read_text().partition("\n## What to try\n")[2].partition("\n## ")[0]
    names = [re.match(r"\*\*(.+?):\*\* ", item) for item in to_try.split("\n- ")[1:]]
    assert all(names), "a thing to try has no name"
    solutions = markdown.read(step.with_name("solutions.md"))
    headings = [piece.text for piece in solutions if piece.kind == "heading" and piece.info == ("h2",)]
    assert headings == [name[1] for name in names if name]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.parent.name)
def test_a_step_links_to_its_neighbours(step: Path) -> None:
    number = STEPS.index(step)
    last_line = step.read_text().rstrip().splitlines()[-1]
    for neighbour in STEPS[max(0, number - 1) : number + 2]:
        if neighbour != step:
            title = neighbour.read_text().splitlines()[0].removeprefix("# ")
            assert title in last_line
            assert f"(../{neighbour.parent.name}/README.md)" in last_line


@pytest.mark.parametrize("step", COURSE, ids=name_of)
def test_a_terminal_is_named_before_it_is_used(step: Path) -> None:
    """In italics, for people: what names it for the reader stands where a rendered text does not show it."""
    text = step.read_text()
    for piece in markdown.read(step):
        if piece.kind == "block" and piece.info[:1] == ("sh",) and len(piece.info) > 1:
            before = "\n".join(text.splitlines()[: piece.line - 1])
            assert f"*{piece.info[1]}*" in before, f"line {piece.line}: which terminal is {piece.info[1]}?"


@pytest.mark.parametrize("step", COURSE, ids=name_of)
def test_what_is_bold_and_a_sentence_is_known_to_the_reader(step: Path) -> None:
    for piece in markdown.read(step):
        if piece.kind == "bold" and piece.text.endswith("."):
            assert any(re.fullmatch(known, piece.text) for known in INSTRUCTIONS), f"line {piece.line}: {piece.text}"


@pytest.mark.parametrize("step", ["2-connect", "3-telemetry", "4-commands"])
def test_who_types_only_the_pieces_that_are_shown_has_the_whole_file(step: str) -> None:
    """What is not in the file of the step before stands in a piece outside of the folded listings."""
    lesson = ROOT / "lessons" / step
    before = ROOT / "lessons" / {"3-telemetry": "2-connect", "4-commands": "3-telemetry"}.get(step, "")
    blocks = [piece for piece in markdown.read(lesson / "README.md") if piece.kind == "block"]
    shown = [line for block in blocks if block.info == ("python",) for line in block.text.splitlines()]
    typed = {line.removesuffix("  # new").strip() for line in shown}
    marked = {line.removesuffix("  # new").strip() for line in shown if line.endswith("  # new")}
    for file in lesson.glob("*.py"):
        if file.name == "grove_pi.py":
            continue
        old = (before / file.name).read_text() if (before / file.name).exists() else ""
        new = {line.strip() for line in file.read_text().splitlines()} - {line.strip() for line in old.splitlines()}
        assert new <= typed, f"{file.name}: what is new is not shown"
        assert not marked & {line.strip() for line in old.splitlines()}, f"{file.name}: what is marked is not new"


def test_the_course_s_table_has_every_step() -> None:
    table = [piece.text for piece in markdown.read(ROOT / "lessons/README.md") if piece.kind == "link"]
    for step in STEPS:
        assert name_of(step).removeprefix("lessons/") in table


def test_step_13_s_server_is_that_of_step_4_but_for_two_words() -> None:
    plain = (ROOT / "lessons/4-commands/server.py").read_text()
    over_websockets = (ROOT / "lessons/13-websockets/server.py").read_text()
    assert over_websockets.replace(', transport="websockets"', "").replace(", 9001", "") == plain


def test_step_14_s_two_pages_differ_by_one_word_in_what_they_take_for_the_led() -> None:
    pages = [(ROOT / "lessons/14-look" / name).read_text() for name in ("wish.py", "page.py")]
    wish, state = (page.partition('["light"]\n')[2].partition('"off"\n')[0] for page in pages)
    assert wish.count("commands") == 1
    assert wish.replace("commands", "led") == state
