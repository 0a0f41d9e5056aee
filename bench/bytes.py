"""What a device costs on the wire: its readings with all that they bring, and its keep-alive.

    .venv/bin/python bench/bytes.py [--minutes 3]          (on Linux; needs `ss`, from iproute2)

A device with one reading a minute, a server and Mosquitto are real. The system counts the bytes of the device's
connection, and its segments: each goes with 52 bytes of headers (20 of IPv4, 20 of TCP, 12 of TCP's timestamps).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

from tests.kit.boards import CounterFit
from tests.kit.brokers import mosquitto
from tests.kit.programs import Program, start_script, until

ID = "stadium/seat-123456"
HEADERS = 52  # bytes
ACKNOWLEDGED = 0.5  # seconds in which the last packets are acknowledged


class Traffic(NamedTuple):
    """So many bytes since the connection began, headers and all."""

    up: int
    down: int

    def since(self, before: Traffic) -> Traffic:
        return Traffic(self.up - before.up, self.down - before.down)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=3, help="how long (default 3)")
    minutes = parser.parse_args().minutes
    with ExitStack() as parts:
        broker = parts.enter_context(closing(mosquitto(Path(parts.enter_context(tempfile.TemporaryDirectory())))))
        board = parts.enter_context(closing(CounterFit()))
        board.set_light(412)  # the LED stays dark all the while
        server = parts.enter_context(
            closing(start_script("server/app.py", "--id", "stadium/+", "--broker", broker.url))
        )
        server.wait_for("MQTT connected!")
        options = ["--id", ID, "--broker", broker.url, "--board", board.name, "--interval", "60", "--alone", "never"]
        device = parts.enter_context(closing(start_script("device/app.py", *options)))
        device.wait_for("Message received")
        time.sleep(ACKNOWLEDGED)

        before = traffic(broker.port, device)
        board.set_light(700)
        until(lambda: commands(device) == 2)
        time.sleep(ACKNOWLEDGED)
        reading = traffic(broker.port, device).since(before)

        before = traffic(broker.port, device)
        until(lambda: commands(device) == 2 + minutes, seconds=60 * minutes + 30)
        time.sleep(ACKNOWLEDGED)
        minute = traffic(broker.port, device).since(before)

    print("| bytes, headers included | from the device | to the device |")
    print("| --- | --- | --- |")
    print(f"| a reading, its command, both acknowledgements | {reading.up} | {reading.down} |")
    print(f"| a minute: one reading, and the keep-alive | {minute.up / minutes:,.0f} | {minute.down / minutes:,.0f} |")


def traffic(port: int, device: Program) -> Traffic:
    """Of the device's connection to the broker, as the system has counted it."""
    command = ["ss", "-tinpHO", "state", "established", f"dport = :{port}"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    [line] = [line for line in lines if f"pid={device.process.pid}," in line]
    counted = {name: int(count) for name, count in re.findall(r"(\w+):(\d+)", line)}
    up = counted["bytes_sent"] + HEADERS * counted["segs_out"]
    return Traffic(up, counted["bytes_received"] + HEADERS * counted["segs_in"])


def commands(device: Program) -> int:
    """So many readings have been answered."""
    return sum(line.startswith("Message received:") for line in device.lines)


if __name__ == "__main__":
    main()
