"""How a burst of readings is answered: how many, how fast, and what it costs the server in memory.

    .venv/bin/python bench/burst.py [--qos 1] [--ids 1000]

Each burst goes out as fast as a plain paho-mqtt client can send it, over Mosquitto; the same client counts the
commands. Beside it, as a reference, the time in which that client hears its own burst back, without a server.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

import psutil

from nightlight.messages import Command, Telemetry, id_of
from tests.kit.brokers import Broker, mosquitto
from tests.kit.programs import start_script, until
from tests.kit.stranger import Stranger

PATIENCE = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qos", default="1", choices=("0", "1", "2"), help="of the server (default 1)")
    parser.add_argument("--ids", type=int, default=1000, help="how many devices a burst comes from (default 1000)")
    options = parser.parse_args()
    print("| burst | answered | last ids right | seconds | its own echo | ratio | server's memory |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            "listener {port} 127.0.0.1",
            "allow_anonymous true",
            "set_tcp_nodelay true",
            "max_queued_messages 10000",
        ]
        with closing(mosquitto(Path(folder), *lines)) as broker:
            for size in (200, 300, 1000, 10_000):
                measure(broker, size, options.ids, options.qos)


def measure(broker: Broker, size: int, ids: int, qos: str) -> None:
    """Print one row."""
    echo, _ = burst(broker, size, ids, listen_to="many/+/telemetry")
    with closing(start_script("server/app.py", "--id", "many/+", "--broker", broker.url, "--qos", qos)) as server:
        server.wait_for("MQTT connected!")
        seconds, last = burst(broker, size, ids, listen_to="many/+/commands")
        memory = psutil.Process(server.process.pid).memory_info().rss / 1e6
        said = sum(line.startswith("Sending message") for line in server.lines)
        server.terminate()
    print(f"| {size:,} | {said:,} | {last} | {seconds:.2f} | {echo:.2f} s | {seconds / echo:.1f} | {memory:.0f} MB |")


def burst(broker: Broker, size: int, ids: int, listen_to: str) -> tuple[float, str]:
    """Seconds from the first reading to the last answer, and of how many ids the last one fits the newest reading."""
    chance = random.Random(1)
    with closing(Stranger(broker.port, listen_to)) as stranger:
        newest: dict[str, int] = {}
        started = time.monotonic()
        for number in range(size):
            newest[f"many/{number % ids}"] = light = chance.randrange(600)
            stranger.post(f"many/{number % ids}/telemetry", Telemetry(light).encode())
        until(lambda: len(stranger.heard) >= size, "every answer", PATIENCE)
        seconds = time.monotonic() - started
        last = {id_of(topic): payload for topic, payload in stranger.heard}
        right = sum(last.get(id) == Command(light < 300).encode() for id, light in newest.items())
    return seconds, f"{right:,} of {len(newest):,}"


if __name__ == "__main__":
    main()
