"""The course, followed word for word: each text on a real broker and the real CounterFit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.kit import own_network
from tests.kit.brokers import MOSQUITTO, mosquitto
from tests.kit.pi import DeviceOnPi
from tests.kit.programs import ROOT, Program
from tests.lessons.reader import experiments

LESSONS = ROOT / "lessons"
FIRST_FOUR = [LESSONS / name for name in ("1-broker", "2-connect", "3-telemetry", "4-commands")]
ALONE = [
    text
    for text in sorted(LESSONS.glob("*-*/*.md"))
    if text.parent.name != "8-paho" and text not in [step / "README.md" for step in FIRST_FOUR[:3]]
]
"""Texts that are followed by themselves, some of them experiment by experiment. test_guide.py has step 8's, and of the
first four there is one that somebody begins with who comes back another day."""

NEEDS = {
    "13-websockets": ["npm", "chromium", "chromedriver"],
    "14-look": ["chromium", "chromedriver"],
    "16-protocols": ["rabbitmq-server"],
}
"""What a step needs besides a broker: those that need a browser are tested with -m browser."""


def name_of(text: Path) -> str:
    return str(text.relative_to(LESSONS)).removesuffix("/README.md")


def marks(text: Path) -> list[pytest.MarkDecorator]:
    return [
        pytest.mark.timeout(300),
        pytest.mark.browser if "chromium" in NEEDS.get(text.parent.name, []) else pytest.mark.course,
    ]


PARTS = [
    pytest.param(text, heading, id=name_of(text) + f": {heading}" * bool(heading), marks=marks(text))
    for text in ALONE
    for heading in experiments(text) or [""]
]


@pytest.fixture(scope="module", autouse=True)
def _own_network() -> None:
    if not own_network.is_possible():
        pytest.skip("this system has no network namespaces for us, so ports 1883 and 5000 may not be free")
    if not MOSQUITTO or not shutil.which("mosquitto_sub"):
        pytest.skip("mosquitto or mosquitto-clients is not installed")


@pytest.mark.parametrize(("text", "experiment"), PARTS)
def test_all_is_as_the_text_says(text: Path, experiment: str) -> None:
    if missing := [program for program in NEEDS.get(text.parent.name, []) if not shutil.which(program)]:
        pytest.skip(f"{', '.join(missing)} is not installed")
    follow(text, "--only", experiment)


@pytest.mark.timeout(300)
@pytest.mark.course
@pytest.mark.parametrize("choice", [[], ["--broker-py"]], ids=["Mosquitto", "broker.py"])
def test_who_begins_with_nothing_has_the_nightlight_after_four_steps(choice: list[str]) -> None:
    """Without stopping anything in between that the texts do not stop."""
    follow(*FIRST_FOUR, *choice)


def follow(*what: str | Path) -> None:
    """As the reader does it, who says where a text is wrong."""
    fetches = any("npm" in NEEDS.get(text.parent.name, ()) for text in what if isinstance(text, Path))
    # What it does first, it does itself only where it has to fetch something: that takes twice as long to start.
    command = [] if fetches else own_network.command()
    command += [sys.executable, "-m", "tests.lessons.reader", *([] if fetches else ["--inside"]), *map(str, what)]
    reader = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert reader.returncode == 0, reader.stdout.decode()


def on_a_pi(script: str) -> str:
    """The script with what step 2 says of a Raspberry Pi."""
    lines = [line for line in script.splitlines() if "CounterFitConnection" not in line and "counterfit" not in line]
    return "from grove_pi import GroveLed, GroveLightSensor\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("step", ["2-connect", "3-telemetry", "4-commands"])
def test_on_a_pi(tmp_path: Path, step: str) -> None:
    """On the stand-in for a Pi, with grove_pi.py in place of CounterFit's shims, as step 2 says."""
    shutil.copy(ROOT / "lessons/2-connect/grove_pi.py", tmp_path)
    shutil.copy(ROOT / "lessons/1-broker/seat.py", tmp_path)
    with closing(mosquitto(tmp_path)) as broker:
        for script in (ROOT / "lessons" / step).glob("*.py"):
            text = script.read_text().replace("connect(BROKER)", f"connect(BROKER, {broker.port})")
            (tmp_path / script.name).write_text(on_a_pi(text) if script.name == "device.py" else text)
        with ExitStack() as programs:
            pi = programs.enter_context(closing(DeviceOnPi(script=tmp_path / "device.py", light=400)))
            pi.wait_for("MQTT connected!")
            pi.wait_for("Light level: 400")
            if step != "2-connect":
                server = programs.enter_context(closing(Program(sys.executable, "-u", tmp_path / "server.py")))
                server.wait_for("Message received: {'light': 400}")
            for light in (100, 700, 299) if step != "3-telemetry" else ():
                pi.set(light=light)
                pi.led_becomes(light < 300)


def test_step_4_has_as_many_lines_as_it_says() -> None:
    step = ROOT / "lessons/4-commands"
    scripts = [(step / name).read_text() for name in ("device.py", "server.py")]
    lines = sum(1 for script in scripts for line in script.splitlines() if line.strip())
    assert f"in {lines} lines of code" in (step / "README.md").read_text()


def test_step_14_s_page_is_less_than_forty_lines() -> None:
    page = (ROOT / "lessons/14-look/page.py").read_text()
    assert sum(1 for line in page.splitlines() if line.strip()) < 40
