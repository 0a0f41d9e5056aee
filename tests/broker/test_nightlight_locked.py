"""The whole nightlight through a locked broker, as a user starts it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from broker.locked import Locked
from tests.kit.boards import CounterFit, CounterFitPage
from tests.kit.locked import LockedBroker
from tests.kit.programs import ROOT, Program, clean_environment, free_port, until
from tests.kit.stranger import Stranger

Start = Callable[..., Program]


def passwords(locked: LockedBroker) -> list[str]:
    return [file.read_text().strip() for file in locked.folder.rglob("password")]


def test_light_switch_and_kept_readings(locked: LockedBroker, start: Start, board: CounterFit, tmp_path: Path) -> None:
    page = start("page/app.py", "--id", "+", "--port", str(free_port()), "--verbose", *locked.options("page"))
    server = start("server/app.py", "--id", "+", "--verbose", *locked.options("server"))
    keep = ["--offline", "keep", "--keep-in", str(tmp_path / "kept")]
    options = ["--id", "kitchen", "--board", board.name, "--verbose", *keep, *locked.options("devices/kitchen")]
    device = start("device/app.py", *options)
    device.wait_for("Message received: {'led_on': False}")
    board.set_light(100)
    board.led_becomes(True)
    locked.kill()
    device.wait_for("The connection is lost")
    board.set_light(700)
    locked.start()
    board.led_becomes(False)
    page.wait_for("The page is at")
    assert not device.says("does not pass on"), "its readings come back to it"
    for program in (page, server, device):
        lines = [*program.lines, *psutil.Process(program.process.pid).cmdline()]
        assert not [line for line in lines for secret in passwords(locked) if secret in line]


def test_each_party_by_the_options_one_by_one(tmp_path: Path, start: Start, board: CounterFit) -> None:
    """As with another broker of one's own, that run.py lock has not made."""
    with closing(LockedBroker.new(tmp_path / "locked", "kitchen")) as locked:

        def options(party: str) -> list[str]:
            folder = locked.folder / party
            url = f"mqtts://{(folder / 'user').read_text().strip()}@localhost:{locked.port}"
            return ["--broker", url, "--ca", str(folder / "ca.pem"), "--password-file", str(folder / "password")]

        start("server/app.py", "--id", "kitchen", *options("server"))
        start("device/app.py", "--id", "kitchen", "--board", board.name, *options("devices/kitchen"))
        for light in (100, 900):
            board.set_light(light)
            board.led_becomes(light < 300)


def test_a_check_shows_no_password(locked: LockedBroker, start: Start) -> None:
    for how in (["--json"], ["--verbose"], []):
        program = start("server/app.py", "--id", "+", "--check", *how, *locked.options("server"))
        program.wait()
        assert "accepted as 'server-check'" in program.text
        assert not [secret for secret in passwords(locked) if secret in program.text]


def test_two_of_one_user_are_told(locked: LockedBroker, start: Start) -> None:
    one = start("server/app.py", "--id", "+", *locked.options("server"))
    one.wait_for("MQTT connected!")
    start("server/app.py", "--id", "+", *locked.options("server"))
    one.wait_for("the user 'server' seems to be in use twice")


@pytest.mark.parametrize("is_group", [False, True], ids=["each seat", "a group"])
def test_servers_share_the_work_and_one_is_killed(
    stadium: LockedBroker, start: Start, board: CounterFit, is_group: bool
) -> None:
    share = Locked.read(stadium.folder).share
    options = ["--id", "stadium/+", "--share", share, *(["--group", "median", "--fresh", "3"] if is_group else [])]
    observer = Stranger(stadium.port, f"{share}/+/share", credentials=stadium.folder / "server/check")
    servers = [start("server/app.py", *options, *stadium.options(party)) for party in ("server", "servers/two")]
    for server in servers:
        server.wait_for("MQTT connected!")
    if is_group:
        for user in ("server", "two-server"):
            observer.wait_for(f"{share}/{user}/share", b"here")
    observer.close()
    alone = ["--interval", "1", "--alone", "never"]  # nobody but a server decides
    start("device/app.py", "--id", "stadium/1", "--board", board.name, *alone, *stadium.options("devices/stadium/1"))

    def follows() -> bool:
        for light in (100, 900):
            board.set_light(light)
            board.led_becomes(light < 300)
        return True

    def who_answers() -> list[Program]:
        return [server for server in servers if server.says("Sending message")]

    until(lambda: follows() and (is_group or len(who_answers()) == 2), "answers of both")
    assert len(who_answers()) == (1 if is_group else 2), "a group has one who speaks for it"
    who_answers()[0].kill()
    for _ in range(3):
        follows()


@pytest.mark.skipif(sys.platform == "win32", reason="a copy of the folder is made with symbolic links")
def test_run_py_locked(tmp_path: Path) -> None:
    """In a copy of the project, where there may be a folder `locked`."""
    copy = tmp_path / "nightlight"
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    for name in {line.split("/")[0] for line in files.splitlines()} - {"tests", "lessons", "docs", ".ci", ".github"}:
        copying = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy.mkdir(exist_ok=True)
        copying(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    broker, board, page = free_port(), free_port(), free_port()
    ports = ["--broker-port", str(broker), "--board-port", str(board), "--page-port", str(page)]
    command = [sys.executable, str(copy / "run.py"), "--locked", "--no-browser", *ports]
    program = Program(*command, cwd=copy, env=clean_environment(), own_group=True)
    try:
        program.wait_for("Open http")
        program.wait_for("device | Message received: {'led_on': True}")
        with closing(CounterFitPage(board)) as counterfit:
            counterfit.set_light(900)
            counterfit.led_becomes(False)
        folder = copy / "locked"
        with closing(Stranger(broker, "#", credentials=folder / "page/check")) as observer:
            until(lambda: ("nightlight/status", b"online") in observer.retained, "the device's status")
        assert json.loads((folder / "lock.json").read_text())["devices"] == ["nightlight"]
    finally:
        assert program.interrupt() == 0
