"""The CounterFit app, as it is started here."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests

from tests.kit.boards import CounterFit
from tests.kit.programs import ROOT, Program, free_port

VIRTUAL_BOARD = ROOT / "device" / "virtual_board.py"


@pytest.mark.parametrize("light", [5_000, -5, None, "dark"])
def test_a_light_that_cannot_be_is_one_line_and_changes_nothing(own_board: CounterFit, light: object) -> None:
    own_board.set_light(123)
    with pytest.raises(requests.HTTPError):
        own_board.set_light(light)  # type: ignore[arg-type]
    own_board.program.wait_for("is the value in the sensor's range?")
    assert len(own_board.program.lines) == 2
    assert own_board.light == 123


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_cannot_be_is_one_line(port: str) -> None:
    program = Program(sys.executable, VIRTUAL_BOARD, "--port", port)
    assert program.wait() == 1
    assert program.lines[0].startswith(f"CounterFit cannot use port {port}")
    assert len(program.lines) == 1


def test_two_on_one_port_is_one_line(board: CounterFit) -> None:
    program = Program(sys.executable, VIRTUAL_BOARD, "--port", str(board.port))
    assert program.wait() == 1
    assert program.says(f"CounterFit cannot use port {board.port}")
    assert len(program.lines) == 1


def test_without_the_packages_it_says_how_to_install_them() -> None:
    command = [sys.executable, "-I", "-S", str(VIRTUAL_BOARD), "--port", str(free_port())]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert f"pip install --no-deps -r {ROOT / 'lessons/requirements.txt'}" in ended.stderr
