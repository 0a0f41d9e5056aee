"""lessons/check.py finds what learners do wrong, says it in words, and finds nothing in the course's own scripts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lessons import check
from lessons.check import Laboratory
from tests.kit.programs import ROOT

LESSONS = ROOT / "lessons"


@pytest.fixture(autouse=True, scope="module")
def _patience() -> Iterator[None]:
    """More than a learner has: so many checks at the same time keep a small machine busy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "PATIENCE", 15.0)
        yield


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """One for many checks: its board takes two seconds to start."""
    with Laboratory(tmp_path_factory.mktemp("nobody's"), ("nobody", "localhost"), set()) as shared:
        yield shared


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A learner's, after step 4."""
    for step in ("1-broker", "4-commands"):
        for script in (LESSONS / step).glob("*.py"):
            shutil.copy(script, tmp_path)
    return tmp_path


Check = Callable[[int, Path, int], str]
"""Called with a step, a folder and the exit status that is to come; says what check.py prints."""


@pytest.fixture
def checked(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """check.py in this process, in the shared laboratory."""

    @contextmanager
    def borrowed(folder: Path, seat: tuple[str, str], scripts: set[str]) -> Iterator[Laboratory]:
        laboratory.folder, laboratory.id, laboratory.scripts = folder, seat[0], scripts
        laboratory.client_ids, laboratory.heard[:] = {}, []
        try:
            yield laboratory
        finally:
            laboratory.end_scripts()

    def run(step: int, folder: Path, status: int) -> str:
        monkeypatch.setattr(check, "Laboratory", borrowed)
        monkeypatch.setattr(sys, "argv", ["check.py", str(step), "--folder", str(folder)])
        ended = check.main()
        said = capsys.readouterr().out
        assert ended == status, said
        return plain(said)

    return run


def plain(said: str) -> str:
    assert "Traceback" not in said
    assert len(said.splitlines()) < 24, "more than a screen"
    return re.sub(r"\n {18}", " ", said)  # lines that were too long for the terminal


def run_as_a_learner(step: int, folder: Path) -> str:
    command = [sys.executable, str(LESSONS / "check.py"), str(step)]
    run = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert run.returncode == 0, run.stdout.decode()
    return plain(run.stdout.decode())


def test_the_courses_own_scripts_are_right(folder: Path) -> None:
    for step, name in enumerate(["1-broker", "2-connect", "3-telemetry", "4-commands"], 1):
        for script in (LESSONS / name).glob("*.py"):
            shutil.copy(script, folder)
        said = run_as_a_learner(step, folder)
        assert "All that was tried works." in said
        assert "Perhaps you wanted that" not in said


def test_comments_and_empty_lines_are_the_learners_own(folder: Path, checked: Check) -> None:
    server = folder / "server.py"
    server.write_text(
        "# mine\n" + server.read_text().replace("\n\n\n", "\n\n").replace("return\n", "return  # ignore\n")
    )
    assert "Perhaps you wanted that" not in checked(4, folder, 0)


Mistake = tuple[str, str, str, str]
"""In which file, what stands there when it is right, the mistake, and what check.py says of it."""

IN_STEP_1: list[Mistake] = [
    ("seat.py", '"my-room"', '"my room"', r"WRONG  seat.py +ID is 'my room'.*without \+, # and spaces"),
    ("seat.py", '"my-room"', '"my-room', r"WRONG  seat.py +is not Python: line 3: unterminated string"),
    ("seat.py", "BROKER", "BROOKER", r"WRONG  seat.py +has no BROKER"),
    ("say.py", ".wait_for_publish()\nclient.disconnect()", "", r"WRONG  say.py +nothing arrives on my-room/check"),
    ("listen.py", 'f"{ID}/{topic}"', '"{ID}/{topic}"', r"WRONG  listen.py +does not print 'my-room/check hello'"),
]
IN_THE_DEVICE: list[Mistake] = [
    ("device.py", "client.loop_start()\n", "", r"WRONG  device.py +does not print 'MQTT connected!'.*loop"),
    ("device.py", "mqtt.CallbackAPIVersion.VERSION2, ", "", r"WRONG  device.py +has an error.*: TypeError: "),
    ("device.py", 'f"{ID}/commands"', '"{ID}/commands"', r"WRONG  device.py +the LED does not do what commands say"),
    ("device.py", "/telemetry", "/telemetri", r"publish .* \(it publishes on my-room/telemetri\)"),
    ("device.py", "    time.sleep(1)", "time.sleep(1)", r"WRONG  device.py +measures \d+ times in 1.5 s"),
    (
        "device.py",
        "    time",
        "    led.off()\n    time",
        r"WRONG  device.py .*Are the lines with 'if light < 300' still",
    ),
    ("device.py", "    time", "     time", r"WRONG  device.py +is not Python: line \d+: unexpected indent"),
]
IN_THE_SERVER: list[Mistake] = [
    ("server.py", "< 300", "<= 300", r"WRONG  server.py +does not answer with .*true.* below 300"),
    (
        "server.py",
        "(ValueError, KeyError, TypeError)",
        "ValueError",
        r"WRONG  server.py +ends with an error in line \d+: \w",
    ),
    ("server.py", "print(", "Print(", r"WRONG  server.py +ends with an error in line \d+: NameError: name 'Print'"),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("step", "mistakes"), [(1, IN_STEP_1), (4, IN_THE_DEVICE), (4, IN_THE_SERVER)], ids=["step 1", "device", "server"]
)
def test_it_says_what_is_wrong(folder: Path, checked: Check, step: int, mistakes: list[Mistake]) -> None:
    for file, right, wrong, says in mistakes:
        if step == 4:  # the other script has a test of its own
            (folder / ("server.py" if file == "device.py" else "device.py")).unlink(missing_ok=True)
        script = folder / file
        text = script.read_text()
        assert right in text
        script.write_text(text.replace(right, wrong))
        said = checked(step, folder, 1)
        assert re.search(says, said), said
        assert re.search(r"\d of \d+ wrong. Repair the first", said)
        script.write_text(text)


def test_two_scripts_with_one_name(folder: Path, checked: Check) -> None:
    device = folder / "device.py"
    device.write_text(device.read_text().replace('{ID}-device"', '{ID}-server"'))
    assert "device.py  and server.py have the same client_id, my-room-server" in checked(4, folder, 1)


def test_a_server_that_subscribes_only_once(folder: Path, checked: Check) -> None:
    """As in the original lesson: connected again, it hears nothing."""
    shutil.copy(LESSONS / "3-telemetry/device.py", folder)
    server = (LESSONS / "3-telemetry/server.py").read_text()
    subscribe = 'client.subscribe(f"{ID}/telemetry")\n'
    once = server.replace(f"        {subscribe}", "").replace("connect(BROKER)\n", f"connect(BROKER)\n{subscribe}")
    (folder / "server.py").write_text(once)
    assert "hears nothing after a new connection. Does it subscribe in handle_connect?" in checked(3, folder, 1)

    server = (LESSONS / "4-commands/server.py").read_text()
    once = server.replace(f"        {subscribe}", "").replace("connect(BROKER)\n", f"connect(BROKER)\n{subscribe}")
    (folder / "server.py").write_text(once)
    (folder / "device.py").unlink()
    assert "answers nothing after a new connection. Does it subscribe in handle_connect?" in checked(4, folder, 1)


def test_a_file_that_is_not_there(folder: Path, checked: Check) -> None:
    (folder / "server.py").unlink()
    assert re.search(r"WRONG  server.py +is not there", checked(4, folder, 1))


def test_who_is_in_the_wrong_folder_or_names_no_step_is_told(folder: Path) -> None:
    mistakes: list[tuple[list[str], Path]] = [(["4"], ROOT), (["99"], folder), (["4", "--folder", "nowhere"], folder)]
    for arguments, where in mistakes:
        command = [sys.executable, str(LESSONS / "check.py"), *arguments]
        run = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
        assert run.returncode == 2
        assert "check.py: error: " in run.stderr


def test_a_later_step_is_only_compared(folder: Path, checked: Check) -> None:
    for script in (LESSONS / "6-promises").glob("*.py"):
        shutil.copy(script, folder)
    assert "The scripts of this step are not run here" in checked(6, folder, 0)
