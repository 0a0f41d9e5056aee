"""A whole class at one broker: so many learners go through steps 2 to 4 at the same time, with the page on.

    .venv/bin/python -m tests.lessons.whole_class --learners 30

Each has a seat, a folder with the step's scripts as the course has them, and a board of its own, the real CounterFit.
They share one Mosquitto that lets everybody in. Some do what learners do: they publish nonsense, start their device
twice, stop the server and start it again. Printed is whether anybody was disturbed by somebody else.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker, mosquitto
from tests.kit.browser import LAPTOP, Browser, chromium
from tests.kit.pages import Page
from tests.kit.programs import ROOT, Program, until

LESSONS = ROOT / "lessons"
PATIENCE = 120.0
"""Seconds: so many programs that start at once keep a small machine busy for a while."""


class Learner:
    """Somebody with a seat, a folder and a board."""

    def __init__(self, number: int, folder: Path, broker: Broker) -> None:
        self.id = f"seat-{number:02}"
        self.number = number
        self.folder = folder / self.id
        self.folder.mkdir()
        self.take("1-broker")
        seat = (LESSONS / "1-broker/seat.py").read_text().replace("my-room", self.id)
        (self.folder / "seat.py").write_text(seat)
        self._broker = broker
        self.board = CounterFit()
        self.programs: dict[str, Program] = {}
        self.lights = {0, 400}
        """All that this board has ever shown."""
        self.delays: list[float] = []

    def take(self, step: str) -> None:
        """Copy the step's scripts into the folder."""
        for script in (LESSONS / step).glob("*.py"):
            shutil.copy(script, self.folder)

    def run(self, script: str, *arguments: str, name: str = "") -> Program:
        """Started anew if it runs. Board and broker are at other ports than those of the text."""
        name = name or script
        self.stop(name)
        ports = str(self._broker.port), str(self.board.port)
        command: list[str | Path] = [sys.executable, "-u", LESSONS / "check.py", "--run", script, *ports, *arguments]
        self.programs[name] = Program(*command, cwd=self.folder)
        return self.programs[name]

    def stop(self, name: str) -> None:
        if name in self.programs:
            self.programs.pop(name).close()

    def set_light(self, light: int) -> None:
        self.lights.add(light)
        self.board.set_light(light)

    def led_follows(self, light: int) -> None:
        """Set the light and wait for the LED; note how long it took."""
        began = time.monotonic()
        self.set_light(light)
        until(lambda: self.board.led_on == (light < 300), f"{self.id}: the LED at {light}", PATIENCE, 0.1)
        self.delays.append(time.monotonic() - began)

    @property
    def strange(self) -> list[str]:
        """Lines of the server's about a light that this learner's board has never shown."""
        server = self.programs.get("server.py")
        heard = [line for line in server.lines if line.startswith("Message received: ")] if server else []
        return [
            line for line in heard if line not in {f"Message received: {{'light': {light}}}" for light in self.lights}
        ]

    @property
    def disconnections(self) -> int:
        return sum(line.startswith("MQTT disconnected") for program in self.programs.values() for line in program.lines)

    def close(self) -> None:
        for name in list(self.programs):
            self.stop(name)
        self.board.close()


def play(learners: int, folder: Path, seed: int = 1, look: Callable[[Browser], None] | None = None) -> list[str]:
    """Have them do steps 2 to 4. Returns what is to be told; AssertionError if somebody was disturbed."""
    chance = random.Random(seed)
    with ExitStack() as opened:
        broker = opened.enter_context(closing(mosquitto(folder)))
        page = opened.enter_context(closing(Page(broker, folder, "+")))
        everybody = [
            opened.enter_context(closing(Learner(number, folder, broker))) for number in range(1, learners + 1)
        ]

        for learner in everybody:
            learner.take("2-connect")
            learner.run("device.py")
        for learner in everybody:
            learner.programs["device.py"].wait_for("MQTT connected!", seconds=PATIENCE)
            learner.led_follows(100 + learner.number)
            learner.led_follows(400 + learner.number)

        for learner in everybody:
            learner.take("3-telemetry")
            learner.run("device.py")
            learner.run("server.py")
        for learner in everybody:
            learner.set_light(500 + learner.number)
            learner.programs["server.py"].wait_for(
                f"Message received: {{'light': {500 + learner.number}}}", seconds=PATIENCE
            )
        assert not any(learner.strange for learner in everybody), "a server has heard somebody else's light"

        for learner in everybody:
            learner.take("4-commands")
            learner.run("server.py")
            learner.run("device.py")
        for learner in everybody:
            learner.programs["device.py"].wait_for("MQTT connected!", seconds=PATIENCE)
            learner.programs["server.py"].wait_for("MQTT connected!", seconds=PATIENCE)
            learner.delays.clear()
        careless = everybody[:: max(2, learners // 6)]
        for turn in range(3):
            for learner in careless:
                make_a_mistake(learner, turn)
            for learner in chance.sample(everybody, learners):
                if learner not in careless:
                    learner.led_follows(chance.randrange(300, 1024) if learner.board.led_on else chance.randrange(300))
        careful = [learner for learner in everybody if learner not in careless]
        assert not any(learner.strange for learner in careful), "a server has heard somebody else's light"
        assert not any(learner.disconnections for learner in careful), "somebody was disconnected by somebody else"

        with chromium(folder, *LAPTOP) as driver:
            browser = Browser(driver)
            browser.open(page.url)
            browser.wait_for(f"{learners} lamps", PATIENCE)
            if look:
                look(browser)
        delays = [delay for learner in careful for delay in learner.delays]
        return [
            f"{learners} learners, {len(careless)} of them careless, steps 2 to 4 on one broker, and the page",
            f"lights heard by a server that were somebody else's: {sum(len(one.strange) for one in careful)}",
            f"connections of careful learners that were lost: {sum(one.disconnections for one in careful)}",
            f"light to LED, {len(delays)} times: median {statistics.median(delays):.2f} s, worst {max(delays):.2f} s",
            f"lamps on the page: {learners}",
        ]


def make_a_mistake(learner: Learner, turn: int) -> None:
    """One that learners make, another one each turn."""
    if turn == 0:
        for topic in ("telemetry", "commands"):
            learner.run("say.py", topic, "hello").wait()
    elif turn == 1:
        learner.run("device.py", name="a second device")  # with the same name as the first
    else:
        learner.stop("a second device")
        learner.stop("server.py")
        learner.run("server.py")


def main() -> None:
    parser = argparse.ArgumentParser(description="A whole class at one broker, with the page on.")
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--picture", type=Path, help="of the page at the end")
    options = parser.parse_args()

    def look(browser: Browser) -> None:
        if options.picture:
            browser.driver.save_screenshot(str(options.picture))

    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        print(*play(options.learners, Path(folder), look=look), sep="\n")


if __name__ == "__main__":
    main()
