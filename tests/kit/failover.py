"""What a nightlight on a cluster of brokers does when a node is killed."""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from contextlib import ExitStack, closing
from typing import NamedTuple

from tests.kit.boards import LOOK, CounterFit
from tests.kit.cluster import Cluster
from tests.kit.programs import PATIENCE, Program, start_script, until
from tests.kit.stranger import Stranger

DEVICE, SERVER, RECORDER = range(3)
"""Who is on which node."""


class Failover(NamedTuple):
    """What became of one."""

    seconds: float
    """From the kill until the LED followed the light again."""
    readings: int
    """How many the device kept until the broker had them; each was heard."""


def fail_over(cluster: Cluster, board: CounterFit, victim: int, steady: bool = False) -> Failover:
    """Kill the node of the DEVICE or of the SERVER while they work, and start it again.

    Then the light changes; in `steady` light only once, so that the reading which comes meanwhile has to do.
    AssertionError if the LED never follows, or if a reading that the device has kept is never heard.
    """
    first, second, _ = cluster.urls
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory())
        recorder = parts.enter_context(closing(Stranger(cluster.nodes[RECORDER].port, "room/telemetry")))
        server = start_script("server/app.py", "--id", "room", "--broker", second, "--broker", first)
        parts.enter_context(closing(server))
        options = ["--broker", f"{first},{second}", "--board", board.name, "--alone", "never", "--deadband", "1"]
        device = start_script("device/app.py", "--id", "room", *options, "--offline", "keep", "--keep-in", folder)
        parts.enter_context(closing(device))
        server.wait_for(f"Broker: 127.0.0.1:{cluster.nodes[SERVER].port}")
        device.wait_for(f"Broker: 127.0.0.1:{cluster.nodes[DEVICE].port}")
        led_follows(board, True, steady)

        cluster.kill(victim)
        seconds = led_follows(board, False, steady)
        until(lambda: readings_said(device) <= readings_heard(recorder), "each kept reading")
        readings = len(readings_said(device))
    cluster.restart(victim)
    return Failover(seconds, readings)


def led_follows(board: CounterFit, dark: bool, steady: bool) -> float:
    """Seconds until the LED is as it should be, while the light goes on changing a little, unless it is `steady`."""
    started = time.monotonic()
    level = 100 if dark else 400
    levels = itertools.repeat(level) if steady else itertools.count(level)
    while time.monotonic() - started < PATIENCE:
        board.set_light(next(levels))
        if board.led_on == dark:
            return time.monotonic() - started
        time.sleep(LOOK)
    raise AssertionError(f"LED {'on' if dark else 'off'} did not happen within {PATIENCE} s")


def readings_said(device: Program) -> set[int]:
    return {int(line.split()[-1]) for line in list(device.lines) if line.startswith("Light level:")}


def readings_heard(recorder: Stranger) -> set[int]:
    return {json.loads(payload)["light"] for _, payload in list(recorder.heard)}
