"""From light to LED: ours beside the two scripts that lessons have, which look at the light every five seconds.

    .venv/bin/python -m bench.light_to_led [--quick]

Both have a CounterFit app of their own and share a Mosquitto. While one change of the light is on its way through the
lessons' scripts, ours gets many.
"""

from __future__ import annotations

import queue
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

import socketio

from bench.effort import FULL, QUICK, Effort
from bench.progress import Bar
from bench.tables import table
from tests.kit.boards import CounterFit
from tests.kit.brokers import mosquitto
from tests.kit.programs import ROOT, Program, start_script

COURSE, OURS = "the lessons' scripts", "this nightlight"
INTERVAL = 5.0  # seconds, of the course's device

LightToLed = dict[str, list[float]]
"""Seconds of each change."""


class Lamp:
    """A CounterFit app whose light is moved, and whose LED is seen as its page sees it."""

    def __init__(self) -> None:
        self.board = CounterFit()
        self._seen: queue.Queue[tuple[float, bool]] = queue.Queue()
        self._page = socketio.Client()
        self._page.on("actuator_change5", lambda data: self._seen.put((time.perf_counter(), data["value"])))
        self._page.connect(self.board.url, transports=["websocket"])
        self._is_dark = True  # as CounterFit begins, with a light of 0

    def change(self) -> float:
        """Seconds from a change of the light to that of the LED."""
        self._is_dark = not self._is_dark
        started = time.perf_counter()
        self.board.set_light(100 if self._is_dark else 900)
        while True:
            at, led_on = self._seen.get(timeout=30)
            if at > started and led_on == self._is_dark:
                return at - started

    def close(self) -> None:
        self._page.disconnect()
        self.board.close()


def measure(effort: Effort, bar: Bar) -> LightToLed:
    bar.begin("light to LED", effort.changes)
    found: LightToLed = {COURSE: [], OURS: []}
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        broker = parts.enter_context(closing(mosquitto(folder)))
        lamps = {name: parts.enter_context(closing(Lamp())) for name in found}
        port, boards = str(broker.port), {name: lamp.board for name, lamp in lamps.items()}
        for words in (("device.py", port, str(boards[COURSE].port), "course"), ("server.py", port, "course")):
            parts.enter_context(closing(Program(sys.executable, ROOT / "bench/course" / words[0], *words[1:])))
        parts.enter_context(closing(start_script("server/app.py", "--broker", broker.url))).wait_for("MQTT connected!")
        options = ["--broker", broker.url, "--board", boards[OURS].name]
        parts.enter_context(closing(start_script("device/app.py", *options))).wait_for("Message received")
        for lamp in lamps.values():
            lamp.change()  # now both are awake

        is_over = threading.Event()
        thread = threading.Thread(target=_keep_changing, args=(lamps[OURS], found[OURS], is_over))
        thread.start()
        for _ in range(effort.changes):
            time.sleep(random.uniform(0, INTERVAL))  # at any moment between two looks of the device
            found[COURSE].append(lamps[COURSE].change())
            bar.step(f"{found[COURSE][-1]:.2f} s, and ours: {median(found[OURS] or [0]) * 1e3:.0f} ms")
        is_over.set()
        thread.join()
    return found


def _keep_changing(lamp: Lamp, taken: list[float], is_over: threading.Event) -> None:
    while not is_over.wait(random.uniform(0.1, 0.3)):
        taken.append(lamp.change())


def tables(found: LightToLed) -> str:
    rows = [
        [name, str(len(taken)), _in_words(median(taken)), _in_words(min(taken)), _in_words(max(taken))]
        for name, taken in found.items()
    ]
    return table(["from light to LED", "changes", "median", "fastest", "slowest"], rows)


def _in_words(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1e3:.0f} ms"


if __name__ == "__main__":
    with Bar() as bar:
        result = measure(QUICK if "--quick" in sys.argv else FULL, bar)
    print(tables(result))
