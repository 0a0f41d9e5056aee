"""What must not be lost: the promise of --offline keep, put to the test at full length.

    python -m tests.faults.promises                    (after `python3 run.py test`, which installs what it needs)

Each reading arrives, in order, through kills of the device and of the broker at random moments. The exit status is 1
if the promise is broken. The test suite does the same in small.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from tests.kit.boards import counting_board
from tests.kit.brokers import lasting_mosquitto
from tests.kit.order import came_in_turn
from tests.kit.programs import Program, start_script, until
from tests.kit.stranger import Stranger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=20_000, help="default 20000")
    parser.add_argument("--kills", type=int, default=20, help="every second one the device's, the others the broker's")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.exit(0 if readings_arrive(options.readings, options.kills, random.Random(options.seed)) else 1)


def readings_arrive(readings: int, kills: int, chance: random.Random) -> bool:
    """Each look at the sensor measures a new level, 1, 2, 3, ...; what was said to be measured has to arrive."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        broker = parts.enter_context(lasting_mosquitto())
        listener = parts.enter_context(closing(Stranger(broker.port, "room/telemetry", name="listener")))
        board = f"counterfit://127.0.0.1:{parts.enter_context(counting_board(readings))}"
        options = ["--id", "room", "--broker", broker.url, "--board", board, "--deadband", "1", "--sample", "0.01"]
        options += ["--offline", "keep", "--keep-in", str(folder), "--keep-at-most", str(readings)]
        devices: list[Program] = []

        def start_device() -> None:
            devices.append(parts.enter_context(closing(start_script("device/app.py", *options))))

        start_device()
        for kill in range(kills):
            wait_for_light(devices, int((kill + chance.random()) * readings / kills))
            if kill % 2:
                devices[-1].kill()
                start_device()
            else:
                broker.kill()
                time.sleep(chance.uniform(0, 3))
                broker.start()
        wait_for_light(devices, readings)
        said = {int(line.split()[-1]) for each in devices for line in each.lines if line.startswith("Light level:")}
        heard: list[int] = []
        deadline = time.monotonic() + 60
        while not came_in_turn(heard, said) and time.monotonic() < deadline:
            time.sleep(0.5)
            heard = [json.loads(payload)["light"] for _, payload in listener.heard]
    in_turn = came_in_turn(heard, said)
    print(
        f"readings: {len(said):,} measured, {kills} kills, {len(heard):,} messages,"
        f" {len(said - set(heard))} lost, {len(heard) - len(set(heard)):,} came twice; each in its turn: {in_turn}"
    )
    return in_turn


def wait_for_light(devices: list[Program], light: int) -> None:
    """Until the newest device has measured so much."""

    def reached() -> bool:
        levels = [line for line in devices[-1].lines[-5:] if line.startswith("Light level:")]
        return bool(levels) and int(levels[-1].split()[-1]) >= light

    until(reached, f"light level {light}", seconds=600)


if __name__ == "__main__":
    main()
