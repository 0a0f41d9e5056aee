"""The course, followed word for word: each text on a real broker and the real CounterFit."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit import own_network
from tests.kit.brokers import mosquitto
from tests.kit.pi import DeviceOnPi
from tests.kit.programs import ROOT, Program
from tests.lessons.reader import experiments

LESSONS = sorted((ROOT / "lessons").glob("[1-9]-*"))
PLAIN = [lesson for lesson in LESSONS if not experiments(lesson)]
PARTS = [pytest.param(lesson, "", id=lesson.name) for lesson in PLAIN if lesson.name != "8-paho"] + [
    pytest.param(lesson, heading, id=f"{lesson.name}: {heading}")
    for lesson in LESSONS
    for heading in experiments(lesson)
]


@pytest.fixture(scope="module", autouse=True)
def _own_network() -> None:
    if not own_network.is_possible():
        pytest.skip("this system has no network namespaces for us, so ports 1883 and 5000 may not be free")


@pytest.mark.parametrize(("lesson", "experiment"), PARTS)
def test_all_is_as_the_text_says(lesson: Path, experiment: str) -> None:
    command = [sys.executable, "-m", "tests.lessons.reader", str(lesson), "--only", experiment]
    reader = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert reader.returncode == 0, reader.stdout.decode()


def on_a_pi(script: str) -> str:
    """The script with what step 2 says of a Raspberry Pi."""
    lines = [line for line in script.splitlines() if "CounterFitConnection" not in line and "counterfit" not in line]
    return "from grove_pi import GroveLed, GroveLightSensor\n" + "\n".join(lines) + "\n"


def test_step_4_on_a_pi(tmp_path: Path) -> None:
    """On the stand-in for a Pi, with grove_pi.py in place of CounterFit's shims, as step 2 says."""
    step2, step4 = ROOT / "lessons/2-connect", ROOT / "lessons/4-commands"
    with closing(mosquitto(tmp_path)) as broker:
        for name, script in (
            ("grove_pi.py", (step2 / "grove_pi.py").read_text()),
            ("device.py", on_a_pi((step4 / "device.py").read_text())),
            ("server.py", (step4 / "server.py").read_text()),
        ):
            (tmp_path / name).write_text(script.replace('"localhost"', f'"127.0.0.1", {broker.port}'))
        with (
            closing(DeviceOnPi(script=tmp_path / "device.py", light=400)) as pi,
            closing(Program(sys.executable, tmp_path / "server.py")) as server,
        ):
            server.wait_for("Sending message: {'led_on': False}")
            for light in (100, 700, 299):
                pi.set(light=light)
                pi.led_becomes(light < 300)
            pi.kill()
            server.kill()


def test_step_4_is_less_than_sixty_lines() -> None:
    scripts = [(ROOT / "lessons/4-commands" / name).read_text() for name in ("device.py", "server.py")]
    assert sum(1 for script in scripts for line in script.splitlines() if line.strip()) < 60
