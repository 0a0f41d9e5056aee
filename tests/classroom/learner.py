"""A learner with an unpacked nightlight, and no network but their own computer: what test_without_internet.py starts.

python -m tests.classroom.learner FOLDER    the folder that holds `nightlight`
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path

from tests.kit import own_network
from tests.kit.programs import Program, clean_environment

PATIENCE = 300.0
"""Seconds: much is installed, and the machine may be busy."""

PYTHON = getattr(sys, "_base_executable", sys.executable)
COURSE = """\
set -e
mkdir -p nightlight-course
cd nightlight-course
[ -d .venv ] || "$0" -m venv .venv
. .venv/bin/activate
pip install --no-deps -r ../nightlight/lessons/requirements.txt
python -c 'import paho.mqtt, iotcore, flask, requests, pika, counterfit_connection, CounterFit'
"""
"""What step 1 has one type, and what the steps need."""


def main(home: Path) -> None:
    own_network.bring_up()
    assert [name for _, name in socket.if_nameindex()] == ["lo"]
    wheels = home / "nightlight/wheels"
    [broker] = wheels.glob("iotcore-*")
    aside = broker.rename(home / broker.name)
    with closing(run_py(home)) as program, closing(step_1(home)) as lesson:
        assert program.wait(PATIENCE) == 1
        assert program.says(f"Could not install iotcore==0.4.0. The folder {wheels} has none for Python"), program.text
        assert program.says("Try another Python"), program.text
        assert lesson.wait(PATIENCE) == 1
        assert lesson.says("No matching distribution found for iotcore==0.4.0"), lesson.text

    broker.write_bytes(aside.read_bytes()[:-1])
    with closing(run_py(home)) as program:
        assert program.wait(PATIENCE) == 1
        assert program.says(f"Could not install iotcore==0.4.0. Its file in {wheels} is damaged"), program.text
    aside.replace(broker)

    with closing(run_py(home)) as program, closing(step_1(home)) as lesson:
        program.wait_for(f"Installing laptop.txt into .venv from {wheels}, without the Internet", seconds=PATIENCE)
        program.wait_for("Ctrl+C ends everything.", seconds=PATIENCE)
        program.wait_for("device | Message received: {'led_on': True}")
        assert program.says("The page is at http://127.0.0.1:"), program.text
        program.process.send_signal(signal.SIGINT)
        assert program.wait() == 0, program.text
        assert lesson.wait(PATIENCE) == 0, lesson.text


def run_py(home: Path) -> Program:
    """`python3 run.py --no-browser`."""
    return Program(PYTHON, home / "nightlight/run.py", "--no-browser", cwd=home, env=environment(), own_group=True)


def step_1(home: Path) -> Program:
    """What the course's first step begins with."""
    return Program("sh", "-c", COURSE, PYTHON, cwd=home, env=environment())


def environment() -> dict[str, str]:
    """Ours without what it tells pip, which compiles nothing in advance, since that takes its time.

    Of an option that begins with `--no`, 0 means yes: so pip's documentation says under "Environment Variables".
    """
    kept = {name: value for name, value in clean_environment().items() if not name.startswith("PIP_")}
    return {**kept, "PIP_NO_COMPILE": "0", "PIP_CONFIG_FILE": os.devnull}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
