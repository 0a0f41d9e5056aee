"""After each fault, alone and in random pairs: the LED follows again, nothing has ended, nothing has grown."""

from __future__ import annotations

import random

import pytest

from tests.faults.catalogue import OF_A_MICROCONTROLLER, OF_A_SCRIPT, OF_THE_CONNECTION, Fault
from tests.faults.trial import trial
from tests.faults.world import World
from tests.kit.brokers import MOSQUITTO
from tests.kit.microcontroller import needs_micropython

pytestmark = [pytest.mark.faults, pytest.mark.skipif(not MOSQUITTO, reason="mosquitto is not installed")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each pair's name holds the seed that gives it again."""
    if "seed" in metafunc.fixturenames:
        first, count = metafunc.config.getoption("--fault-seed"), metafunc.config.getoption("--fault-pairs")
        seeds = range(first, first + count)
        metafunc.parametrize(
            "seed",
            [pytest.param(seed, id=f"--fault-seed {seed}: {names(pair(seed))}") for seed in seeds],
        )


def pair(seed: int) -> list[Fault]:
    return random.Random(seed).sample(OF_A_SCRIPT, 2)


def names(faults: list[Fault]) -> str:
    return " + ".join(map(str, faults))


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in OF_A_SCRIPT])
def test_the_led_follows_after(fault: Fault, request: pytest.FixtureRequest) -> None:
    """And the fault itself shows while it lasts, so that this cannot pass because nothing happens."""
    seconds = fault.full_seconds if request.config.getoption("--fault-full") else fault.seconds
    with World() as world:
        trial(world, [fault], seconds, random.Random(0), proves=True)
        world.check_alive()


IN_SMALL = ("broker killed", "device's connection cut", "server's connection forgotten", "connections slow", "name")


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, id=fault.name) for fault in OF_THE_CONNECTION if fault.name.startswith(IN_SMALL)],
)
def test_with_a_locked_broker_the_led_follows_after(fault: Fault) -> None:
    """All of them: python -m tests.faults.matrix --locked."""
    with World(is_locked=True) as world:
        trial(world, [fault], fault.seconds, random.Random(0), proves=True)
        world.check_alive()


TURNS = 5
"""A microcontroller lives through several faults, one after the other, in each of so many Worlds: one takes long to
start. What befalls the server alone is left to the matrix."""


@needs_micropython
@pytest.mark.parametrize("turn", range(TURNS))
def test_the_led_of_a_microcontroller_follows_after(turn: int) -> None:
    faults = [
        fault
        for fault in OF_A_MICROCONTROLLER
        if not fault.name.startswith(("server's", "server killed", "server frozen", "clock"))
    ]
    with World(is_micro=True) as world:
        for fault in faults[turn::TURNS]:
            trial(world, [fault], fault.seconds, random.Random(0), proves=True)
            world.check_alive()


@needs_micropython
def test_with_a_locked_broker_the_led_of_a_microcontroller_follows_after() -> None:
    with World(is_locked=True, is_micro=True) as world:
        for fault in OF_THE_CONNECTION:
            if fault.name.startswith(IN_SMALL):
                trial(world, [fault], fault.seconds, random.Random(0), proves=True)
                world.check_alive()


def test_the_led_follows_after_a_pair(seed: int) -> None:
    with World() as world:
        trial(world, pair(seed), max(fault.seconds for fault in pair(seed)), random.Random(seed))
        world.check_alive()
