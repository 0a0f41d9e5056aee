"""Step 8 covers paho-mqtt: each name has its row in names.txt, and its example has really used it."""

from __future__ import annotations

import ast
import enum
import functools
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt import publish, subscribe
from paho.mqtt.enums import CallbackAPIVersion, ConnackCode

from tests.kit import own_network
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import ROOT
from tests.lessons import guide
from tests.lessons.guide import Name
from tests.lessons.names import DOCUMENTATION, LESSON, Row, documentation, examples, pages, rows

CALLBACK = "callback"
NAMES = {name.name: name for name in guide.names()}
NEW_NAMES = {name.name: name for name in guide.new_names()}
ROWS = {row.name: row for row in rows()}
OTHERS = ["README.md", "names.md", "solutions.md"]
"""Texts without examples that a row could name."""


def function_of(name: Name) -> Callable[..., Any] | None:
    """paho's, today."""
    module, _, short = name.function.rpartition(".")
    places: list[Any] = {"publish": [publish], "subscribe": [subscribe]}.get(
        module, [mqtt.Client, mqtt.MQTTMessageInfo, mqtt]
    )
    return next((getattr(place, short) for place in places if hasattr(place, short)), None)


def parameters_of(name: Name) -> dict[str, inspect.Parameter]:
    function = function_of(name)
    if not function:
        return {}
    parameters = inspect.signature(function).parameters
    return {key: parameter for key, parameter in parameters.items() if key != "self"}


def written(default: object) -> str:
    """The value as the table writes it."""
    if isinstance(default, enum.Enum) and not isinstance(default, int):
        return str(default)
    if isinstance(default, enum.Enum):
        return default.name
    return f'"{default}"' if isinstance(default, str) else repr(default)


def guides_default(name: Name) -> object:
    if name.default is None:
        return inspect.Parameter.empty
    import ssl  # noqa: PLC0415 (for eval)

    return eval(name.default, {"mqtt": mqtt, "ssl": ssl, **vars(mqtt)})  # what guide.py says


def is_there(name: Name) -> bool:
    """Whether paho still has it."""
    if name.argument:
        return name.argument in parameters_of(name)
    if name.function:
        return function_of(name) is not None
    thing, _, attribute = name.name.partition(".")
    there = hasattr(mqtt, thing) and (not attribute or hasattr(getattr(mqtt, thing), attribute))
    return there or not thing.startswith("MQTT")


# ---- the table ----


def test_there_is_a_row_for_each_name_of_the_guide_in_its_order_and_for_each_new_one() -> None:
    assert [(row.chapter, row.name) for row in rows()] == [
        (name.chapter, name.name) for name in [*NAMES.values(), *NEW_NAMES.values()]
    ]


def test_a_row_says_gone_if_and_only_if_paho_has_it_no_more() -> None:
    assert {row.name for row in ROWS.values() if row.is_gone} == {
        name.name for name in NAMES.values() if not is_there(name)
    }


def test_each_public_name_of_the_client_has_a_row() -> None:
    known = {re.split(r"\W", name)[0] for name in ROWS} | guide.LIKE_CONNECT_CALLBACK
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    assert not {name for name in dir(client) if not name.startswith("_")} - known


def test_each_link_to_pahos_documentation_is_to_something_that_paho_has() -> None:
    for row in ROWS.values():
        page, _, thing = documentation(row.name).removeprefix(f"{DOCUMENTATION}/").partition("#")
        if page == "migrations.html":
            assert row.is_gone
        else:
            module, *attributes = thing.removeprefix("paho.mqtt.").split(".")
            functools.reduce(getattr, attributes, sys.modules[f"paho.mqtt.{module}"])


def test_a_row_shows_todays_default_of_an_argument_whose_default_is_not_the_guides() -> None:
    wrong = {}
    for name in NAMES.values():
        today = parameters_of(name).get(name.argument)
        if today:
            now = f"{name.argument}={written(today.default)}"
            shown = {span for span in ROWS[name.name].spans if span.startswith(f"{name.argument}=")}
            if not shown <= {now} or (today.default != guides_default(name) and not shown):
                wrong[name.name] = now
    assert not wrong


def test_a_functions_row_shows_the_arguments_that_the_guide_does_not_have() -> None:
    wrong = {}
    for name in NAMES.values():
        if name.function and not name.argument:
            known = {other.argument for other in NAMES.values() if other.function == name.function}
            parameters = parameters_of(name).items()
            new = {f"{key}={written(today.default)}" for key, today in parameters if key not in known}
            if {span for span in ROWS[name.name].spans if "=" in span} != new:
                wrong[name.name] = new
    assert not wrong


def test_a_row_shows_which_reason_code_stands_for_a_connack_code() -> None:
    for code in ConnackCode:
        reason = mqtt.convert_connack_rc_to_reason_code(code)
        assert ROWS[f"on_connect: rc {code.value}"].spans == [str(reason), str(reason.value)]


# ---- the pages ----


def test_the_readme_lists_each_page() -> None:
    assert sorted(page.name for page in pages()) == sorted(
        page.name for page in LESSON.glob("*.md") if page.name not in OTHERS
    )


def test_each_script_is_on_one_page_under_a_heading() -> None:
    shown = [(script, heading) for page in pages() for script, heading in examples(page).items()]
    assert sorted(script for script, _ in shown) == sorted(script.name for script in LESSON.glob("*.py"))
    assert all(heading for _, heading in shown)


def test_each_page_links_to_its_neighbours() -> None:
    line = [*pages(), LESSON / "names.md"]
    for number, page in enumerate(line):
        last = page.read_text(encoding="utf-8").rstrip().splitlines()[-1]
        neighbours = [*line[max(number - 1, 0) : number], LESSON / "README.md", *line[number + 1 : number + 2]]
        assert re.findall(r"\]\(([a-z-]+\.md)\)", last, re.I) == [neighbour.name for neighbour in neighbours]


@pytest.mark.parametrize("page", [*pages(), LESSON / "solutions.md"], ids=lambda page: page.stem)
def test_each_example_uses_what_its_rows_say_and_runs_to_the_last_line(page: Path, tmp_path: Path) -> None:
    if not own_network.is_possible():
        pytest.skip("this system has no network namespaces for us, so the broker's ports may not be free")
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    reader = [sys.executable, "-m", "tests.lessons.reader", "--inside", "--notes", str(tmp_path), str(page)]
    command = [*own_network.command(), *reader]  # as the reader does it itself, but that takes twice as long to start
    run = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    notes: dict[str, set[str]] = {script: set() for script in examples(page)}
    for file in tmp_path.glob("*.txt"):
        for line in file.read_text(encoding="utf-8").splitlines():
            script, what = line.split("\t")
            notes.setdefault(script, set()).add(what)

    here = [row for row in ROWS.values() if row.example in examples(page)]
    unused = [row for row in here if not was_used(row, notes[row.example])]
    assert not unused, "the example has not used it, in the run that has just ended"
    asleep = {script: lines_not_run(LESSON / script, notes[script]) for script in examples(page)}
    assert not any(asleep.values()), f"lines that did not run: {asleep}"


def was_used(row: Row, notes: set[str]) -> bool:
    """Whether the example has used it or, if it is gone, shown that it is."""
    name = NAMES.get(row.name) or NEW_NAMES[row.name]
    if row.is_gone:
        lines = (LESSON / row.example).read_text(encoding="utf-8").splitlines()
        ran = [lines[int(note.removeprefix("line ")) - 1] for note in notes if note.startswith("line ")]
        tried = f".{name.function}({name.argument}=" if function_of(name) else f".{name.function}("
        return any(tried in line for line in ran)
    if name.note != CALLBACK:
        return name.note in notes
    short = name.name.partition("(")[0]
    return next((span for span in row.spans if span.startswith(f"{short}(")), name.name) in notes


def lines_not_run(script: Path, notes: set[str]) -> list[int]:
    """The first lines of statements without a note; imports and descriptions come before notes are taken."""
    quiet = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
    tree = ast.parse(script.read_text(encoding="utf-8"))
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not isinstance(node, quiet)]
    lines = {
        node.lineno
        for node in statements
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) and not isinstance(node, ast.Try)
    }
    return sorted(line for line in lines if f"line {line}" not in notes)
