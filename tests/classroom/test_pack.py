"""`run.py classroom`: what is in the pack, and what it says."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from broker.locked import Locked
from classroom import __main__ as classroom
from classroom import pack
from classroom.options import read_options
from classroom.pack import span
from tests.classroom.toys import CHIPS, LAMP, ToyProject
from tests.kit.boards import SilentServer
from tests.kit.programs import ROOT, clean_environment, until

PYTHONS = ("3.10", "3.11", "3.12", "3.14")
MADE = ("windows-amd64", "macos-arm64", "linux-armv7l")
WINDOWS = ("--system", "windows-amd64", "--python", "3.12")


@pytest.fixture
def toys(tmp_path: Path) -> ToyProject:
    return ToyProject(tmp_path)


@pytest.fixture
def made(toys: ToyProject) -> tuple[ToyProject, str]:
    """A pack for three systems and four Pythons, and what was said."""
    options = [word for name in MADE for word in ("--system", name)]
    options += [word for version in PYTHONS for word in ("--python", version)]
    return toys, toys.make(*options)


# ---- what is in it ----


def test_each_system_has_a_file_with_the_project_and_its_wheels(made: tuple[ToyProject, str]) -> None:
    toys, _ = made
    for system in MADE:
        inside = toys.inside(system)
        assert {"nightlight/run.py", "nightlight/device/app.py", f"nightlight/wheels/{LAMP}"} <= set(inside)
        assert all(name.startswith("nightlight/") for name in inside)
    wheels = {name for name in toys.inside("windows-amd64") if name.endswith(".whl")}
    assert wheels == {f"nightlight/wheels/{name}" for name in (LAMP, *CHIPS[:2])}
    assert {file.name for file in (toys.pack / "wheels").glob("*.whl")} == {LAMP, *CHIPS[:2]}


def test_what_has_no_wheel_is_named_at_the_end_and_on_the_page(made: tuple[ToyProject, str]) -> None:
    toys, said = made
    page = (toys.pack / "index.html").read_text()
    for line in (
        "toy-chip 1.0: Windows, Python 3.10, 3.14",
        "toy-chip 1.0: Raspberry Pi, 32 bit, Python 3.10, 3.11, 3.12, 3.14. With the Internet, a Pi gets most",
    ):
        assert f"  {line}" in said
        assert f"<li>{line}" in page
    assert "macOS, " not in said.partition("no wheel")[2], "nobody wants it there"


def test_the_course_s_list_takes_the_packages_from_the_folder_and_leaves_out_what_lacks(
    made: tuple[ToyProject, str],
) -> None:
    toys, _ = made
    lines = toys.inside("windows-amd64")["nightlight/lessons/requirements.txt"].splitlines()
    assert lines[1:3] == ["--no-index", "--find-links ../wheels"]
    assert "# There is no toy-chip==1.0 for Python 3.10, 3.14." in lines
    markers = """(sys_platform != "darwin") and python_version != '3.10' and python_version != '3.14'"""
    assert lines[-2:] == ["toy-lamp==1.0", f"toy-chip==1.0 ; {markers}"]
    assert Requirement(lines[-1])


def test_so_do_the_other_lists_that_people_give_to_pip(made: tuple[ToyProject, str]) -> None:
    toys, _ = made
    inside = toys.inside("windows-amd64")
    for name, wheels in (
        ("requirements.txt", "wheels"),
        ("requirements/page.txt", "../wheels"),
        ("requirements/pinned/pi.txt", "../../wheels"),
    ):
        assert inside[f"nightlight/{name}"].splitlines()[1:3] == ["--no-index", f"--find-links {wheels}"]


def test_the_pack_is_a_project_itself_with_the_packages_of_all_systems_beside_it(made: tuple[ToyProject, str]) -> None:
    """On a USB stick, say."""
    toys, _ = made
    assert "--find-links ../../wheels" in (toys.pack / "nightlight/lessons/requirements.txt").read_text()
    assert (toys.pack / "nightlight/lessons/README.html").exists()
    assert (toys.pack / "wheels" / LAMP).exists()


def test_the_page_leads_to_each_file_and_to_the_course(made: tuple[ToyProject, str]) -> None:
    toys, _ = made
    page = (toys.pack / "index.html").read_text()
    links = re.findall(r'href="([^"]+)"', page)
    assert {f"nightlight-{system}.zip" for system in MADE} | {"nightlight/lessons/README.html"} <= set(links)
    for link in links:
        assert (toys.pack / link).exists(), link
    assert "//" not in page, "nothing comes from elsewhere"


def test_nothing_private_is_handed_out(toys: ToyProject) -> None:
    with Locked.changed(toys.root / "locked", ["localhost"], False) as locked:
        locked.add_device("my-room")
    for name in (".venv/pyvenv.cfg", "my environment/pyvenv.cfg", ".git/config", "wheels/paho.whl", ".env"):
        (toys.root / name).parent.mkdir(exist_ok=True)
        (toys.root / name).write_text("")
    toys.make(*WINDOWS)
    toys.make(*WINDOWS, "--into", str(toys.root / "a pack inside"))
    toys.make(*WINDOWS)
    inside = toys.inside("windows-amd64")
    names = {name.split("/")[1] for name in inside}
    assert not names & {"locked", ".venv", "my environment", ".git", ".env", "a pack inside"}
    assert "nightlight/wheels/paho.whl" not in inside
    assert not any("PRIVATE KEY" in content for name, content in inside.items() if name.endswith((".pem", ".key")))


# ---- again ----


def test_a_second_run_needs_no_internet_and_takes_what_has_changed(toys: ToyProject) -> None:
    toys.make(*WINDOWS)
    (toys.root / "device/app.py").write_text("# new\n")
    (toys.root / "device/board.py").unlink()
    shutil.rmtree(toys.pypi)
    toys.make(*WINDOWS)
    assert toys.inside("windows-amd64")["nightlight/device/app.py"] == "# new\n"
    assert (toys.pack / "nightlight/device/app.py").read_text() == "# new\n"
    assert not (toys.pack / "nightlight/device/board.py").exists()


def test_systems_can_be_made_one_by_one_and_the_page_knows_all(toys: ToyProject) -> None:
    toys.make("--system", "windows-amd64", "--python", "3.10", "--python", "3.12")
    said = toys.make("--system", "macos-arm64", "--python", "3.12")
    page = (toys.pack / "index.html").read_text()
    assert "Python 3.10, 3.12; 64 bit" in page
    assert "Python 3.12; macOS 11 or newer" in page
    assert "toy-chip 1.0: Windows, Python 3.10" in said


@pytest.mark.parametrize(
    ("pythons", "text"),
    [(["3.10", "3.11", "3.12"], "3.10 to 3.12"), (["3.10", "3.12", "3.13"], "3.10, 3.12, 3.13"), (["3.15"], "3.15")],
)
def test_pythons_are_said_in_short(pythons: list[str], text: str) -> None:
    assert span(pythons) == text


# ---- when it cannot ----


def test_a_folder_with_other_things_in_it_is_refused(toys: ToyProject, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("precious")
    program = toys.classroom(*WINDOWS, "--into", str(tmp_path / "full"))
    assert program.wait() == 1
    assert program.text == (
        f"run.py classroom: {tmp_path}/full has other things in it: choose a new or an empty folder with --into."
    )
    assert [file.name for file in (tmp_path / "full").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("where", [".", ".."])
def test_the_project_is_not_written_over(toys: ToyProject, where: str) -> None:
    program = toys.classroom(*WINDOWS, "--into", where)
    assert program.wait() == 1
    assert "choose another folder with --into" in program.text
    assert len(program.lines) == 1


def test_without_the_internet_it_says_what_to_do(toys: ToyProject) -> None:
    nowhere = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    program = toys.classroom(*WINDOWS, **nowhere, PIP_FIND_LINKS="")
    assert program.wait(60) == 1
    assert program.says("run.py classroom: Could not fetch")
    assert "Traceback" not in program.text
    assert not (toys.pack / "index.html").exists()


def test_a_full_disk_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x.zip")

    monkeypatch.setattr(pack, "make_download", full)
    assert classroom.make_pack(read_options(["--into", str(tmp_path / "pack")], ROOT)) == 1
    assert "run.py classroom: The disk is full: make some room, then run this again." in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows has no groups of processes")
def test_ctrl_c_ends_it_in_peace_and_nothing_half_is_left(toys: ToyProject) -> None:
    with SilentServer() as pypi:
        where = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": f"http://127.0.0.1:{pypi.port}/simple", "PIP_FIND_LINKS": ""}
        program = toys.classroom(*WINDOWS, **where)
        program.wait_for("Making a pack")
        until(lambda: list((toys.pack / "wheels").glob(".*/packages.txt")), "pip's start")
        os.killpg(program.process.pid, signal.SIGINT)  # as a terminal does it
        assert program.wait() == 1
    assert program.lines[-1].startswith("Interrupted; run this again to go on.")
    assert "Traceback" not in program.text
    assert not list((toys.pack / "wheels").iterdir())


# ---- its options ----


@pytest.mark.parametrize(
    "words",
    [
        ["--system", "amiga"],
        ["--python", "2.7"],
        ["--port", "8080"],
        ["--serve", "--port", "0"],
        ["--serve", "--python", "3.12"],
        ["what"],
    ],
)
def test_a_bad_option_is_one_line(words: list[str]) -> None:
    ended = run_py("classroom", *words)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("run.py classroom: ")


def test_help_needs_nothing_installed() -> None:
    ended = run_py("classroom", "--help")
    assert ended.returncode == 0
    for word in ("--into", "--system", "--python", "--serve", "--port", "nightlight-classroom", "linux-armv7l"):
        assert word in ended.stdout


def run_py(*words: str) -> subprocess.CompletedProcess[str]:
    """Without packages, not even those that are there."""
    command = [sys.executable, "-S", str(ROOT / "run.py"), *words]
    return subprocess.run(command, env=clean_environment(COLUMNS="200"), capture_output=True, text=True, check=False)
