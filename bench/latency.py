"""From light to LED: how long it takes, and what the idle device costs.

    .venv/bin/python bench/latency.py          (after `python3 run.py test`, which installs what it needs)

Everything is at its default and real: both scripts as processes, the CounterFit app, Mosquitto with
this project's mosquitto.conf and the embedded broker. Light is moved as CounterFit's page does it, and
the LED is seen when CounterFit tells its page. Beside it, from the same run, a bare loop: one read of
the sensor, two hops over the broker, one write to the LED, in plain requests and paho-mqtt.

Then once more with Mosquitto locked (run.py lock): TLS, and passwords.

The Raspberry Pi is a stand-in (tests/kit/pi.py): the real smbus2 and gpiozero on a bus and pins that are
not there, where a transfer takes as long as on a bus at 100 kHz. Its bare loop is the two hops alone.
"""

from __future__ import annotations

import argparse
import queue
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

import paho.mqtt.client as mqtt
import psutil
import requests
import socketio
from paho.mqtt.enums import CallbackAPIVersion

from tests.kit.boards import CounterFit
from tests.kit.brokers import MOSQUITTO, Broker, embedded_broker, mosquitto
from tests.kit.locked import LockedBroker
from tests.kit.pi import DeviceOnPi
from tests.kit.programs import ROOT, free_port, start_script, until

ID = "nightlight"
DEVICE = f"devices/{ID}"
LOCKED = "Mosquitto, locked"

Row = tuple[str, list[float], list[float], float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=200, help="changes of light per row (default 200)")
    parser.add_argument("--idle", type=int, default=60, help="seconds of steady light per row (default 60)")
    options = parser.parse_args()
    rows: list[Row] = []
    for name, start_broker in BROKERS.items():
        if name in ("Mosquitto", LOCKED) and not MOSQUITTO:
            print("Mosquitto is not installed; only the embedded broker is measured.", file=sys.stderr)
            continue
        with ExitStack() as parts:
            folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
            broker = parts.enter_context(closing(start_broker(folder)))
            board = parts.enter_context(closing(CounterFit()))
            # A locked broker does not let the bare loop in, so its reference is a plain one.
            plain = parts.enter_context(closing(our_mosquitto(folder))) if name == LOCKED else broker
            bare = bare_loop(plain, options.changes, board)
            server = parts.enter_context(closing(start_script("server/app.py", *broker.options("server"))))
            device_options = [*broker.options(DEVICE), "--board", board.name]
            device = parts.enter_context(closing(start_script("device/app.py", *device_options)))
            server.wait_for("MQTT connected!")
            device.wait_for("Message received")
            reaction = light_to_led(board, options.changes)
            messages, cpu, memory = idle(broker, device.process.pid, options.idle)
        rows.append((f"CounterFit, {name}", reaction, bare, messages, cpu, memory))
    if MOSQUITTO:
        rows += [on_a_pi(hat, options.changes, options.idle) for hat in ("MM32", "STM32")]
    show(rows)


def on_a_pi(hat: str, changes: int, seconds: int) -> Row:
    """The same with the device on a Pi that has this hat."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        broker = parts.enter_context(closing(our_mosquitto(folder)))
        bare = bare_loop(broker, changes)
        parts.enter_context(closing(start_script("server/app.py", "--broker", broker.url))).wait_for("MQTT connected!")
        pi = parts.enter_context(closing(DeviceOnPi("--broker", broker.url, hat=hat)))
        pi.wait_for("Message received")
        taken = []
        for change in range(changes):
            time.sleep(random.uniform(0.1, 0.3))  # at any moment between two looks of the device
            started = time.monotonic()
            pi.set(light=100 if change % 2 == 0 else 900)
            until(lambda: pi.changes and pi.changes[-1][0] > started, "the LED")  # noqa: B023 (used at once)
            taken.append(pi.changes[-1][0] - started)
        return f"Pi with {hat}, Mosquitto", taken, bare, *idle(broker, pi.process.pid, seconds)


def our_mosquitto(folder: Path) -> Broker:
    """Mosquitto with mosquitto.conf as it is, but for the ports."""
    port = free_port()
    lines = (ROOT / "mosquitto.conf").read_text()
    lines = lines.replace("listener 1883 0.0.0.0", f"listener {port} 127.0.0.1")
    lines = lines.replace("listener 9001 0.0.0.0", f"listener {free_port()} 127.0.0.1")
    return mosquitto(folder, *lines.splitlines(), port=port)


BROKERS: dict[str, Callable[[Path], Broker]] = {
    "Mosquitto": our_mosquitto,
    LOCKED: lambda folder: LockedBroker.new(folder / "locked", ID),
    "embedded": lambda _: embedded_broker(),
}


def light_to_led(board: CounterFit, changes: int) -> list[float]:
    """Seconds from each change of light to the change of the LED."""
    seen: queue.Queue[tuple[float, bool]] = queue.Queue()
    page = socketio.Client()
    page.on("actuator_change5", lambda data: seen.put((time.perf_counter(), data["value"])))
    page.connect(board.url, transports=["websocket"])
    taken = []
    for change in range(changes):
        dark = change % 2 == 0
        time.sleep(random.uniform(0.1, 0.3))  # at any moment between two looks of the device
        started = time.perf_counter()
        board.set_light(100 if dark else 900)
        while True:
            at, led_on = seen.get(timeout=10)
            if at > started and led_on == dark:
                break
        taken.append(at - started)
    page.disconnect()
    return taken


def bare_loop(broker: Broker, turns: int, board: CounterFit | None = None) -> list[float]:
    """Seconds for two hops over the broker at QoS 1; with a board, one read before and one write after them as well."""
    echoed = threading.Event()

    def echo(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        client.publish("bare/commands", message.payload, 1)

    def back(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        echoed.set()

    there, here = connect(broker, "bare/telemetry", echo), connect(broker, "bare/commands", back)
    http = requests.Session()
    http.trust_env = False
    taken = []
    for _ in range(turns):
        time.sleep(random.uniform(0.01, 0.03))
        started = time.perf_counter()
        light = http.get(f"{board.url}/sensor_value?port=0", timeout=5).json()["value"] if board else 100
        echoed.clear()
        here.publish("bare/telemetry", str(light), 1)
        assert echoed.wait(5)
        if board:
            http.post(f"{board.url}/actuator_value?port=5", json={"value": True}, timeout=5)
        taken.append(time.perf_counter() - started)
    for client in (there, here):
        client.disconnect()
        client.loop_stop()
    http.close()
    return taken


def connect(broker: Broker, topic: str, on_message: Callable[..., None]) -> mqtt.Client:
    """A plain client that has subscribed."""
    subscribed = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_socket_open = send_at_once
    client.on_connect = lambda client, *_: client.subscribe(topic, 1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = on_message
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    assert subscribed.wait(5)
    return client


def send_at_once(client: mqtt.Client, userdata: Any, connection: Any) -> None:
    """The reference must not wait for Nagle's algorithm either."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def idle(broker: Broker, device: int, seconds: int) -> tuple[float, float, float]:
    """In steady light: telemetry a minute, the device's share of a core in %, its memory in MB."""
    process = psutil.Process(device)
    with closing(broker.listen("nightlight/telemetry")) as listener:
        before, started = process.cpu_times(), time.monotonic()
        time.sleep(seconds)
        after, took = process.cpu_times(), time.monotonic() - started
        telemetry = len(listener.heard)
    cpu = after.user + after.system - before.user - before.system
    return telemetry / took * 60, cpu / took * 100, process.memory_info().rss / 1e6


def show(rows: list[Row]) -> None:
    """The figures, as a table."""
    print(
        "| board and broker | light to LED: median | 95 % within | bare loop: median | 95 % within | ratio of medians |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name, reaction, bare, *_ in rows:
        ratio = statistics.median(reaction) / statistics.median(bare)
        print(f"| {name} | {milliseconds(reaction)} | {milliseconds(bare)} | {ratio:.1f} |")
    print("\n| board and broker | telemetry in steady light | idle device: processor | memory |")
    print("| --- | --- | --- | --- |")
    for name, _, _, messages, cpu, memory in rows:
        print(f"| {name} | {messages:.1f} a minute | {cpu:.1f} % of a core | {memory:.0f} MB |")


def milliseconds(taken: list[float]) -> str:
    """Median and 95th percentile, as two cells."""
    percentile = statistics.quantiles(taken, n=20)[-1]
    return f"{statistics.median(taken) * 1000:.1f} ms | {percentile * 1000:.1f} ms"


if __name__ == "__main__":
    main()
