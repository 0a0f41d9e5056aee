"""lessons/check.py finds what learners do wrong, says it in words, and finds nothing in the course's own scripts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.programs import ROOT

LESSONS = ROOT / "lessons"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A learner's, after step 4."""
    for step in ("1-broker", "4-commands"):
        for script in (LESSONS / step).glob("*.py"):
            shutil.copy(script, tmp_path)
    return tmp_path


def check(step: int, folder: Path, status: int) -> str:
    command = [sys.executable, str(LESSONS / "check.py"), str(step)]
    run = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    said = run.stdout.decode()
    assert run.returncode == status, said
    assert "Traceback" not in said
    assert len(said.splitlines()) < 24, "more than a screen"
    return re.sub(r"\n {18}", " ", said)  # lines that were too long for the terminal


def test_the_courses_own_scripts_are_right(folder: Path) -> None:
    for step, name in enumerate(["1-broker", "2-connect", "3-telemetry", "4-commands"], 1):
        for script in (LESSONS / name).glob("*.py"):
            shutil.copy(script, folder)
        said = check(step, folder, 0)
        assert said.endswith("All that was tried works.\n")
        assert "Perhaps you wanted that" not in said


def test_comments_and_empty_lines_are_the_learners_own(folder: Path) -> None:
    server = folder / "server.py"
    server.write_text(
        "# mine\n" + server.read_text().replace("\n\n\n", "\n\n").replace("return\n", "return  # ignore\n")
    )
    assert "Perhaps you wanted that" not in check(4, folder, 0)


@pytest.mark.parametrize(
    ("step", "file", "right", "wrong", "says"),
    [
        (1, "seat.py", '"my-room"', '"my room"', r"WRONG  seat.py +ID is 'my room'.*without \+, # and spaces"),
        (1, "seat.py", '"my-room"', '"my-room', r"WRONG  seat.py +is not Python: line 3: unterminated string"),
        (1, "seat.py", "BROKER", "BROOKER", r"WRONG  seat.py +has no BROKER"),
        (
            1,
            "say.py",
            ".wait_for_publish()\nclient.disconnect()",
            "",
            r"WRONG  say.py +nothing arrives on my-room/check",
        ),
        (
            1,
            "listen.py",
            'f"{ID}/{topic}"',
            '"{ID}/{topic}"',
            r"WRONG  listen.py +does not print 'my-room/check hello'",
        ),
        (4, "device.py", "client.loop_start()\n", "", r"WRONG  device.py +does not print 'MQTT connected!'.*loop"),
        (
            4,
            "device.py",
            "mqtt.CallbackAPIVersion.VERSION2, ",
            "",
            r"WRONG  device.py +has an error.*: TypeError: ",
        ),
        (
            4,
            "device.py",
            'f"{ID}/commands"',
            '"{ID}/commands"',
            r"WRONG  device.py +the LED does not do what a command",
        ),
        (4, "device.py", "client.on_message = handle_command\n", "", r"WRONG  device.py +the LED does not do"),
        (4, "device.py", "/telemetry", "/telemetri", r"publish .* \(it publishes on my-room/telemetri\)"),
        (
            4,
            "device.py",
            'json.dumps({"light": light})',
            "light",
            r"WRONG  device.py +does not publish \{\"light\": 217\}",
        ),
        (4, "device.py", '{ID}-device"', '{ID}-server"', r"WRONG  device.py +has the client_id of server.py"),
        (4, "device.py", "    time.sleep(1)", "time.sleep(1)", r"WRONG  device.py +measures \d+ times in 1.5 s"),
        (
            4,
            "server.py",
            '"light"] < 300',
            '"light"] > 300',
            r"WRONG  server.py +does not answer with .*true.* below 300",
        ),
        (4, "server.py", "< 300", "<= 300", r"WRONG  server.py +does not answer"),
        (
            4,
            "server.py",
            "(ValueError, KeyError, TypeError)",
            "ValueError",
            r"WRONG  server.py +ends with an error in line \d+: \w+Error",
        ),
        (4, "server.py", "    try:", "  try:", r"WRONG  server.py +is not Python: line \d+: "),
        (
            4,
            "server.py",
            "print(",
            "Print(",
            r"WRONG  server.py +ends with an error in line \d+: NameError: name 'Print'",
        ),
    ],
)
def test_it_says_what_is_wrong(folder: Path, step: int, file: str, right: str, wrong: str, says: str) -> None:
    script = folder / file
    assert right in script.read_text()
    script.write_text(script.read_text().replace(right, wrong))
    said = check(step, folder, 1)
    assert re.search(says, said), said
    assert re.search(r"\d of \d+ wrong. Repair the first", said)


def test_a_server_that_subscribes_only_once(folder: Path) -> None:
    """As in the original lesson: connected again, it hears nothing."""
    shutil.copy(LESSONS / "3-telemetry/device.py", folder)
    server = (LESSONS / "3-telemetry/server.py").read_text()
    subscribe = 'client.subscribe(f"{ID}/telemetry")\n'
    once = server.replace(f"        {subscribe}", "").replace("connect(BROKER)\n", f"connect(BROKER)\n{subscribe}")
    (folder / "server.py").write_text(once)
    assert "hears nothing after a new connection. Does it subscribe in handle_connect?" in check(3, folder, 1)


def test_a_file_that_is_not_there(folder: Path) -> None:
    (folder / "server.py").unlink()
    assert re.search(r"WRONG  server.py +is not there", check(4, folder, 1))


def test_who_is_in_the_wrong_folder_or_names_no_step_is_told(folder: Path) -> None:
    mistakes: list[tuple[list[str], Path]] = [(["4"], ROOT), (["99"], folder), (["4", "--folder", "nowhere"], folder)]
    for arguments, where in mistakes:
        command = [sys.executable, str(LESSONS / "check.py"), *arguments]
        run = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
        assert run.returncode == 2
        assert "check.py: error: " in run.stderr


def test_a_later_step_is_only_compared(folder: Path) -> None:
    for script in (LESSONS / "6-promises").glob("*.py"):
        shutil.copy(script, folder)
    assert "The scripts of this step are not run here" in check(6, folder, 0)
