"""What is installed where, and that it is enough."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.kit.programs import ROOT

LAPTOP = {"platform_release": "6.8.0-45-generic", "sys_platform": "linux"}
PI_64_BIT = {"platform_release": "6.12.47+rpt-rpi-v8", "sys_platform": "linux"}
PI_32_BIT = {"platform_release": "6.1.0-rpi7-rpi-v7l", "sys_platform": "linux"}
WINDOWS = {"platform_release": "11", "sys_platform": "win32"}

BOTH = {"paho-mqtt", "ConfigArgParse"}
COUNTERFIT = {"counterfit-connection", "counterfit-shims-grove", "requests"}
PI = {"smbus2", "gpiozero"}

IMPORTED_AS = {
    **{name: [name] for name in ("smbus2", "gpiozero", "colorzero", "requests")},
    **{name: [name.replace("-", "_")] for name in ("counterfit-connection", "counterfit-shims-grove")},
    "paho-mqtt": ["paho"],
    "ConfigArgParse": ["configargparse"],
}
WHAT_REQUESTS_TAKES = ["urllib3", "certifi", "idna", "charset_normalizer"]


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def installed_on(machine: dict[str, str]) -> set[str]:
    """What pip takes from requirements.txt there."""
    wanted = requirements("requirements.txt")
    return {each.name for each in wanted if not each.marker or each.marker.evaluate(machine)}


@pytest.mark.parametrize(
    ("machine", "packages"),
    [
        (LAPTOP, BOTH | COUNTERFIT | PI),
        (PI_64_BIT, BOTH | PI),
        (PI_32_BIT, BOTH | PI),
        (WINDOWS, BOTH | COUNTERFIT),
    ],
    ids=["laptop", "64-bit Pi", "32-bit Pi", "Windows"],
)
def test_each_machine_gets_what_it_needs_and_no_more(machine: dict[str, str], packages: set[str]) -> None:
    assert installed_on(machine) == packages


def test_every_package_has_one_version_wherever_it_is_named() -> None:
    pins: dict[str, str] = {}
    for name in ("requirements.txt", *(f"requirements/{file}.txt" for file in ("laptop", "counterfit", "tests"))):
        for each in requirements(name):
            assert str(each.specifier).startswith("=="), each
            assert pins.setdefault(each.name, str(each.specifier)) == str(each.specifier), each.name


@pytest.fixture
def python_with(tmp_path: Path) -> list[str]:
    """A Python that has nothing but itself and the packages that a test puts into this folder."""
    return [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; "]


def offer(folder: Path, *modules: str) -> None:
    for module in modules:
        spec = find_spec(module)
        assert spec and spec.origin
        file = Path(spec.origin)
        source = file.parent if file.name == "__init__.py" else file
        if module == "paho":
            source = file.parent
        (folder / source.name).symlink_to(source)


@pytest.mark.parametrize(("board", "needed"), [("pi", PI), ("counterfit", COUNTERFIT)])
def test_a_board_opens_with_its_own_packages_alone(
    python_with: list[str], tmp_path: Path, board: str, needed: set[str]
) -> None:
    offer(tmp_path, *(module for name in BOTH | needed for module in IMPORTED_AS[name]), "colorzero")
    if board == "counterfit":
        offer(tmp_path, *WHAT_REQUESTS_TAKES)
    *python, prepare = python_with
    program = prepare + f"from device.board import BoardName, open_board; open_board(BoardName({board!r}), 0, 5)"
    ended = subprocess.run([*python, program], capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("board", "says"),
    [
        ("pi", "lacks smbus2, gpiozero."),
        ("counterfit", "lacks counterfit-connection, counterfit-shims-grove, requests."),
    ],
)
def test_without_a_board_s_packages_it_says_which(
    python_with: list[str], tmp_path: Path, board: str, says: str
) -> None:
    offer(tmp_path, *(module for name in BOTH for module in IMPORTED_AS[name]))
    *python, prepare = python_with
    program = prepare + f"from device.board import BoardName, open_board; open_board(BoardName({board!r}), 0, 5)"
    ended = subprocess.run([*python, program], capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert "pip install -r requirements.txt" in ended.stderr
    assert ended.stderr.count("\n") == 1
