"""The page: how soon it is there, how soon the lamp follows, what it costs idle and with a thousand devices.

    .venv/bin/python bench/page.py [--changes 100] [--idle 30] [--devices 1000] [--minutes 1] [--group]

Everything is real: the scripts as processes, CounterFit, Mosquitto, a headless Chromium. The lamp on the page is timed
beside CounterFit's LED, in the same run. The thousand devices are one paho-mqtt client that sends a reading of each in
every second and reports their LEDs; the server's share of a core and how many it answers are taken twice, with the
page beside it and without. With --group it is announced that they are a group, so that the page shows and counts it.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

import paho.mqtt.client as mqtt
import psutil
import socketio
from paho.mqtt.enums import CallbackAPIVersion
from selenium import webdriver
from selenium.webdriver.common.by import By

from bench.latency import our_mosquitto
from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker
from tests.kit.browser import chromium
from tests.kit.programs import Program, answers, free_port, start_script, until

WATCH = """
    const lamp = document.querySelector('.lamp-page [role=img]');
    window.seen = [];
    new MutationObserver(() => window.seen.push([Date.now(), lamp.getAttribute('aria-label')]))
        .observe(lamp, {attributes: true, attributeFilter: ['aria-label']});
"""
FRAMES = """
    const done = arguments[0], begin = performance.now(); let frames = 0;
    const count = now => { frames += 1; now - begin < 5000 ? requestAnimationFrame(count) : done(frames / 5); };
    requestAnimationFrame(count);
"""
PAINT = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
LOADED = """
    const all = [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')];
    return all.reduce((sum, entry) => sum + entry.transferSize, 0);
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=100, help="changes of light (default 100)")
    parser.add_argument("--idle", type=int, default=30, help="seconds of steady light (default 30)")
    parser.add_argument("--devices", type=int, default=1000, help="at one reading a second each (default 1000)")
    parser.add_argument("--minutes", type=float, default=1, help="that they send (default 1)")
    parser.add_argument("--group", action="store_true", help="they are a group, which the page shows")
    options = parser.parse_args()
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        broker = parts.enter_context(closing(our_mosquitto(folder)))
        browser = parts.enter_context(chromium(folder, 1280, 800))
        one_lamp(broker, browser, folder, options.changes, options.idle)
        many_lamps(broker, browser, folder, options.devices, options.minutes, options.group)


def start_page(broker: Broker, folder: Path, *arguments: str) -> tuple[Program, str, float]:
    """The page, where it is, and the seconds until it answers."""
    port, started = free_port(), time.monotonic()
    page = start_script(
        "page/app.py", "--broker", broker.url, "--port", str(port), *arguments, XDG_STATE_HOME=str(folder)
    )
    until(lambda: answers(port))
    return page, f"http://127.0.0.1:{port}", time.monotonic() - started


def one_lamp(broker: Broker, browser: webdriver.Chrome, folder: Path, changes: int, seconds: int) -> None:
    with ExitStack() as parts:
        board = parts.enter_context(closing(CounterFit()))
        page, url, start = start_page(broker, folder, "--id", "kitchen", "--board", board.name)
        parts.enter_context(closing(page))
        scripts = [
            start_script("server/app.py", "--id", "kitchen", "--broker", broker.url),
            start_script("device/app.py", "--id", "kitchen", "--broker", broker.url, "--board", board.name),
        ]
        for script in scripts:
            parts.enter_context(closing(script)).wait_for("MQTT connected!")
        process = psutil.Process(page.process.pid)
        time.sleep(3)
        print(f"the page answers {start:.2f} s after its start")
        print(f"idle, without a browser: {share(process, seconds):.1f} % of a core")
        browser.get(url)
        until(lambda: browser.execute_script(PAINT) is not None)
        time.sleep(3)
        paint, loaded = browser.execute_script(PAINT), browser.execute_script(LOADED)
        print(f"first paint after {paint / 1000:.2f} s, {loaded / 1000:.0f} kB loaded")
        print(f"idle, with a browser: {share(process, seconds):.1f} % of a core")
        lamp, led = light_to_lamp(board, browser, changes)
        median, median_led, slow = statistics.median(lamp), statistics.median(led), sorted(lamp)[int(0.95 * len(lamp))]
        print(
            f"light to lamp on the page: median {1000 * median:.0f} ms, 95 % within {1000 * slow:.0f} ms;"
            f" CounterFit's LED: median {1000 * median_led:.0f} ms; ratio {median / median_led:.1f}"
        )


def light_to_lamp(board: CounterFit, browser: webdriver.Chrome, changes: int) -> tuple[list[float], list[float]]:
    """Seconds from each change of light to the lamp in the browser, and to the LED of CounterFit's own page."""
    leds: queue.Queue[float] = queue.Queue()
    own_page = socketio.Client()
    own_page.on("actuator_change5", lambda data: leds.put(time.time()))
    own_page.connect(board.url, transports=["websocket"])
    browser.execute_script(WATCH)
    lamp, led = [], []
    for change in range(changes):
        dark = change % 2 == 1
        time.sleep(random.uniform(0.3, 0.6))  # at any moment between two looks of the device
        browser.execute_script("window.seen = []")
        while not leds.empty():
            leds.get()
        started = time.time()
        board.set_light(100 if dark else 900)
        led.append(leds.get(timeout=10) - started)
        until(lambda: browser.execute_script("return window.seen.length"))
        at, name = browser.execute_script("return window.seen[0]")
        assert name.endswith("on" if dark else "off"), name
        lamp.append(at / 1000 - started)
    own_page.disconnect()
    return lamp, led


def many_lamps(
    broker: Broker, browser: webdriver.Chrome, folder: Path, count: int, minutes: float, is_group: bool
) -> None:
    with closing(start_script("server/app.py", "--quiet", "--id", "many/+", "--broker", broker.url)) as server:
        devices = Devices(broker, count, is_group)
        server_process = psutil.Process(server.process.pid)
        time.sleep(5)
        answered, alone = devices.answered, share(server_process, 20)
        rate_alone = (devices.answered - answered) / 20
        page, url, _ = start_page(broker, folder, "--id", "many/+", "--quiet")
        with closing(page):
            process = psutil.Process(page.process.pid)
            browser.get(url)
            until(lambda: len(browser.find_elements(By.CLASS_NAME, "tile")) > 0)
            frames = [browser.execute_async_script(FRAMES)]
            answered, beside = devices.answered, share(server_process, 20)
            rate_beside = (devices.answered - answered) / 20
            began, cpu, memory = time.monotonic(), sum(process.cpu_times()[:2]), [process.memory_info().rss / 1e6]
            while time.monotonic() - began < 60 * minutes:
                time.sleep(15)
                memory.append(process.memory_info().rss / 1e6)
            used = 100 * (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - began)
            browser.get(f"{url}/?group=2")
            frames.append(browser.execute_async_script(FRAMES))
            print(f"{count:,} devices: the page takes {used:.0f} % of a core; memory each 15 s, in MB:"
                  f" {' '.join(f'{mb:.0f}' for mb in memory)}")  # fmt: skip
            print(f"the browser's frames a second: {frames[0]:.0f} (all, folded), {frames[1]:.0f} (one group)")
            print(f"the server beside it: {rate_beside:.0f} decisions a second, {beside:.0f} % of a core;"
                  f" without the page: {rate_alone:.0f}, {alone:.0f} %")  # fmt: skip
        devices.close()


class Devices:
    """Many, in a thread: a reading of each in every second, and its LED whenever that changes."""

    def __init__(self, broker: Broker, count: int, is_group: bool) -> None:
        self.answered = 0
        self._count, self._leds, self._is_over = count, {}, threading.Event()  # type: ignore[var-annotated]
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(count)
        self._client.on_message = self._obey
        self._client.connect("127.0.0.1", broker.port)
        self._client.subscribe("many/+/commands", 1)
        self._client.loop_start()
        if is_group:
            state = {"led_on": True, "by": "median", "fresh": 15}
            self._client.publish("many/group", json.dumps(state), 1, retain=True)
        self._thread = threading.Thread(target=self._measure)
        self._thread.start()

    def _obey(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        self.answered += 1
        id, led_on = message.topic.rpartition("/")[0], json.loads(message.payload)["led_on"]
        if self._leds.get(id) is not led_on:
            self._leds[id] = led_on
            client.publish(f"{id}/led", json.dumps({"led_on": led_on, "by": "server"}), 1, retain=True)

    def _measure(self) -> None:
        lights = [random.randrange(600) for _ in range(self._count)]
        for number in range(self._count):
            self._client.publish(f"many/seat-{number}/status", "online", 1, retain=True)
        started, sent = time.monotonic(), 0
        while not self._is_over.is_set():
            number = sent % self._count
            lights[number] = max(0, min(1000, lights[number] + random.randrange(-40, 41)))
            self._client.publish(f"many/seat-{number}/telemetry", json.dumps({"light": lights[number]}), 1)
            sent += 1
            time.sleep(max(0, started + sent / self._count - time.monotonic()))

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()


def share(process: psutil.Process, seconds: float) -> float:
    """Per cent of a core that it takes meanwhile."""
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return 100 * (sum(process.cpu_times()[:2]) - before) / seconds


if __name__ == "__main__":
    main()
