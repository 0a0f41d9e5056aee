"""Which packages are needed where, which files of them fit, and how they are fetched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from classroom import wheels
from classroom.systems import PYTHONS, SYSTEMS
from classroom.wheels import CannotPack, Target, Wheels, tags_of
from requirements import pin
from tests.classroom.toys import CHIPS, LAMP, make_wheel
from tests.kit.programs import free_port

LISTS = {name: pin.read(pin.PINNED / f"{name}.txt") for name in ("course", "counterfit", "page")}


def target(system: str, python: str = "3.12") -> Target:
    return Target(SYSTEMS[system], python)


# ---- what is needed ----


def names(system: str, python: str = "3.12") -> set[str]:
    return {package.partition("==")[0] for package in target(system, python).wants(LISTS)}


def test_markers_are_read_for_the_learner_s_computer_and_not_for_this_one() -> None:
    assert {"gpiozero", "smbus2", "uvloop"} <= names("linux-x86_64")
    assert {"gpiozero", "smbus2", "uvloop"} & names("windows-amd64") == set()
    assert {"gpiozero", "smbus2", "uvloop"} & names("macos-arm64") == {"uvloop"}
    assert "exceptiongroup" in names("windows-amd64", "3.10")
    assert "exceptiongroup" not in names("windows-amd64", "3.12")


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_package_is_wanted_in_one_version_with_its_hashes(system: str, python: str) -> None:
    wanted = target(system, python).wants(LISTS)
    assert len(names(system, python)) == len(wanted)
    assert all(wanted.values())


def test_a_32_bit_pi_gets_no_page() -> None:
    assert "nicegui" in names("linux-aarch64")
    assert "nicegui" not in names("linux-armv7l")
    assert {"iotcore", "counterfit", "pika"} <= names("linux-armv7l")


def test_all_of_the_course_s_list_is_in_the_pins() -> None:
    lines = (pin.ROOT / "lessons/requirements.txt").read_text().splitlines()
    course = {line for line in lines if not line.startswith("#")}
    assert course <= {*LISTS["course"], *LISTS["counterfit"]}


# ---- which files fit ----


@pytest.mark.parametrize(
    ("file", "where", "fits"),
    [
        ("a-1-py3-none-any.whl", target("windows-amd64"), True),
        ("a-1-cp312-cp312-win_amd64.whl", target("windows-amd64"), True),
        ("a-1-cp312-cp312-win_amd64.whl", target("windows-amd64", "3.11"), False),
        ("a-1-cp312-cp312-win32.whl", target("windows-amd64"), False),
        ("a-1-cp39-abi3-win_amd64.whl", target("windows-amd64"), True),
        ("a-1-cp313-cp313t-win_amd64.whl", target("windows-amd64", "3.13"), False),
        ("a-1-cp312-cp312-macosx_10_9_universal2.whl", target("macos-x86_64"), True),
        ("a-1-cp312-cp312-macosx_10_9_universal2.whl", target("macos-arm64"), True),
        ("a-1-cp312-cp312-macosx_11_0_arm64.whl", target("macos-arm64"), True),
        ("a-1-cp312-cp312-macosx_10_13_x86_64.whl", target("macos-x86_64"), True),
        ("a-1-cp312-cp312-macosx_10_13_x86_64.whl", target("macos-arm64"), False),
        ("a-1-cp312-cp312-macosx_14_0_arm64.whl", target("macos-arm64"), False),
        ("a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", target("linux-x86_64"), True),
        ("a-1-cp312-cp312-manylinux_2_28_aarch64.whl", target("linux-aarch64"), True),
        ("a-1-cp312-cp312-manylinux_2_39_x86_64.whl", target("linux-x86_64"), False),
        ("a-1-cp312-cp312-musllinux_1_2_x86_64.whl", target("linux-x86_64"), False),
        ("a-1-cp311-abi3-manylinux_2_31_armv7l.whl", target("linux-armv7l"), True),
        ("a-1-cp315-abi3.abi3t-manylinux_2_28_x86_64.whl", target("linux-x86_64", "3.15"), True),
    ],
)
def test_a_wheel_fits_where_it_runs(file: str, where: Target, fits: bool) -> None:
    assert bool(parse_wheel_filename(file)[3] & tags_of(where)) == fits


# ---- fetching ----


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pin.Pins:
    """Of the toys; pip finds these in a folder in place of PyPI."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "pypi"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    chips = {make_wheel(tmp_path / "pypi" / name, name) for name in CHIPS}
    return {"toy-chip==1.0": chips, "toy-lamp==1.0": {make_wheel(tmp_path / "pypi" / LAMP)}}


def here(wheels: Wheels) -> set[str]:
    return {file.name for file in wheels.folder.glob("*.whl")}


@pytest.mark.parametrize(
    ("where", "file"),
    [
        (target("windows-amd64"), "toy_chip-1.0-cp312-cp312-win_amd64.whl"),
        (target("macos-arm64"), "toy_chip-1.0-cp312-cp312-macosx_11_0_arm64.whl"),
        (target("linux-x86_64"), "toy_chip-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"),  # which runs on older ones, too
    ],
    ids=["Windows", "macOS", "Linux"],
)
def test_pip_fetches_what_runs_on_the_learner_s_computer(
    pins: pin.Pins, tmp_path: Path, where: Target, file: str
) -> None:
    wheels = Wheels(tmp_path / "wheels", pins)
    assert wheels.fetch(where, pins) == []
    assert here(wheels) == {LAMP, file}


def test_what_has_no_wheel_is_said_and_the_rest_is_fetched(pins: pin.Pins, tmp_path: Path) -> None:
    wheels = Wheels(tmp_path / "wheels", pins)
    assert wheels.fetch(target("linux-armv7l"), pins) == ["toy-chip==1.0"]
    assert here(wheels) == {LAMP}


def test_it_is_asked_for_again_only_when_there_are_more_files(
    pins: pin.Pins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a second run needs no Internet."""
    Wheels(tmp_path / "wheels", pins).fetch(target("linux-armv7l"), pins)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    monkeypatch.setattr(wheels, "download", lambda *_: pytest.fail("pip is asked"))
    assert Wheels(tmp_path / "wheels", pins).fetch(target("linux-armv7l"), pins) == ["toy-chip==1.0"]
    monkeypatch.undo()
    file = tmp_path / "pypi/toy_chip-1.0-cp312-cp312-manylinux_2_31_armv7l.whl"
    pins["toy-chip==1.0"].add(make_wheel(file))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "pypi"))
    assert Wheels(tmp_path / "wheels", pins).fetch(target("linux-armv7l"), pins) == []
    assert file.name in here(Wheels(tmp_path / "wheels", pins))


def test_what_is_there_is_not_fetched_again(pins: pin.Pins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Wheels(tmp_path / "wheels", pins).fetch(target("windows-amd64"), pins)
    asked: list[list[str]] = []

    def download(where: Target, wanted: pin.Pins, folder: Path) -> str:
        asked.append(list(wanted))
        return ""

    monkeypatch.setattr(wheels, "download", download)
    again = Wheels(tmp_path / "wheels", pins)
    again.fetch(target("windows-amd64"), pins)
    assert asked == []
    again.fetch(target("windows-amd64", "3.11"), pins)
    assert asked == [["toy-chip==1.0"]], "toy-lamp is for all Pythons"


def test_a_damaged_wheel_is_fetched_again(pins: pin.Pins, tmp_path: Path) -> None:
    """As one that was half there when the machine lost its power."""
    Wheels(tmp_path / "wheels", pins).fetch(target("windows-amd64"), pins)
    damaged = tmp_path / "wheels" / LAMP
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1])
    (tmp_path / "wheels/.left").mkdir()
    Wheels(tmp_path / "wheels", pins).fetch(target("windows-amd64"), pins)
    assert damaged.read_bytes() == whole
    assert not (tmp_path / "wheels/.left").exists()


def test_a_wheel_of_another_version_of_the_project_goes(pins: pin.Pins, tmp_path: Path) -> None:
    Wheels(tmp_path / "wheels", pins).fetch(target("windows-amd64"), pins)
    del pins["toy-lamp==1.0"]
    assert here(Wheels(tmp_path / "wheels", pins)) == {"toy_chip-1.0-cp312-cp312-win_amd64.whl"}


def test_a_file_that_nobody_checked_is_refused(pins: pin.Pins, tmp_path: Path) -> None:
    make_wheel(tmp_path / "pypi" / LAMP, "print('what nobody has checked')")
    wheels = Wheels(tmp_path / "wheels", pins)
    with pytest.raises(CannotPack, match="not the package that was checked for this project"):
        wheels.fetch(target("windows-amd64"), pins)
    assert here(wheels) == set()


def test_without_the_internet_it_says_so(pins: pin.Pins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{free_port()}/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(CannotPack, match=r"for Windows\. PyPI cannot be reached\. Check the Internet connection"):
        Wheels(tmp_path / "wheels", pins).fetch(target("windows-amd64"), pins)
