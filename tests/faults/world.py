"""World: a whole nightlight, every part a real process, every connection one that can fail.

device --- device_network --- broker --- server_network --- server
device --- board_network --- board
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import cycle
from pathlib import Path

import requests

from tests.faults.network import Proxy
from tests.faults.script import Script, Usage
from tests.kit import microcontroller
from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker, mosquitto
from tests.kit.locked import LockedBroker
from tests.kit.microcontroller import flash
from tests.kit.stranger import Stranger

ID = "room"
STAND_IN = Path(__file__).parent / "stand_in"
STAND_IN_MICROPYTHON = Path(__file__).parent / "stand_in_micropython"
STEADY = 0.3
"""Seconds. An LED that is right for less may have been so by chance."""


class World:
    """The LED follows the light, as long as nobody does it any harm."""

    def __init__(self, *device_options: str, is_locked: bool = False, is_micro: bool = False) -> None:
        """`is_locked`: with a broker that run.py lock has made, so that all connections are TLS.

        `is_micro`: the device is a microcontroller.
        """
        self._device_options = device_options
        self._is_locked = is_locked
        self._is_micro = is_micro
        self._parts = ExitStack()
        self._listeners: list[Stranger] = []
        self._lights = {dark: values(dark) for dark in (True, False)}

    def __enter__(self) -> World:
        with self._parts:  # closes all of them if one does not start
            self.folder = Path(self._parts.enter_context(tempfile.TemporaryDirectory()))
            self.broker = self._start_mosquitto()
            self.board = self._parts.enter_context(closing(CounterFit()))
            self.device_network = self._network(self.broker.port)
            self.server_network = self._network(self.broker.port)
            self.board_network = self._network(self.board.port)
            self.listen()
            self.server = self._script("server/app.py", "server", self.server_network)
            self.server.program.wait_for("MQTT connected!")
            self.device = self._device(self.device_network, self.board_network.port)
            self.led_follows_within(30)
            self.before: dict[Script, Usage] = {script: script.usage for script in (self.device, self.server)}
            self._parts = self._parts.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()

    def _start_mosquitto(self) -> Broker:
        if self._is_locked:
            return self._parts.enter_context(closing(LockedBroker.new(self.folder / "locked", ID)))
        settings = ["listener {port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true"]
        settings += ["persistence true", f"persistence_location {self.folder}/"]
        return self._parts.enter_context(closing(mosquitto(self.folder, *settings)))

    def _network(self, target: int) -> Proxy:
        return self._parts.enter_context(closing(Proxy(target)))

    def _device(self, network: Proxy, board_port: int) -> Script:
        board = f"127.0.0.1:{board_port}"
        if not self._is_micro:
            options = ["--board", f"counterfit://{board}", *self._device_options]
            return self._script("device/app.py", f"devices/{ID}", network, *options)
        home = flash(self.folder / f"flash-{network.port}", self.broker, "broker.test", network.port, ID=ID)
        return self._start(microcontroller.SCRIPT, "--flash", str(home), "--counterfit", board)

    def _script(self, name: str, party: str, network: Proxy, *options: str) -> Script:
        """By way of this network."""
        broker = self.broker.options(party, f"broker.test:{network.port}")
        return self._start(name, "--id", ID, *broker, *options)

    def _start(self, name: str, *options: str) -> Script:
        """In a folder for its state, as systemd would give it one."""
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        environment = {"PYTHONPATH": str(STAND_IN), "FAULTS": str(self.folder), "STATE_DIRECTORY": str(state)}
        environment |= {"MICROPYPATH": str(STAND_IN_MICROPYTHON), "NO_WIFI": str(self.folder / "no-wifi")}
        script = self._parts.enter_context(closing(Script(name, *options, **environment)))
        script.start()
        return script

    # ---- parts that come and go; whoever is told twice does nothing ----

    @property
    def networks(self) -> tuple[Proxy, Proxy]:
        """The ways to the broker."""
        return self.device_network, self.server_network

    def stop_broker(self, *, remembers: bool = False) -> None:
        """Kill it, and what it had in memory; or let it write that down before it ends."""
        for network in self.networks:
            network.refuse()
        if self.broker.program.is_running:
            self._listeners[-1].close()
            self.broker.program.terminate() if remembers else self.broker.kill()
        if not remembers:
            (self.folder / "mosquitto.db").unlink(missing_ok=True)

    def start_broker(self) -> None:
        if not self.broker.program.is_running:
            self.broker.start()
            self.listen()  # before anybody can say anything
        for network in self.networks:
            network.welcome()

    def stop_board(self) -> None:
        self.board_network.refuse()
        self.board.kill()

    def start_board(self) -> None:
        if not self.board.program.is_running:
            self.board.start()
        self.board_network.welcome()

    def start_what_was_killed(self) -> None:
        """As systemd would."""
        self.device.start()
        self.server.start()

    def rival_server(self, *options: str) -> Script:
        """Another server for the same id, with its own way to the broker."""
        return self._script("server/app.py", "server", self._network(self.broker.port), *options)

    def rival_device(self) -> Script:
        """Another device with the same id, with a board of its own, where it is always dark."""
        board = self._parts.enter_context(closing(CounterFit()))
        return self._device(self._network(self.broker.port), board.port)

    # ---- light and LED ----

    def move_light(self, dark: bool) -> None:
        """To a value that it has not had for long: a reading that is lost cannot be mistaken for another."""
        self.board.set_light(next(self._lights[dark]))

    def led_follows_within(self, seconds: float, since: float | None = None) -> float:
        """Move the light, both ways, and wait for the LED; returns the seconds until it first followed."""
        since = since or time.monotonic()
        first = 0.0
        for dark in (not self.board.led_on, self.board.led_on):
            self.move_light(dark)
            right_since = self._wait_for_led(dark, since + seconds)
            first = first or right_since - since
        return first

    def _wait_for_led(self, on: bool, deadline: float) -> float:
        """The moment since which it is right, and stays so for a while."""
        right_since = None
        while not right_since or time.monotonic() < right_since + STEADY:
            if self.board.led_on != on:
                right_since = None
            elif not right_since:
                right_since = time.monotonic()
            assert right_since or time.monotonic() < deadline, f"the LED does not go {'on' if on else 'off'}\n{self}"
            time.sleep(0.03)
        return right_since

    def hold(self, seconds: float) -> bool:
        """Let time pass while the light goes on and off; whether the LED moves, the first second aside."""
        start = time.monotonic()
        seen = set()
        for dark in cycle((True, False)):
            passed = time.monotonic() - start
            if passed >= seconds:
                break
            try:
                self.move_light(dark)
                time.sleep(0.25)
                if passed > 1:
                    seen.add(self.board.led_on)
            except requests.ConnectionError:  # the board has been killed
                time.sleep(0.25)
        return len(seen) > 1

    # ---- what was said and heard ----

    def listen(self) -> None:
        """Hear everything that the broker passes on."""
        self._listeners.append(self.broker.listen(f"{ID}/#"))
        self._parts.callback(self._listeners[-1].close)

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """As a stranger, if there is a broker."""
        if self.broker.program.is_running:
            self._listeners[-1].publish(f"{ID}/{topic}", payload, retain=retain)

    @property
    def readings(self) -> tuple[int, int]:
        """How many readings the device has sent, and how many of them the broker never passed on."""
        sent = [line.removeprefix("Light level: ") for line in self.device.lines if line.startswith("Light level: ")]
        heard = [payload for each in self._listeners for topic, payload in each.heard if topic == f"{ID}/telemetry"]
        lost = Counter(b'{"light": %s}' % light.encode() for light in sent) - Counter(heard)
        return len(sent), lost.total()

    def check_alive(self) -> None:
        """AssertionError if a process has ended, printed a traceback, or takes more than before."""
        assert self.broker.program.is_running, self.broker.program.text
        assert self.board.program.is_running, self.board.program.text
        for script, before in self.before.items():
            script.check(before)

    def __str__(self) -> str:
        return "\n".join(
            f"{script.name}:\n  " + "\n  ".join(script.lines[-15:]) for script in (self.device, self.server)
        )


def values(dark: bool) -> Iterator[int]:
    """Light levels on one side of the threshold, each more than the deadband away from the one before."""
    return cycle([value for step in range(20) for value in range(step, 280, 20)] if dark else range(400, 1000))
