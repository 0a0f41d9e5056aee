"""Fleet: the devices, their connections, and the day that they are in."""

from __future__ import annotations

import argparse
import math
import random
import secrets
import statistics
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bench.fleet.crowd import Crowd
from bench.fleet.device import Device, Tally
from bench.fleet.light import Day, sensors
from bench.fleet.limits import Witness, broker_is_full, no_command, queue_is_full
from bench.fleet.results import SHARES, Change, Methods, Rates
from device.reporter import Reporter
from nightlight.notices import warn

LOOK_EVERY = 0.25  # seconds from one look at what the methods would decide, and at the screen, to the next
STUCK_AFTER = 10  # seconds in which the broker lets nobody in
QUIET_FOR = 2  # seconds between the last connection and the first noon
LONGEST_WAIT = 0.005  # seconds
LARGEST_STEP = 0.05  # seconds; the sensors that were due for longer wait until their next turn


class Fleet:
    """Made of the options of python -m bench.fleet."""

    def __init__(self, options: argparse.Namespace, count: int) -> None:
        """OSError if there is no way to the broker."""
        self._options = options
        chance = random.Random(options.seed)
        self._tally = Tally()
        name = f"fleet{secrets.token_hex(3)}"
        self._devices = [
            Device(
                f"{options.id}/{number}",
                f"{name}-{number}",
                sensor,
                Reporter(options.interval, options.deadband),
                options.qos,
                self._tally,
            )
            for number, sensor in enumerate(sensors(count, options.broken, options.ways, chance), start=1)
        ]
        self._witness = Witness(name)
        self._crowd = Crowd(options.broker, [self._witness, *self._devices])
        self._day = Day(options.day)
        self._noon = math.inf  # the first, by time.monotonic()
        self._usual_offset = statistics.median(device.sensor.offset for device in self._devices)
        self._changes: list[Change] = []
        self._methods = Methods(options.methods, options.threshold, options.fresh)
        self._rates = Rates(self._tally)
        self._next, self._looked_at = 0, time.monotonic()
        self._stepped_at, self._longest_round = time.monotonic(), 0.0
        self._dropped_said = False
        self._shown_at = self._rated_at = 0.0
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)

    def assemble(self) -> None:
        """Let all in who can be; the light is that of noon."""
        grown_at, size = time.monotonic(), 0
        with self._live:
            while not self._crowd.is_settled:
                self._step()
                if len(self._crowd) > size:
                    grown_at, size = time.monotonic(), len(self._crowd)
                is_stuck = time.monotonic() - grown_at > STUCK_AFTER
                if not size and (is_stuck or self._crowd.refusal):
                    sys.exit(str(self._crowd.problem))
                if is_stuck:
                    break
            if not self._crowd.is_settled or self._crowd.is_full:
                online = sum(device.is_online for device in self._devices)
                warn(str(broker_is_full(online, len(self._devices), self._options.broker)))
            self._devices = [device for device in self._devices if device.is_online]
            start = time.monotonic() + QUIET_FOR
            while time.monotonic() < start:
                self._step()

    def play(self) -> None:
        """So many days, from noon to noon."""
        options = self._options
        self._noon = noon = time.monotonic()
        end = noon + options.days * options.day
        turns = list(self._day.changes(options.threshold - self._usual_offset, options.days))
        nexts = [*(at for at, _ in turns[1:]), options.days * options.day + turns[0][0]] if turns else []
        self._changes = [
            Change(noon + at, noon + (at + following) / 2, is_dark)
            for (at, is_dark), following in zip(turns, nexts, strict=True)
        ]
        self._rates.begin(noon)
        self._longest_round = 0.0
        self._witness.echoes.clear()
        with self._live:
            waiting = list(self._changes)
            while (now := time.monotonic()) < end or waiting:
                self._step()
                if waiting and now >= waiting[0].looked_at:
                    waiting.pop(0).look(self._devices)

    def report(self) -> list[str]:
        """What there is to say about it."""
        now = time.monotonic()
        broken = sum(device.sensor.fault is not None for device in self._devices)
        shares = " | ".join("all" if share == 1 else f"{share:.0%}".replace("%", " %") for share in SHARES)
        lines = [
            f"{len(self._devices):,} devices, {broken:,} of them broken, a day of {self._options.day:g} s:"
            " how soon their LEDs were right",
            "",
            f"| change of the day | {shares} | never |",
            f"| --- |{' --- |' * len(SHARES)} --- |",
            *(change.row(self._noon) for change in self._changes if change.seconds or change.never),
            "",
            *self._rates.rows(now),
            "",
            f"The longest round of the fleet's own loop took {self._longest_round:.2f} s.",
            *self._witness.rows(),
        ]
        if self._options.methods:
            lines += ["", *self._methods.rows()]
        if not self._tally.commands:
            lines += ["", str(no_command(self._options.id, self._options.broker.url))]
        if self._witness.dropped:
            lines += ["", f"The broker has thrown away {self._witness.dropped:,} messages."]
        return lines

    def close(self) -> None:
        """All say goodbye, and go."""
        for device in self._devices:
            device.leave()
        self._crowd.close()

    def _step(self) -> None:
        """Read, write, and look at the sensors that are due."""
        self._crowd.step(LONGEST_WAIT)
        now = time.monotonic()
        since_noon = max(0.0, now - self._noon)
        daylight = self._day.light(since_noon)
        for device in self._due(now):
            device.look(daylight)
        self._longest_round = max(self._longest_round, now - self._stepped_at)
        self._stepped_at = now
        if now - self._shown_at < LOOK_EVERY:
            return
        self._shown_at = now
        if now - self._rated_at >= 1:
            self._rates.look(now)
            self._witness.ask()
            self._rated_at = now
        is_dark = daylight + self._usual_offset < self._options.threshold
        if since_noon:
            self._methods.look(self._devices, now, is_dark)
        self._show(since_noon, daylight, is_dark)
        if self._witness.dropped and not self._dropped_said:
            self._dropped_said = True
            warn(str(queue_is_full(self._witness.dropped)))

    def _due(self, now: float) -> Iterator[Device]:
        """Whose sensor is due: all in turn, evenly. If we are late, all are later, and no crowd comes at once."""
        pause = self._options.sample / len(self._devices)
        count = min(int((now - self._looked_at) / pause), int(LARGEST_STEP / pause) + 1)
        self._looked_at = max(self._looked_at + count * pause, now - LARGEST_STEP)
        for _ in range(count):
            self._next = (self._next + 1) % len(self._devices)
            yield self._devices[self._next]

    def _show(self, since_noon: float, daylight: float, is_dark: bool) -> None:
        online = sum(device.is_online for device in self._devices)
        leds = sum(device.led_on for device in self._devices)
        out, into = self._rates.now
        self._live.update(
            Text(
                f"{online:,} of {len(self._devices):,} devices are connected; light {daylight:.0f},"
                f" {'dark' if is_dark else 'bright'}; {leds:,} LEDs are on\n"
                f"{since_noon:.0f} of {self._options.days * self._options.day:g} s;"
                f" {out:,.0f} messages a second out, {into:,.0f} in"
            ),
            refresh=True,
        )
