"""A backlog of kept readings: how fast it drains, and how fast the LED follows meanwhile.

    .venv/bin/python bench/backlog.py          (after `python3 run.py test`, which installs what it needs)

Both scripts, the CounterFit app and Mosquitto with this project's mosquitto.conf are real. Beside it, from
the same run and on the same broker: paho-mqtt alone, publishing as many messages at QoS 1 as fast as it can.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bench.latency import light_to_led, our_mosquitto
from device.readings import Readings
from nightlight.messages import Telemetry
from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker
from tests.kit.programs import start_script, until


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=10_000, help="how many wait (default 10000)")
    parser.add_argument("--times", type=int, default=3, help="how often (default 3)")
    options = parser.parse_args()
    runs = [run(options.readings) for _ in range(options.times)]
    library, drained = [alone for alone, _, _ in runs], [ours for _, ours, _ in runs]
    ratio = statistics.median(ours / alone for alone, ours, _ in runs)
    taken = [seconds for _, _, reactions in runs for seconds in reactions]
    print("| kept readings | drain, a second | paho-mqtt alone, a second | ratio | light to LED: median | worst |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(
        f"| {options.readings:,} | {statistics.median(drained):,.0f} | {statistics.median(library):,.0f} | {ratio:.2f}"
        f" | {statistics.median(taken) * 1000:.0f} ms | {max(taken) * 1000:.0f} ms ({len(taken)} changes) |"
    )


def run(readings: int) -> tuple[float, float, list[float]]:
    """Messages a second of paho-mqtt alone and of the backlog, and seconds from light to LED meanwhile."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        broker = parts.enter_context(closing(our_mosquitto(folder)))
        board = parts.enter_context(closing(CounterFit()))
        alone = library_alone(broker, readings)
        parts.enter_context(closing(start_script("server/app.py", "--broker", broker.url))).wait_for("MQTT connected!")
        with closing(Readings(folder, "nightlight", readings)) as kept:
            for number in range(readings):
                kept.add(Telemetry(number % 1000, time.time() - 86_400 + number))
        arrivals = parts.enter_context(closing(Arrivals(broker)))
        options = ["--offline", "keep", "--keep-in", str(folder), "--broker", broker.url, "--board", board.name]
        parts.enter_context(closing(start_script("device/app.py", *options)))
        until(lambda: arrivals.late, "the first late reading")
        taken = []
        while len(arrivals.late) < readings:
            taken += light_to_led(board, 2)
        return alone, readings / (arrivals.late[readings - 1] - arrivals.late[0]), taken


class Arrivals:
    """Notes when each late reading arrives."""

    def __init__(self, broker: Broker) -> None:
        self.late: list[float] = []
        self._ready = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("nightlight/telemetry", 0)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._note
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert self._ready.wait(5)

    def _note(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if time.time() - json.loads(message.payload)["time"] > 3600:
            self.late.append(time.perf_counter())

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def library_alone(broker: Broker, messages: int) -> float:
    """Messages a second that paho-mqtt publishes at QoS 1, from the first to the last acknowledgement."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    until(client.is_connected)
    started = time.perf_counter()
    sent = [client.publish("bare/telemetry", b'{"light": 412, "time": 1795300000.5}', 1) for _ in range(messages)]
    for each in sent:
        each.wait_for_publish()
    taken = time.perf_counter() - started
    client.disconnect()
    client.loop_stop()
    return messages / taken


if __name__ == "__main__":
    main()
