"""Takes the pictures of the texts: page.png, many.png and group.png in docs, and CounterFit's page for the course.

.venv/bin/python docs/take_picture.py      (needs chromium and chromedriver; takes some minutes)
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

from collections.abc import Iterator

from selenium import webdriver

from tests.kit.boards import CounterFitPage
from tests.kit.brokers import embedded_broker
from tests.kit.browser import chromium
from tests.kit.programs import ROOT, Program, answers, clean_environment, free_port, start_script, until
from tests.kit.stranger import Stranger

MINUTES = 6  # of light, so that the curve has something to show
A_DAY = 150.0  # seconds
LAPTOP = (1280, 800)
BOARD = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0; height:100vh; overflow:hidden">
<iframe src="{page}" scrolling="no" style="{frame}"></iframe>
"""
FRAME = "width:1480px; height:1560px; border:0; transform:scale(.5); transform-origin:0 0"


def main() -> None:
    with tempfile.TemporaryDirectory() as state:
        take_page_and_board(Path(state))
        take_many(Path(state))
        take_group(Path(state))


def take_page_and_board(state: Path) -> None:
    """From run.py, after some minutes in which the sun has risen and set."""
    environment = clean_environment(XDG_STATE_HOME=str(state))
    run = Program(sys.executable, ROOT / "run.py", "--no-browser", "--id", "kitchen", env=environment, own_group=True)
    try:
        page = re.search(r"http://\S+", run.wait_for("Open http"))
        counterfit = re.search(r"http://\S+", run.wait_for("CounterFit is at"))
        assert page and counterfit
        with closing(CounterFitPage(int(counterfit[0].rpartition(":")[2]))) as board:
            started = time.monotonic()
            while (passed := time.monotonic() - started) < 60 * MINUTES:
                cloud = random.choice([0, 0, 0, 0, -60, 40])
                board.set_light(max(0, min(1023, round(420 - 400 * math.cos(2 * math.pi * passed / A_DAY) + cloud))))
                time.sleep(1)
            board.set_light(140)
            board.led_becomes(True)
            with browser(*LAPTOP) as driver:
                driver.get(page[0])
                time.sleep(7)  # until the next reading, with its pulses
                driver.save_screenshot(str(ROOT / "docs/page.png"))
            board.set_light(400)
            board.led_becomes(False)
            with browser(740, 690) as driver:
                file = state / "board.html"
                file.write_text(BOARD.format(page=board.url, frame=FRAME), encoding="utf-8")
                driver.get(file.as_uri())
                time.sleep(2)  # the frame's own script draws the LED
                driver.save_screenshot(str(ROOT / "lessons/2-connect/board.png"))
    finally:
        run.interrupt()


def take_many(state: Path) -> None:
    """Thirty devices, played by one client: most of them well, some silent, some offline."""
    with ExitStack() as parts:
        broker = parts.enter_context(closing(embedded_broker()))
        port = free_port()
        arguments = ("--id", "class/+", "--broker", broker.url, "--port", str(port))
        page = parts.enter_context(closing(start_script("page/app.py", *arguments, XDG_STATE_HOME=str(state))))
        page.wait_for("MQTT connected!")
        until(lambda: answers(port))
        devices = parts.enter_context(closing(Stranger(broker.port)))
        silent, offline = {"class/seat-7"}, {"class/seat-12", "class/seat-23"}
        with browser(*LAPTOP) as driver:
            driver.get(f"http://127.0.0.1:{port}")
            for turn in range(8):
                for number in range(1, 31):
                    id, light = f"class/seat-{number}", random.Random(number).randrange(30, 640)
                    if turn and id in silent | offline:
                        continue
                    devices.publish(f"{id}/status", "online", retain=True)
                    devices.publish(f"{id}/telemetry", json.dumps({"light": light}))
                    devices.publish(f"{id}/led", json.dumps({"led_on": light < 300, "by": "server"}), retain=True)
                for id in offline:
                    devices.publish(f"{id}/status", "offline", retain=True)
                time.sleep(5)
            driver.save_screenshot(str(ROOT / "docs/many.png"))


def take_group(state: Path) -> None:
    """Four hundred members of a group, of which some are broken in each way, played by one client."""
    with ExitStack() as parts:
        broker = parts.enter_context(closing(embedded_broker()))
        port = free_port()
        arguments = ("--id", "stadium/+", "--broker", broker.url, "--port", str(port))
        page = parts.enter_context(closing(start_script("page/app.py", *arguments, XDG_STATE_HOME=str(state))))
        page.wait_for("MQTT connected!")
        until(lambda: answers(port))
        members = parts.enter_context(closing(Stranger(broker.port)))
        for led_on in (False, True):
            decision = {"led_on": led_on, "by": "median", "fresh": 15}
            members.publish("stadium/group", json.dumps(decision), retain=True)
            time.sleep(2)
        lights = random.Random(2)
        with browser(*LAPTOP) as driver:
            driver.get(f"http://127.0.0.1:{port}")
            for number in range(1, 401):
                id, light = f"stadium/seat-{number}", 0 if number % 8 == 0 else lights.randrange(190, 240)
                members.post(f"{id}/status", "offline" if number % 67 == 0 else "online")
                members.post(f"{id}/led", json.dumps({"led_on": number % 133 != 0, "by": "server"}))
                if number % 80:
                    reading = {"light": 1023 if number % 19 == 0 else light}
                    late = {"time": time.time() - 60} if number % 23 == 0 else {}
                    members.post(f"{id}/telemetry", json.dumps({**reading, **late}))
                    members.post(f"{id}/commands", json.dumps({"led_on": True}))
                time.sleep(0.005)  # as fast as one client may speak
            time.sleep(2)
            driver.save_screenshot(str(ROOT / "docs/group.png"))


@contextmanager
def browser(width: int, height: int) -> Iterator[webdriver.Chrome]:
    """A Chromium whose window shows so many pixels."""
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder), width, height) as driver:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        yield driver


if __name__ == "__main__":
    main()
