"""Step 8 covers the paho-mqtt guide: each name has its row, and its example has really used it."""

from __future__ import annotations

import ast
import enum
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt import publish, subscribe
from paho.mqtt.enums import ConnackCode

from tests.kit import own_network
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import ROOT
from tests.lessons.guide import Name, names

LESSON = ROOT / "lessons/8-paho"
HEAD = "| in the guide | example | today |"
CALLBACK = "callback"


class Row(NamedTuple):
    """A row of the table in the text."""

    name: str
    example: str
    today: str
    """What is different in 2.x."""

    @property
    def is_gone(self) -> bool:
        return self.today.startswith("gone")

    @property
    def spans(self) -> list[str]:
        """The pieces of code in `today`."""
        return re.findall(r"`([^`]+)`", self.today)


def read_table() -> list[Row]:
    """All rows, from all of the table's parts."""
    rows, in_table = [], False
    for line in (LESSON / "README.md").read_text(encoding="utf-8").splitlines():
        if line == HEAD:
            in_table = True
        elif not line.startswith("|"):
            in_table = False
        elif in_table and not line.startswith("| ---"):
            name, example, today = (cell.strip() for cell in line.strip("|").split("|"))
            rows.append(Row(name.strip("`"), example.strip("`"), today))
    return rows


ROWS = {row.name: row for row in read_table()}
NAMES = {name.name: name for name in names()}


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


def test_the_table_has_each_name_of_the_guide_once_in_its_order() -> None:
    assert [row.name for row in read_table()] == list(NAMES)


def test_a_row_says_gone_if_and_only_if_paho_has_it_no_more() -> None:
    assert {row.name for row in ROWS.values() if row.is_gone} == {
        name.name for name in NAMES.values() if not is_there(name)
    }


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


# ---- the examples ----


def test_each_example_uses_what_its_rows_say_and_runs_to_the_last_line(tmp_path: Path) -> None:
    if not own_network.is_possible():
        pytest.skip("this system has no network namespaces for us, so the broker's ports may not be free")
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    reader = [sys.executable, "-m", "tests.lessons.reader", "--notes", str(tmp_path), str(LESSON)]
    run = subprocess.run(reader, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    notes: dict[str, set[str]] = {}
    for file in tmp_path.glob("*.txt"):
        for line in file.read_text(encoding="utf-8").splitlines():
            script, what = line.split("\t")
            notes.setdefault(script, set()).add(what)

    unused = [row for row in ROWS.values() if not was_used(row, notes.get(row.example, set()))]
    assert not unused, "the example has not used it, in the run that has just ended"
    asleep = {script.name: lines_not_run(script, notes.get(script.name, set())) for script in LESSON.glob("*.py")}
    assert not any(asleep.values()), f"lines that did not run: {asleep}"


def was_used(row: Row, notes: set[str]) -> bool:
    """Whether the example has used it or, if it is gone, shown that it is."""
    name = NAMES[row.name]
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
