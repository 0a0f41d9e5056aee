"""What must not be lost: two promises, put to the test at full length.

    python -m tests.faults.promises                    (after `python3 run.py test`, which installs what it needs)

`--offline keep`: each reading arrives, in order, through kills of the device and of the broker at random moments.
`--commands in-order`: each command is handed to the device's loop once, in order, through disconnections.
The exit status is 1 if a promise is broken. The test suite does the same in small.
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

from tests.faults.network import Proxy
from tests.kit.boards import CounterFit, counting_board
from tests.kit.brokers import lasting_mosquitto
from tests.kit.order import came_in_turn
from tests.kit.programs import Program, start_script, until
from tests.kit.stranger import Stranger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=20_000, help="default 20000")
    parser.add_argument("--kills", type=int, default=20, help="every second one the device's, the others the broker's")
    parser.add_argument("--commands", type=int, default=2_000, help="default 2000")
    parser.add_argument("--cuts", type=int, default=20, help="of the device's connection")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    kept = readings_arrive(options.readings, options.kills, chance)
    ordered = commands_arrive(options.commands, options.cuts, chance)
    sys.exit(0 if kept and ordered else 1)


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


def commands_arrive(commands: int, cuts: int, chance: random.Random) -> bool:
    """The connection is cut in the middle of each stretch of commands."""
    with ExitStack() as parts:
        broker = parts.enter_context(lasting_mosquitto())
        network = parts.enter_context(closing(Proxy(broker.port)))
        stranger = parts.enter_context(closing(Stranger(broker.port)))
        board = parts.enter_context(closing(CounterFit()))
        options = ["--id", "room", "--broker", network.url, "--board", board.name, "--commands", "in-order"]
        device = parts.enter_context(closing(start_script("device/app.py", *options, "--alone", "never")))
        device.wait_for("MQTT connected!")
        sent = [chance.random() < 0.5 for _ in range(commands)]
        stranger.publish("room/commands", json.dumps({"led_on": sent[0]}))
        device.wait_for("Message received:")  # so it has subscribed
        stretch = commands // cuts
        for number, on in enumerate(sent[1:]):
            stranger.post("room/commands", json.dumps({"led_on": on}))
            if number % stretch == stretch // 2:
                connections = device.lines.count("MQTT connected!")
                network.cut()
            if number % stretch == stretch - 1:
                until(lambda: device.lines.count("MQTT connected!") > connections)  # noqa: B023 (used at once)

        def received() -> list[bool]:
            return ["True" in line for line in device.lines if line.startswith("Message received:")]

        deadline = time.monotonic() + 60
        while len(received()) < commands and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(2)  # for what comes twice
        connections = device.lines.count("MQTT connected!")
        obeyed = received()
    as_sent = obeyed == sent
    print(f"commands: {commands:,} sent, {connections - 1} disconnections, {len(obeyed):,} obeyed; as sent: {as_sent}")
    return as_sent


if __name__ == "__main__":
    main()
