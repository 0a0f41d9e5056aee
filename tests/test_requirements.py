"""What is installed where, and that it is enough."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from requirements import audit, pin
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
WHAT_GPIOZERO_TAKES = {"colorzero", "setuptools"}
PINNED = {name: pin.read(pin.PINNED / f"{name}.txt") for name in pin.LISTS}


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def installed_on(machine: dict[str, str]) -> set[str]:
    """What pip takes from requirements.txt there."""
    wanted = requirements("requirements.txt")
    return {each.name for each in wanted if not each.marker or each.marker.evaluate(machine)}


def pinned_for(machine: dict[str, str]) -> set[str]:
    """What pip takes from pinned/pi.txt there."""
    wanted = map(Requirement, PINNED["pi"])
    return {each.name for each in wanted if not each.marker or each.marker.evaluate(machine)}


machines = pytest.mark.parametrize(
    ("machine", "packages"),
    [
        (LAPTOP, BOTH | COUNTERFIT | PI),
        (PI_64_BIT, BOTH | PI),
        (PI_32_BIT, BOTH | PI),
        (WINDOWS, BOTH | COUNTERFIT),
    ],
    ids=["laptop", "64-bit Pi", "32-bit Pi", "Windows"],
)


@machines
def test_each_machine_gets_what_it_needs_and_no_more(machine: dict[str, str], packages: set[str]) -> None:
    assert installed_on(machine) == packages


@machines
def test_so_it_does_from_the_pins_with_what_these_stand_on(machine: dict[str, str], packages: set[str]) -> None:
    stood_on = {name for name in WHAT_REQUESTS_TAKES if "requests" in packages}
    stood_on |= WHAT_GPIOZERO_TAKES if "gpiozero" in packages else set()
    assert pinned_for(machine) == {canonicalize_name(name) for name in packages | stood_on}


def test_every_package_has_one_version_wherever_it_is_named() -> None:
    pins: dict[tuple[str, str], str] = {}
    for name in ("requirements.txt", *(f"requirements/{file}.txt" for file in (*pin.LISTS, "page") if file != "pi")):
        for each in requirements(name):
            assert str(each.specifier).startswith("=="), each
            python = str(each.marker) if "python_version" in str(each.marker) else ""  # it may have to be an older one
            assert pins.setdefault((each.name, python), str(each.specifier)) == str(each.specifier), each.name


# ---- the pins ----


@pytest.mark.parametrize("name", pin.LISTS)
def test_what_the_short_lists_name_is_pinned_in_that_version(name: str) -> None:
    pinned = {(each.name, str(each.specifier)) for each in map(Requirement, PINNED[name])}
    for each in (each for file in pin.LISTS[name] for each in requirements(file)):
        assert (canonicalize_name(each.name), str(each.specifier)) in pinned, f"{pin.COMMAND} would put it right"


@pytest.mark.parametrize("name", pin.LISTS)
def test_every_pin_is_of_one_version_and_has_a_hash(name: str) -> None:
    for each, hashes in PINNED[name].items():
        assert str(Requirement(each).specifier).startswith("=="), each
        assert hashes, each
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), each


def test_the_pins_agree_with_each_other() -> None:
    """So that the steps of run.py do not undo each other's work."""
    everything = {each.partition(" ;")[0]: hashes for each, hashes in PINNED["tests"].items()}
    for name in ("laptop", "page", "pi"):
        for each, hashes in PINNED[name].items():
            assert everything[each.partition(" ;")[0]] == hashes, f"{each} in {name}.txt"
    versions = dict(each.split("==") for each in everything)
    for each, hashes in PINNED["bench"].items():  # which has some that the others have not
        package, _, version = each.partition(" ;")[0].partition("==")
        if package in versions:
            assert (versions[package], everything[f"{package}=={version}"]) == (version, hashes), f"{each} in bench.txt"


@pytest.mark.parametrize("file", sorted(pin.PINNED.iterdir()), ids=lambda file: file.name)
def test_the_pins_name_no_place_to_get_the_packages_from(file: Path) -> None:
    """Where from, is said by pip's own configuration: in a school that may be another place than PyPI."""
    assert file.stem in pin.LISTS
    assert not re.search(r"//|^-|index", file.read_text(), re.MULTILINE)


RIGHT = {"paho-mqtt==2.2.0": {"sha256:a", "sha256:b"}, "smbus2==0.6.1 ; sys_platform == 'linux'": {"sha256:c"}}


@pytest.mark.parametrize(
    ("ours", "says"),
    [
        (RIGHT, []),
        ({**RIGHT, "paho-mqtt==2.2.0": {"sha256:b"}}, []),
        ({**RIGHT, "paho-mqtt==2.2.0": set()}, ["has no hash for paho-mqtt==2.2.0"]),
        (
            {**RIGHT, "paho-mqtt==2.2.0": {"sha256:b", "sha256:d"}},
            ["has a hash of paho-mqtt==2.2.0 that PyPI does not know: sha256:d"],
        ),
        ({"paho-mqtt==2.2.0": {"sha256:a"}}, ["lacks smbus2==0.6.1 ; sys_platform == 'linux'"]),
        ({**RIGHT, "flask==3.1.3": {"sha256:e"}}, ["has flask==3.1.3, which no list asks for"]),
    ],
    ids=["the same", "a file came later", "no hash", "a foreign hash", "one is missing", "one too many"],
)
def test_a_pin_that_does_not_fit_is_said(ours: pin.Pins, says: list[str]) -> None:
    assert pin.differences(ours, RIGHT) == says


@pytest.mark.parametrize(("mended", "status"), [(["2.2.1"], 1), ([], 0)])
def test_a_known_fault_counts_where_there_is_something_to_do(
    capsys: pytest.CaptureFixture[str], mended: list[str], status: int
) -> None:
    fault = {"dependency": {"name": "paho-mqtt", "version": "2.2.0"}, "summary": "it leaks", "link": "osv.dev/1"}
    answer = {"summary": {"audited_packages": 1}, "vulnerabilities": [{**fault, "fix_versions": mended}]}
    assert audit.tell(answer) == status
    said = capsys.readouterr().out
    assert "paho-mqtt 2.2.0: it leaks (osv.dev/1)." in said
    assert "1 packages audited: 1 known faults." in said
    assert ("--upgrade" in said) == bool(mended)


# ---- what is installed is enough ----


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
