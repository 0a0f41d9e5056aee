"""The page's options."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from nightlight.trust import LONGEST_LINE
from page.settings import PageSettings, is_loopback, read_settings
from tests.kit.programs import Program, free_port, start_script

Start = Callable[..., Program]


def read(*options: str) -> PageSettings:
    return read_settings(options)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("correct horse\nbattery\n")
    file.chmod(0o600)
    return file


@pytest.fixture(autouse=True)
def no_options_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("NIGHTLIGHT_") or name in ("STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"):
            monkeypatch.delenv(name)


def test_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    settings = read()
    assert (settings.id, settings.host, settings.port, settings.password) == ("nightlight", "127.0.0.1", 8080, None)
    assert (settings.board, settings.history) == ("http://127.0.0.1:5000", 7)
    assert settings.keep_in == tmp_path / "nightlight"


def test_a_page_may_show_many() -> None:
    assert read("--id", "stadium/+").id == "stadium/+"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("pi", ""),
        ("counterfit", "http://127.0.0.1:5000"),
        ("counterfit://127.0.0.1:5123", "http://127.0.0.1:5123"),
        ("counterfit://laptop.local", "http://laptop.local:5000"),
        ("counterfit://[::1]:5001", "http://[::1]:5001"),
    ],
)
def test_the_board_is_named_as_the_device_names_it(name: str, url: str) -> None:
    assert read("--board", name).board == url


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "0"], "65535"),
        (["--port", "65536"], "65535"),
        (["--port", "http"], "whole number"),
        (["--history", "-1"], "3650"),
        (["--history", "1.5"], "whole number"),
        (["--host", ""], "no address"),
        (["--host", "two words"], "no address"),
        (["--host", "http://x"], "no address"),
        (["--board", "arduino"], "counterfit://127.0.0.1:5000"),
        (["--board", "http://127.0.0.1:5000"], "counterfit://127.0.0.1:5000"),
        (["--board", "counterfit://x:99999"], "counterfit://127.0.0.1:5000"),
        (["--board", "counterfit://x:0"], "counterfit://127.0.0.1:5000"),
        (["--host", "0.0.0.0"], "--page-password-file"),
        (["--host", "::"], "--page-password-file"),
        (["--host", "192.168.1.20"], "--page-password-file"),
        (["--host", "laptop.local"], "--page-password-file"),
        (["--page-password-file", "/nowhere/password"], "cannot be read: No such file"),
        (["--page-password-file", "."], "cannot be read"),
        (["--id", "a/#"], "#"),
        (["--broker", "mqtt://user:se#cret@localhost"], "%23"),
        (["--interval", "5"], "--interval"),
    ],
    ids=" ".join,
)
def test_a_bad_option_ends_with_one_clear_line(
    capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as end:
        read(*options)
    printed = capsys.readouterr()
    assert end.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    assert printed.err.startswith("page/app.py: ")
    assert words in printed.err
    assert "cret" not in printed.err


def test_with_a_password_others_are_let_in(password_file: Path) -> None:
    settings = read("--host", "0.0.0.0", "--page-password-file", str(password_file))
    assert settings.password == "correct horse", "the first line"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o666])
def test_a_password_that_others_can_read_is_none(
    password_file: Path, capsys: pytest.CaptureFixture[str], mode: int
) -> None:
    password_file.chmod(mode)
    with pytest.raises(SystemExit):
        read("--page-password-file", str(password_file))
    assert f"Others can read {password_file}. Run: chmod 600 {password_file}" in capsys.readouterr().err


def test_but_systemd_gives_it_in_a_folder_for_the_service_alone(
    password_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password_file.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(password_file.parent))
    assert read("--page-password-file", str(password_file)).password == "correct horse"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\nsecond line", "is empty"), (b"  \n", "is empty"), (b"\xff\xfe", "is no text"),
     (b"x" * (LONGEST_LINE + 1), "more than 1,000 characters")],
)  # fmt: skip
def test_what_can_be_no_password(
    password_file: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    password_file.write_bytes(content)
    with pytest.raises(SystemExit):
        read("--page-password-file", str(password_file))
    printed = capsys.readouterr().err
    assert words in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "is_this_machine"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.20", False),
        ("127.0.0.1.evil.org", False),
        ("localhost.evil.org", False),
        ("", False),
    ],
)
def test_which_addresses_are_this_machine(host: str, is_this_machine: bool) -> None:
    assert is_loopback(host) is is_this_machine


# ---- as a process ----


def test_open_to_all_without_a_password_it_ends_with_one_line(start: Start, tmp_path: Path) -> None:
    program = start("page/app.py", "--host", "0.0.0.0", XDG_STATE_HOME=str(tmp_path))
    assert program.wait() == 2
    [line] = program.lines
    assert line.startswith("page/app.py: argument --host: with 0.0.0.0, everybody in the network could switch the lamp")


def test_a_port_that_is_in_use_is_said_in_one_line(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        program = start("page/app.py", "--port", str(port), XDG_STATE_HOME=str(tmp_path))
        assert program.wait() == 2
    line = program.lines[-1]
    assert line.startswith(f"page/app.py: argument --port: {port} of 127.0.0.1 cannot be used (")
    assert "choose another one" in line


def test_help_explains_every_option(start: Start, tmp_path: Path) -> None:
    program = start("page/app.py", "--help", cwd=tmp_path)
    assert program.wait() == 0
    for words in ("usage: page/app.py", "--page-password-file FILE", "--keep-in", "NIGHTLIGHT_", "--board URL"):
        assert words in program.text


def test_it_starts_where_the_system_s_text_is_no_utf_8(tmp_path: Path) -> None:
    """As on Windows: its own files are UTF-8 all the same."""
    places = ["--broker", f"mqtt://127.0.0.1:{free_port()}", "--port", str(free_port()), "--keep-in", str(tmp_path)]
    with closing(start_script("page/app.py", *places, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")) as page:
        page.wait_for("The page is at ")
