"""run.py, the newcomer's door."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest

from requirements import pin
from tests.kit.boards import CounterFitPage, SilentServer
from tests.kit.brokers import mosquitto
from tests.kit.programs import PATIENCE, ROOT, Program, clean_environment, free_port, until
from tests.kit.stranger import Stranger

Run = Callable[..., Program]
LAPTOP, COUNTERFIT, PAGE = (f"requirements/pinned/{name}.txt" for name in ("laptop", "counterfit", "page"))
WITHOUT_PAGE = ROOT / "tests/kit/without_page"


@pytest.fixture
def run_py() -> Iterator[Run]:
    """Start run.py with these arguments, in a process group of its own."""
    with ExitStack() as programs:

        def start(*arguments: str, folder: Path = ROOT, **environment: str) -> Program:
            program = Program(
                sys.executable, folder / "run.py", *arguments, env=clean_environment(**environment), own_group=True
            )
            programs.callback(close, program)
            return program

        yield start


@pytest.fixture
def ports() -> tuple[int, int, int]:
    """Free ports for broker, board and page, so that these tests meet neither each other nor what runs here anyway."""
    return free_port(), free_port(), free_port()


@pytest.fixture
def run_all(run_py: Run, ports: tuple[int, int, int]) -> Run:
    """Start everything, on these ports."""
    broker, board, page = map(str, ports)
    where = ["--broker-port", broker, "--board-port", board, "--page-port", page]
    return lambda *options, **more: run_py(*where, *options, **more)


@pytest.fixture
def run(run_all: Run) -> Run:
    """The same without the page, as on a Raspberry Pi."""
    return lambda *options, **more: run_all(*options, PYTHONPATH=str(WITHOUT_PAGE), **more)


def close(program: Program) -> None:
    if program.is_running:
        program.process.send_signal(signal.SIGINT)
    program.wait()
    python_s_own = "Fatal Python error: init_" in program.text  # Ctrl+C before the first line of run.py
    assert python_s_own or "Traceback" not in program.text, program.text


def family(program: Program) -> list[psutil.Process]:
    """All that it has started."""
    children: list[psutil.Process] = psutil.Process(program.process.pid).children(recursive=True)
    return children


def ready(program: Program) -> str:
    """Wait until everything runs; where CounterFit is."""
    board = re.search(r"CounterFit is at (http://\S+)", program.wait_for("CounterFit is at"))
    assert board
    program.wait_for("device | Light level: 0")
    program.wait_for("device | Message received: {'led_on': True}")
    program.wait_for("Open http")
    return board[1]


def test_everything_starts_and_ctrl_c_ends_it(run_all: Run) -> None:
    """How fast, bench/goodbye.py tells."""
    program = run_all()
    ready(program)
    processes = family(program)
    assert len(processes) == 5, "broker, board, page, server, device"
    assert program.interrupt() == 0
    assert not [process for process in processes if process.is_running()]


def test_ctrl_c_at_any_moment_of_the_start_leaves_nothing_behind(run: Run, ports: tuple[int, int, int]) -> None:
    for moment in range(2, 12):
        program = run()
        time.sleep(moment * 0.15)  # the moment is what varies, nothing is awaited
        program.process.send_signal(signal.SIGINT)
        program.process.send_signal(signal.SIGINT)
        program.wait()
        words = ("--port " + str(ports[1]), f"127.0.0.1:{ports[0]}", f"--port {ports[0]}")
        left = [p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"]]
        left = [line for line in (" ".join(words) for words in left) if any(word in line for word in words)]
        assert not left, f"after Ctrl+C at {moment * 0.15} s"


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no terminals that hang up")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_closed_terminal_ends_it_as_well(run: Run, name: str) -> None:
    program = run()
    ready(program)
    processes = family(program)
    program.process.send_signal(signal.Signals[name])
    assert program.wait() == 0
    assert not [process for process in processes if process.is_running()]


def test_it_works_on_when_nobody_reads_what_it_prints(run: Run) -> None:
    """As in `python3 run.py | head`."""
    program = run()
    page = ready(program)
    program.stop_reading()
    with closing(CounterFitPage(int(page.rpartition(":")[2]))) as board:
        for light in (400, 100, 400):
            board.set_light(light)
            board.led_becomes(light < 300)
    program.process.send_signal(signal.SIGINT)
    assert program.process.wait(PATIENCE) == 0


def test_the_led_follows_the_light(run: Run) -> None:
    program = run()
    page = ready(program)
    with closing(CounterFitPage(int(page.rpartition(":")[2]))) as board:
        board.set_light(400)
        board.led_becomes(False)
        board.set_light(100)
        board.led_becomes(True)


@pytest.mark.parametrize("name", ["device", "server", "board"])
def test_a_part_that_dies_is_named_with_its_last_lines(run: Run, name: str) -> None:
    program = run()
    ready(program)
    processes = family(program)
    script = {"device": "device/app.py", "server": "server/app.py", "board": "virtual_board.py"}[name]
    [part] = [process for process in processes if script in " ".join(process.cmdline())]
    part.kill()
    assert program.wait() == 1
    assert program.says(f"The {name} has ended by itself (exit status -9). Its last lines:")
    assert not [process for process in processes if process.is_running()]


def test_the_rest_goes_on_without_the_page(run_all: Run) -> None:
    program = run_all()
    board = ready(program)
    [page] = [process for process in family(program) if "page/app.py" in process.cmdline()]
    page.kill()
    program.wait_for("page | has ended by itself; the rest goes on without it")
    with closing(CounterFitPage(int(board.rpartition(":")[2]))) as counterfit:
        counterfit.set_light(400)
        counterfit.led_becomes(False)


def test_the_last_lines_name_the_page_the_course_and_the_way_out_and_the_page_is_there(run_all: Run) -> None:
    program = run_all()
    ready(program)
    program.wait_for("Ctrl+C ends everything.")
    start = next(number for number, line in enumerate(program.lines) if "Open http" in line)
    page = re.search(r"http://\S+", program.lines[start])
    assert page
    assert "lessons/1-broker/README.md" in program.lines[start + 1]
    with urllib.request.urlopen(page[0], timeout=PATIENCE) as answer:
        assert b"nightlight" in answer.read()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
@pytest.mark.parametrize(
    ("options", "display", "opened"), [((), ":0", True), (("--no-browser",), ":0", False), ((), "", False)]
)
def test_the_page_is_opened_in_the_browser_where_there_is_a_display(
    run: Run, run_all: Run, tmp_path: Path, options: tuple[str, ...], display: str, opened: bool
) -> None:
    """The browser is a stand-in, named as Python's webbrowser wants it: it writes down what it was asked for."""
    browser, asked = tmp_path / "browser", tmp_path / "asked"
    browser.write_text(f'#!/bin/sh\necho "$1" > {asked}\n')
    browser.chmod(0o755)
    program = (run_all if opened else run)(*options, BROWSER=f"{browser} %s", DISPLAY=display)
    ready(program)
    program.wait_for("Ctrl+C ends everything.")
    if opened:
        until(lambda: asked.exists() and asked.read_text().startswith("http://127.0.0.1:"), "the browser's start")
    else:
        program.wait_for("device | Light level: 0", since=len(program.lines))  # five seconds later
        assert not asked.exists()


def test_a_taken_port_is_replaced_and_said(run: Run, ports: tuple[int, int, int]) -> None:
    with SilentServer(ports[0]), SilentServer(ports[1]):
        program = run()
        board = ready(program)
        assert not board.endswith(f":{ports[1]}")
        assert program.says(f"broker | port {ports[0]} is taken by another program; using")
        assert program.says(f"board | port {ports[1]} is taken by another program; using")


def test_a_broker_that_is_there_already_is_used(run: Run, ports: tuple[int, int, int], tmp_path: Path) -> None:
    with closing(mosquitto(tmp_path, port=ports[0])):
        program = run()
        ready(program)
        assert program.says(f"broker | using the one that already answers on port {ports[0]}")
        assert len(family(program)) == 3


def test_two_at_once_do_not_throw_each_other_out(run: Run, run_py: Run, ports: tuple[int, int, int]) -> None:
    first = run()
    first_page = ready(first)
    second = run_py("--broker-port", str(ports[0]), "--board-port", str(free_port()), PYTHONPATH=str(WITHOUT_PAGE))
    second_page = ready(second)
    assert second.says("broker | the id 'nightlight' is in use there; this one is 'nightlight-2'")
    boards = [CounterFitPage(int(page.rpartition(":")[2])) for page in (first_page, second_page)]
    with closing(boards[0]), closing(boards[1]):
        for lights in ((400, 100), (100, 400), (400, 100)):
            for board, light in zip(boards, lights, strict=True):
                board.set_light(light)
            for board, light in zip(boards, lights, strict=True):
                board.led_becomes(light < 300)
    for program in (first, second):
        assert [line.partition(" | ")[2] for line in program.lines].count("MQTT connected!") == 2, program.text


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_given_id_that_is_in_use_is_used_and_said(
    run: Run, ports: tuple[int, int, int], tmp_path: Path, by: str
) -> None:
    with closing(mosquitto(tmp_path, port=ports[0])) as broker, closing(Stranger(broker.port)) as stranger:
        stranger.publish("porch/left/status", b"online", retain=True)
        options = ("--id", "porch/left") if by == "option" else ()
        environment = {} if by == "option" else {"NIGHTLIGHT_ID": "porch/left"}
        program = run(*options, **environment)
        program.wait_for("broker | the id 'porch/left' is in use there")
        assert program.says("start this one with another --id")
        ready(program)


def test_an_id_that_is_free_again_is_taken(run: Run, ports: tuple[int, int, int], tmp_path: Path) -> None:
    with closing(mosquitto(tmp_path, port=ports[0])) as broker, closing(Stranger(broker.port)) as stranger:
        stranger.publish("nightlight/status", b"offline", retain=True)
        stranger.publish("nightlight-2/status", b"online", retain=True)
        program = run()
        ready(program)
        assert not program.says("nightlight-")


def test_options_reach_the_scripts_that_they_are_for(run_all: Run) -> None:
    both = {"--id=porch", "--threshold=500", "--hysteresis=20", "--qos=2", "--verbose"}
    device = {"--interval=1", "--sample=0.1", "--deadband=3", "--alone=never", "--offline=keep"}
    program = run_all(*both, *device, "--stale", "7")
    ready(program)
    for name, options, others in (
        ("device", both | device, {"--stale=7"}),
        ("server", both | {"--stale=7"}, device),
    ):
        [words] = [set(line) for line in (process.cmdline() for process in family(program)) if f"{name}/app.py" in line]
        assert options <= words
        assert not others & words


def test_what_was_not_given_is_left_to_the_environment(run: Run) -> None:
    program = run(NIGHTLIGHT_THRESHOLD="500")
    with closing(CounterFitPage(int(ready(program).rpartition(":")[2]))) as board:
        board.set_light(600)
        board.led_becomes(False)
        board.set_light(400)
        board.led_becomes(True)


def test_a_broker_that_no_longer_answers_is_named(run: Run) -> None:
    program = run()
    ready(program)
    processes = family(program)
    [broker] = [process for process in processes if "iotcore" in process.cmdline()]
    broker.suspend()
    assert program.wait() == 1
    assert program.says("The broker no longer answers.")
    assert not [process for process in processes if process.is_running()], "not even one that does not listen"


def test_a_second_start_installs_nothing(run: Run) -> None:
    program = run()
    ready(program)
    assert not program.says("Installing")


def test_help_explains_itself(run_py: Run) -> None:
    program = run_py("--help")
    assert program.wait() == 0
    for words in ("python3 run.py", "python3 run.py test", "Ctrl+C", "Python 3.10"):
        assert program.says(words)


@pytest.mark.parametrize("words", [["tests"], ["--fast"], ["--board-port", "0"], ["--broker-port", "many"], ["--id"]])
def test_a_bad_option_is_one_line(run_py: Run, words: list[str]) -> None:
    program = run_py(*words)
    assert program.wait() == 2
    assert len(program.lines) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--id", "a+b"],
        ["--id", ""],
        ["--threshold", "dark"],
        ["--hysteresis", "1.5"],
        ["--qos", "3"],
        ["--interval", "0"],
        ["--sample", "no"],
        ["--deadband", "-1"],
        ["--alone", "always"],
        ["--offline", "perhaps"],
        ["--offline", "keep", "--qos", "0"],
        ["--stale", "0"],
    ],
)
def test_a_bad_option_for_the_scripts_is_one_line_before_anything_starts(run: Run, words: list[str]) -> None:
    program = run(*words)
    assert program.wait() == 2
    assert len(program.lines) == 1
    assert words[0].removeprefix("--") in program.lines[0]


def test_options_of_test_are_those_of_pytest(run_py: Run) -> None:
    program = run_py("test", "--version")
    assert program.wait() == 0
    assert program.says("pytest")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A fresh copy of the project, without .venv."""
    folder = tmp_path / "nightlight copy"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests", "bench")
    shutil.copytree(ROOT, folder, ignore=ignored)
    return folder


def test_a_failed_install_says_which_package_and_what_to_do(run: Run, copy: Path) -> None:
    nowhere = "http://127.0.0.1:9/simple"
    program = run(
        folder=copy, PIP_INDEX_URL=nowhere, PIP_RETRIES="1", PIP_CONFIG_FILE="/dev/null", PIP_NO_CACHE_DIR="1"
    )
    assert program.wait(60) == 1
    first = next(iter(pin.read(copy / LAPTOP))).partition("==")[0]  # its version depends on the Python
    assert re.search(rf"Could not install {first}==\S+\. PyPI cannot be reached\. Check the Internet", program.text)


def test_a_package_that_does_not_exist_is_named(run: Run, copy: Path) -> None:
    make_venv(copy)
    (copy / LAPTOP).write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    program = run(folder=copy, PIP_NO_INDEX="1")
    assert program.wait(60) == 1
    assert program.says("Could not install no-such-package==1.0.")


def test_changed_requirements_are_installed_again(run: Run, copy: Path) -> None:
    """With pip's own refusal as the sign: without an index nothing can be installed."""
    (copy / ".venv").symlink_to(ROOT / ".venv")
    with (copy / LAPTOP).open("a") as laptop:
        laptop.write(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    program = run(folder=copy, PIP_NO_INDEX="1")
    assert program.wait(60) == 1
    assert program.says("Could not install no-such-package==1.0.")


@pytest.mark.parametrize("which", ["the checked file", "another file", "a dependency that nobody checked"])
def test_only_what_was_checked_is_installed(run: Run, copy: Path, tmp_path: Path, which: str) -> None:
    """On a package of our own, in a folder in place of PyPI."""
    wheel = make_wheel(tmp_path / "packages", needs="toy-part" if which == "a dependency that nobody checked" else "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if which == "another file":
        with zipfile.ZipFile(wheel, "a") as changed:
            changed.writestr("toy_lamp_too.py", "print('what nobody has checked')")
    (copy / LAPTOP).write_text(f"toy-lamp==1.0 --hash=sha256:{digest}\n")
    (copy / COUNTERFIT).write_text("")
    make_venv(copy)
    (copy / PAGE).write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    program = run(folder=copy, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheel.parent), PIP_CONFIG_FILE=os.devnull)
    assert program.wait(60) == 1
    if which == "the checked file":
        assert program.says("Could not install no-such-package==1.0."), "which is the next step"
    elif which == "another file":
        assert program.says("Could not install toy-lamp==1.0. What came is not the package that was checked")
    else:
        assert program.says("In --require-hashes mode, all requirements must have their versions pinned")
    assert bool(list(copy.rglob("toy_lamp.py"))) == (which == "the checked file")


def make_venv(folder: Path) -> None:
    """As run.py does, with pip as it is here: that takes a tenth of the time."""
    venv.create(folder / ".venv", symlinks=True)
    [packages] = (folder / ".venv").glob("lib/python*/site-packages")
    [pip] = (ROOT / ".venv").glob("lib/python*/site-packages/pip")
    (packages / "pip").symlink_to(pip)


def make_wheel(folder: Path, needs: str) -> Path:
    """A package toy-lamp with one module."""
    folder.mkdir()
    make_info = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n"
    for name, more in (("toy-part", ""), ("toy-lamp", f"Requires-Dist: {needs}\n" if needs else "")):
        module = name.replace("-", "_")
        wheel = folder / f"{module}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as files:
            info = f"{module}-1.0.dist-info"
            files.writestr(f"{module}.py", "")
            files.writestr(f"{info}/METADATA", make_info.format(name) + more)
            files.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            files.writestr(f"{info}/RECORD", "")
    return wheel


def test_an_old_python_is_told_so(tmp_path: Path) -> None:
    """On a stand-in for the version: the file itself must also be readable by old Pythons."""
    code = "import sys, runpy; sys.version_info = (3, 8, 0); runpy.run_path(sys.argv[1], run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", code, ROOT / "run.py"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The nightlight needs Python 3.10 or newer")


@pytest.mark.parametrize("by", ["option", "environment"])
def test_an_id_that_the_embedded_broker_cannot_take_is_said(run: Run, by: str) -> None:
    program = run("--id", "客厅") if by == "option" else run(NIGHTLIGHT_ID="客厅")
    assert program.wait() == 1
    assert program.says("or begin the id with one of a to z")
    assert not program.says("CounterFit"), "before anything starts"


def test_help_needs_nothing_installed(copy: Path) -> None:
    for option in ("--help", "-h"):
        # -S: without packages, not even those that are there
        command = [sys.executable, "-S", str(copy / "run.py"), option]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        for name in ("--broker-port", "--board-port", "--id", "--threshold", "--hysteresis", "--qos", "--verbose"):
            assert name in ended.stdout
        for name in ("--interval", "--sample", "--deadband", "--alone", "--offline", "--stale"):
            assert name in ended.stdout
    assert not (copy / ".venv").exists()


def test_ctrl_c_while_the_demo_s_python_starts_ends_it_in_peace(run: Run) -> None:
    """What arrives in between must neither be lost nor print a traceback."""
    for moment in range(5):
        program = run()
        until(lambda: is_handed_over(program), "the demo's Python")  # noqa: B023
        time.sleep(moment * 0.07)  # the moment is what varies, nothing is awaited
        program.process.send_signal(signal.SIGINT)
        assert program.wait(5) == 0, program.text
        assert program.lines[-1] == "Everything has ended."
        assert not program.says("Traceback")


def is_handed_over(program: Program) -> bool:
    return program.is_running and "demo" in psutil.Process(program.process.pid).cmdline()
