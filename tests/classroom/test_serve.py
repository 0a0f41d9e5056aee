"""`run.py classroom --serve`: a class of thirty, and one teacher."""

from __future__ import annotations

import socket
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from classroom import serve
from tests.kit.programs import PATIENCE, ROOT, Program, answers, clean_environment, free_port, until

CLASS = 30
ZIP = "nightlight-windows-amd64.zip"
CONTENT = bytes(range(256)) * 20_000  # 5 MB


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<h1>Nightlight</h1>")
    (tmp_path / "app.py").write_text("print('hello')\n")
    (tmp_path / ZIP).write_bytes(CONTENT)
    return tmp_path


@pytest.fixture
def port() -> int:
    return free_port()


def start(folder: Path, port: int) -> Program:
    """With a Python that has no packages, as run.py starts it."""
    words = ["-S", "-m", "classroom", "--serve", "--into", str(folder), "--port", str(port)]
    return Program(sys.executable, *words, cwd=ROOT, env=clean_environment())


@pytest.fixture
def program(folder: Path, port: int) -> Iterator[Program]:
    with closing(start(folder, port)) as program:
        until(lambda: answers(port), "the server's start")
        yield program


def get(port: int, path: str = "") -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=PATIENCE) as answer:
        content: bytes = answer.read()
        return content


def test_it_says_what_to_write_on_the_blackboard(program: Program, port: int) -> None:
    program.wait_for("Write this on the blackboard:")
    program.wait_for("Ctrl+C ends it.")
    assert [line for line in program.lines if line.startswith("    http://") and line.endswith(f":{port}")]


def test_the_addresses_are_those_that_others_can_use() -> None:
    for address in serve.addresses():
        assert address != "localhost"
        assert not address.startswith("127.")


def test_a_whole_class_downloads_at_once(program: Program, port: int) -> None:
    with ThreadPoolExecutor(CLASS) as learners:
        got = list(learners.map(lambda _: get(port, ZIP), range(CLASS)))
    assert all(each == CONTENT for each in got)
    until(lambda: program.text.count(f"127.0.0.1 takes {ZIP}") == CLASS, "a line for each")


def test_what_is_asked_for_says_nothing_on_the_teacher_s_screen(program: Program, port: int) -> None:
    for path in (b"/index.html?\x1b[2J.zip", b"/\x1b[2J.zip"):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as learner:
            learner.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
            while learner.recv(1000):
                pass
    program.wait_for("Ctrl+C ends it.")
    assert "\x1b" not in program.text
    assert "takes" not in program.text


def test_who_stops_in_the_middle_disturbs_nobody(program: Program, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as learner:
        learner.sendall(f"GET /{ZIP} HTTP/1.0\r\n\r\n".encode())
        learner.recv(1000)
    assert get(port, ZIP) == CONTENT
    assert program.interrupt() == 0
    assert "Traceback" not in program.text
    assert "Error" not in program.text


def test_a_silent_learner_blocks_nobody(program: Program, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)):
        assert b"Nightlight" in get(port)


def test_code_is_shown_and_not_saved(program: Program, port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/app.py", timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_nothing_outside_the_pack_is_handed_out(program: Program, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as learner:
        learner.sendall(b"GET /../../../../etc/passwd HTTP/1.0\r\n\r\n")
        assert b" 404 " in learner.recv(1000)


def test_ctrl_c_ends_it_well(program: Program) -> None:
    program.wait_for("Ctrl+C ends it.")
    assert program.interrupt() == 0
    assert program.lines[-1] == "Ended."


def test_a_taken_port_is_one_line(program: Program, folder: Path, port: int) -> None:
    with closing(start(folder, port)) as second:
        assert second.wait() == 2
        assert second.lines == [
            f"run.py classroom: port {port} is taken by another program: choose another with --port"
        ]
    assert program.is_running


def test_without_a_pack_it_says_how_to_make_one(tmp_path: Path, port: int) -> None:
    with closing(start(tmp_path, port)) as program:
        assert program.wait() == 2
        assert program.lines == [
            f"run.py classroom: there is no pack in {tmp_path} yet: python3 run.py classroom makes it"
        ]
