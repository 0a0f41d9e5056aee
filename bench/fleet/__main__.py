"""Many devices in one process, each with its own connection, some of them broken: how soon is every LED right?

    .venv/bin/python -m bench.fleet --devices 2000 --start-server
    .venv/bin/python -m bench.fleet --devices 500 --broker mqtt://192.168.1.20      # and a server of your own there

A day is played, from noon to noon: the light falls, crosses the threshold at dusk, and again at dawn. To the broker and
the server each device is what device/app.py is: readings, commands, LED, status, last will. Broken sensors are stuck
dark or bright, silent, or send noise. At the end tables in Markdown tell how soon the LEDs followed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from bench.fleet.fleet import Fleet
from bench.fleet.light import FAULTS
from bench.fleet.limits import room_for
from bench.fleet.results import ALL_METHODS
from nightlight import explain, notices
from nightlight.address import BrokerAddress
from nightlight.messages import MAX_LIGHT, METHODS
from nightlight.rule import DEFAULT_THRESHOLD
from nightlight.settings import check_id, explained, seconds, whole_number
from tests.kit.brokers import MOSQUITTO, mosquitto
from tests.kit.programs import Program, start_script, until

MOST_DEVICES = 25_000  # Linux has 28,000 ports for connections from one address to one broker


def main() -> None:
    options = read_options()
    notices.set_up()
    with ExitStack() as parts:
        count, problem = room_for(options.devices)
        if problem:
            notices.warn(str(problem))
        server = start_server(options, parts) if options.start_server else None
        try:
            fleet = Fleet(options, count)
        except OSError as error:
            sys.exit(str(explain.failure(error, options.broker)))
        parts.enter_context(closing(fleet))
        try:
            fleet.assemble()
            fleet.play()
        except KeyboardInterrupt:
            pass
        print(*fleet.report(), sep="\n")
        if server and server.lines:
            print("", "The server said:", *server.lines, sep="\n")


def start_server(options: argparse.Namespace, parts: ExitStack) -> Program:
    """Start a Mosquitto with room for all, which becomes the fleet's, and a server beside it."""
    if not MOSQUITTO:
        sys.exit("There is no Mosquitto on this machine for --start-server. https://mosquitto.org/download/")
    folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
    room = ("listener {port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 0")
    broker = parts.enter_context(closing(mosquitto(folder, *room, "log_dest stderr", "log_type subscribe")))
    options.broker = BrokerAddress.parse(broker.url)
    group = [] if options.group == "none" else ["--group", options.group, "--fresh", str(options.fresh)]
    rule = ["--threshold", str(options.threshold), "--qos", str(options.qos)]
    where = ["--id", f"{options.id}/+", "--broker", broker.url]
    server = start_script("server/app.py", "--quiet", *where, *rule, *group)
    parts.enter_context(closing(server))
    until(lambda: broker.program.says("/+/telemetry") or not server.is_running, "the server's subscription")
    if not server.is_running:
        sys.exit(server.text)
    return server


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.fleet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = parser.add_argument
    option("--devices", type=whole_number(1, MOST_DEVICES), default=2000, help="how many (default 2000)")
    option("--id", default="stadium", help="they are <id>/1, <id>/2, ... (default stadium)")
    whose = parser.add_mutually_exclusive_group().add_argument
    whose("--broker", type=explained(BrokerAddress.parse), default="mqtt://localhost", help="default mqtt://localhost")
    whose("--start-server", action="store_true", help="start a Mosquitto and a server of their own for them")
    option("--group", choices=(*METHODS, "none"), default="median", help="of the server that it starts")
    option("--day", type=seconds(1, 86_400), default=120, help="seconds from noon to noon (default 120)")
    option("--days", type=whole_number(1, 1000), default=1, help="how many (default 1)")
    option("--broken", type=per_cent, default=30, help="per cent of the sensors (default 30)")
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


def per_cent(text: str) -> float:
    """An option's type."""
    with suppress(ValueError):
        if 0 <= (number := float(text)) <= 100:
            return number
    raise argparse.ArgumentTypeError(f"{text} is not from 0 to 100 (per cent)")


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
