"""Pages: page/app.py as a process, and the whole nightlight that it shows."""

from __future__ import annotations

import itertools
import json
import time
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from pathlib import Path

import requests

from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker, mosquitto
from tests.kit.programs import PATIENCE, Program, answers, free_port, start_script, until
from tests.kit.stranger import Stranger

PASSWORD = "correct horse & <battery>"
"""Of the page that has one."""


class Page:
    """It may be killed, and starts again at the same address. What it keeps is in `folder`."""

    def __init__(self, broker: Broker, folder: Path, id: str, *options: str, broker_url: str = "") -> None:
        self.port = free_port()
        self.folder = folder
        self._options = ["--broker", broker_url or broker.url, "--id", id, "--port", str(self.port), *options]
        try:
            self.start()
        except AssertionError:
            self.close()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.program = start_script("page/app.py", *self._options, XDG_STATE_HOME=str(self.folder))
        until(lambda: answers(self.port) or not self.program.is_running, "the page's start")
        assert self.program.is_running, self.program.text

    @property
    def is_connected(self) -> bool:
        """As far as it has said."""
        said = [line for line in self.program.lines if line.startswith(("MQTT connected!", "The connection is lost"))]
        return said[-1:] == ["MQTT connected!"]

    def get(self, path: str, **more: str) -> requests.Response:
        """As a program asks for it, with these headers."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        with requests.Session() as session:
            session.trust_env = False
            return session.get(self.url + path, headers=headers, timeout=PATIENCE, allow_redirects=False)

    def close(self) -> None:
        self.program.close()


class Kitchen:
    """Mosquitto, CounterFit, device, server and page, and a stranger who hears all that they say."""

    id = "kitchen"

    def __init__(self, folder: Path) -> None:
        with ExitStack() as parts:
            opened = parts.enter_context
            self.broker = opened(closing(mosquitto(folder)))
            self.board = opened(closing(CounterFit()))
            parts.callback(self._close_scripts)
            self.start_server()
            self.start_device()
            self.page = opened(closing(Page(self.broker, folder, self.id, "--board", self.board.name)))
            self.stranger = opened(closing(Stranger(self.broker.port, "#")))
            self._parts = parts.pop_all()

    def start_server(self) -> None:
        self.server = self._start("server/app.py")

    def start_device(self) -> None:
        self.device = self._start("device/app.py", "--board", self.board.name, "--interval", "1", "--sample", "0.1")

    def _close_scripts(self) -> None:
        """Those that run now: a test may have killed others."""
        self.server.close()
        self.device.close()

    def _start(self, script: str, *options: str) -> Program:
        return start_script(script, "--broker", self.broker.url, "--id", self.id, *options)

    def publish(self, kind: str, payload: str, retain: bool = False) -> None:
        self.stranger.publish(f"{self.id}/{kind}", payload, retain=retain)

    def calm(self) -> None:
        """In bright light, all parts there, and nobody wants anything."""
        for part in (self.broker, self.board, self.page):
            if not part.program.is_running:  # a test that failed has left it so
                part.start()
        if not self.server.is_running:
            self.start_server()
        if not self.device.is_running:
            self.start_device()
        until(lambda: self.stranger.is_connected and self.page.is_connected, "the connections")
        self.publish("override", "", retain=True)
        self.board.set_light(1000)
        self.board.led_becomes(False)

    def close(self) -> None:
        self._parts.close()


class Lamps(Page):
    """A page of many lamps, `<name>/seat-1` and so on, which only their messages stand in for."""

    def __init__(self, broker: Broker, folder: Path, name: str, *options: str) -> None:
        super().__init__(broker, folder, f"{name}/+", *options)
        self.name = name

    def tell(self, stranger: Stranger, count: int) -> None:
        """What they say: the first is off, the second on, the third silent, the fourth offline, and so on.

        It is said now, since who says nothing for 30 s is silent.
        """
        begin = time.time()
        first = f"/history.csv?id={self.name}/seat-{count}"

        def has_come() -> bool:
            *_, newest = self.get(first).text.splitlines()
            return newest[:1].isdigit() and datetime.fromisoformat(newest.partition(",")[0]).timestamp() > begin - 0.001

        while True:
            until(lambda: self.is_connected, "the page's connection")
            self._tell(stranger, count)
            with suppress(AssertionError):  # it is connected, but had not subscribed yet
                until(has_come, first, 5)
                return

    def _tell(self, stranger: Stranger, count: int) -> None:
        for number in reversed(range(count)):
            id, kind = f"{self.name}/seat-{number + 1}", number % 4
            stranger.post(f"{id}/status", "offline" if kind == 3 else "online")
            stranger.post(f"{id}/led", json.dumps({"led_on": kind == 1, "by": "server"}))
            late = {"time": time.time() - 3600} if kind == 2 else {}
            stranger.post(f"{id}/telemetry", json.dumps({"light": 100 * kind, **late}))
        stranger.publish(f"{self.name}/seat-1/telemetry", '{"light": 0}')


class Group:
    """A group of lamps on a page of `town/+/+`, which only its messages stand in for; it has a name of its own."""

    numbers = itertools.count(1)

    def __init__(self, page: Page, stranger: Stranger) -> None:
        self.page, self._stranger = page, stranger
        self.name = f"town/hall-{next(self.numbers)}"

    def is_decided(self, led_on: bool, by: str = "median", fresh: float = 600) -> None:
        """As a server says it."""
        state = {"led_on": led_on, "by": by, "fresh": fresh}
        self._stranger.publish(f"{self.name}/group", json.dumps(state), retain=True)

    def has(self, *lights: int) -> None:
        """Members 1, 2 and so on that are online, and report these."""
        for number, light in enumerate(lights, start=1):
            self.says(number, status="online", telemetry={"light": light})

    def says(self, member: int | str, **messages: object) -> None:
        """What a member says, or what is said to it, kind by kind."""
        for kind, payload in messages.items():
            text = payload if isinstance(payload, str) else json.dumps(payload)
            self._stranger.publish(f"{self.name}/{member}/{kind}", text)

    def forget(self) -> None:
        for kind in ("group", "override"):
            self._stranger.publish(f"{self.name}/{kind}", "", retain=True)
