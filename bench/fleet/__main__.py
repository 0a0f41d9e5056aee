"""Many devices in one process, each with its own connection, some of them broken: how soon is every LED right?

    .venv/bin/python -m bench.fleet --devices 2000 --start-server
    .venv/bin/python -m bench.fleet --devices 500 --broker mqtt://192.168.1.20      # and a server of your own there

A day is played, from noon to noon: the light falls, crosses the threshold at dusk, and again at dawn. To the broker and
the server each device is what device/app.py is: readings, commands, LED, status, last will. Broken sensors are stuck
dark or bright, silent, or send noise. At the end tables in Markdown tell how soon the LEDs followed.
"""

from __future__ import annotations

import argparse
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bench.fleet.crowd import Crowd
from bench.fleet.device import Device, Tally
from bench.fleet.light import FAULTS, Day, sensors
from bench.fleet.limits import Witness, broker_is_full, no_command, queue_is_full, room_for
from bench.fleet.results import ALL_METHODS, SHARES, Change, Methods, Rates
from device.reporter import Reporter
from nightlight import explain
from nightlight.address import BrokerAddress
from nightlight.messages import MAX_LIGHT, METHODS
from nightlight.notices import Problem
from nightlight.rule import DEFAULT_THRESHOLD
from nightlight.settings import check_id, explained, seconds, whole_number
from tests.kit.brokers import mosquitto
from tests.kit.programs import start_script

MOST_DEVICES = 25_000  # Linux has 28,000 ports for connections from one address to one broker
LOOK_EVERY = 0.25  # seconds from one look at what the methods would decide, and at the screen, to the next
STUCK_AFTER = 10  # seconds in which the broker lets nobody in
QUIET_FOR = 2  # seconds between the last connection and the first noon
LONGEST_WAIT = 0.005  # seconds


def main() -> None:
    options = read_options()
    console = Console(stderr=True)
    with ExitStack() as parts:
        count, problem = room_for(options.devices)
        say(console, problem)
        if options.start_server:
            options.broker = started_server(options, parts)
        try:
            fleet = Fleet(options, count, console)
        except OSError as error:
            sys.exit(str(explain.failure(error, options.broker)))
        parts.enter_context(closing(fleet))
        try:
            fleet.assemble()
            fleet.play()
        except KeyboardInterrupt:
            pass
        print("\n".join(fleet.report()))


class Fleet:
    """The devices, their connections, and the day that they are in."""

    def __init__(self, options: argparse.Namespace, count: int, console: Console) -> None:
        """OSError if there is no way to the broker."""
        self._options, self._console = options, console
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
        self._noon = float("inf")  # the first, by time.monotonic()
        self._usual_offset = statistics.median(device.sensor.offset for device in self._devices)
        self._changes: list[Change] = []
        self._methods = Methods(options.methods, options.threshold, options.fresh)
        self._rates = Rates(self._tally)
        self._looks = 0
        self._looks_began = 0.0
        self._stepped_at, self._longest_round = time.monotonic(), 0.0
        self._dropped_said = False
        self._shown_at = self._rated_at = 0.0
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def assemble(self) -> None:
        """Let all in who can be; the light is that of noon."""
        grown_at, size = time.monotonic(), 0
        with self._live:
            self._looks_began = time.monotonic()
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
                say(self._console, broker_is_full(online, len(self._devices), self._options.broker))
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
        self._looks, self._looks_began, self._longest_round = 0, noon, 0.0
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
        ]
        if self._options.methods:
            lines += ["", *self._methods.rows()]
        if not self._tally.commands:
            lines += ["", str(no_command(self._options.id))]
        if self._witness.dropped:
            lines += ["", f"The broker has thrown away {self._witness.dropped:,} messages."]
        return lines

    def close(self) -> None:
        """All say goodbye, and get a second for it."""
        for device in self._devices:
            device.leave()
        self._crowd.close()

    def _step(self) -> None:
        """Read, write, and look at the sensors that are due."""
        self._crowd.step(LONGEST_WAIT)
        now = time.monotonic()
        since_noon = max(0.0, now - self._noon)
        daylight = self._day.light(since_noon)
        due = int((now - self._looks_began) / self._options.sample * len(self._devices))
        for number in range(max(self._looks, due - len(self._devices)), due):
            self._devices[number % len(self._devices)].look(daylight)
        self._looks = due
        self._longest_round = max(self._longest_round, now - self._stepped_at)
        self._stepped_at = now
        if now - self._shown_at < LOOK_EVERY:
            return
        self._shown_at = now
        if now - self._rated_at >= 1:
            self._rates.look(now)
            self._rated_at = now
        is_dark = daylight + self._usual_offset < self._options.threshold
        if since_noon:
            self._methods.look(self._devices, now, is_dark)
        self._show(since_noon, daylight, is_dark)
        if self._witness.dropped and not self._dropped_said:
            self._dropped_said = True
            say(self._console, queue_is_full(self._witness.dropped))

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


def started_server(options: argparse.Namespace, parts: ExitStack) -> BrokerAddress:
    """A Mosquitto with room for all, and a server beside it; where they are."""
    folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
    room = ("listener {port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 0")
    broker = parts.enter_context(closing(mosquitto(folder, *room)))
    group = [] if options.group == "none" else ["--group", options.group, "--fresh", str(options.fresh)]
    rule = ["--threshold", str(options.threshold), "--qos", str(options.qos)]
    server = start_script("server/app.py", "--id", f"{options.id}/+", "--broker", broker.url, *rule, *group)
    parts.enter_context(closing(server)).wait_for("MQTT connected!")
    return BrokerAddress.parse(broker.url)


def say(console: Console, problem: Problem | None) -> None:
    """In one line, however long it is, and above what moves."""
    if problem:
        console.print(str(problem), markup=False, highlight=False, soft_wrap=True)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.fleet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = parser.add_argument
    option("--devices", type=whole_number(1, MOST_DEVICES), default=2000, help="how many (default 2000)")
    option("--id", default="stadium", help="they are <id>/1, <id>/2, ... (default stadium)")
    option("--broker", type=explained(BrokerAddress.parse), default="mqtt://localhost", help="default mqtt://localhost")
    option("--start-server", action="store_true", help="start a Mosquitto and a server of their own for them")
    option("--group", choices=(*METHODS, "none"), default="median", help="of the server that it starts")
    option("--day", type=seconds(1, 86_400), default=120, help="seconds from noon to noon (default 120)")
    option("--days", type=whole_number(1, 1000), default=1, help="how many (default 1)")
    option("--broken", type=seconds(0, 100), default=30, help="per cent of the sensors (default 30)")
    option("--ways", type=one_of(FAULTS), default=FAULTS, help=f"how they are broken (default {','.join(FAULTS)})")
    option(
        "--methods", type=one_of(ALL_METHODS), default=(), help=f"tell what {','.join(ALL_METHODS)} would have decided"
    )
    option("--threshold", type=whole_number(0, MAX_LIGHT), default=DEFAULT_THRESHOLD, help="dark below (default 300)")
    option("--fresh", type=seconds(0.1, 1e9), default=15, help="seconds: an older reading does not count (default 15)")
    option("--interval", type=seconds(0.1, 86_400), default=5, help="seconds: a reading at least so often (default 5)")
    option("--sample", type=seconds(0.05, 86_400), default=0.5, help="seconds between looks at a sensor (default 0.5)")
    option("--deadband", type=whole_number(0, MAX_LIGHT), default=10, help="a change to be sent at once (default 10)")
    option("--qos", type=int, choices=(0, 1), default=1, help="quality of service (default 1)")
    option("--seed", type=int, default=1, help="of the random numbers, so that it can be played again (default 1)")
    options = parser.parse_args()
    try:
        check_id(options.id)
    except ValueError as error:
        parser.error(f"argument --id: {error}")
    if options.broker.tls or options.broker.transport != "tcp":
        parser.error("argument --broker: the fleet speaks plain MQTT: mqtt://")
    return options


def one_of(names: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """An option's type: some of these, with commas between them."""

    def parse(text: str) -> tuple[str, ...]:
        for name in (given := text.split(",")):
            if name not in names:
                raise ValueError(f"{name!r} is none of {', '.join(names)}")
        return tuple(given)

    return explained(parse)


if __name__ == "__main__":
    main()
