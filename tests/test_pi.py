"""The device on a Raspberry Pi, as a process, on a stand-in for the kernel's I2C bus and on mock pins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.kit.brokers import Broker
from tests.kit.pi import HATS, DeviceOnPi
from tests.kit.programs import Program

Start = Callable[..., Program]
StartPi = Callable[..., DeviceOnPi]

TRIES = "Trying again..."


@pytest.fixture
def start_pi(broker: Broker) -> Iterator[StartPi]:
    """As in start_pi("--board", "pi", hat="STM32"): the device on a Pi, ended with the test."""
    with ExitStack() as pis:
        yield lambda *options, **bus: pis.enter_context(
            closing(DeviceOnPi("--id", "room", "--broker", broker.url, *options, **bus))
        )


@pytest.fixture
def server(start: Start, broker: Broker) -> Program:
    server = start("server/app.py", "--id", "room", "--broker", broker.url)
    server.wait_for("MQTT connected!")
    return server


def follows(pi: DeviceOnPi) -> None:
    for light in (100, 900):
        pi.set(light=light)
        pi.led_becomes(light < 300)


@pytest.mark.parametrize("hat", HATS)
def test_the_led_follows_the_light_on_each_hat(server: Program, start_pi: StartPi, hat: str) -> None:
    pi = start_pi("--board", "pi", hat=hat)
    pi.wait_for("Light level: 1000")
    for _ in range(3):
        follows(pi)


def test_a_hat_is_found_by_itself(server: Program, start_pi: StartPi) -> None:
    follows(start_pi())


@pytest.mark.parametrize("end", [Program.interrupt, Program.terminate], ids=["Ctrl+C", "SIGTERM"])
def test_the_led_is_off_when_the_program_ends(
    server: Program, start_pi: StartPi, end: Callable[[Program], int]
) -> None:
    pi = start_pi("--board", "pi", light=0)
    pi.led_becomes(True)
    assert end(pi) == 0
    assert pi.lines[-1] == "LED at the end: off"


def test_a_cable_is_pulled_for_10_seconds_and_put_back(server: Program, start_pi: StartPi) -> None:
    pi = start_pi("--board", "pi")
    follows(pi)
    pi.set(hat=None, light=100)
    pi.wait_for("No Grove Base Hat answers")
    time.sleep(10)  # the pull itself, not a wait for something
    pi.set(hat="MM32")
    pi.led_becomes(True)
    pi.wait_for("The board answers.")
    follows(pi)
    assert sum(TRIES in line for line in pi.lines) == 1, pi.text


def test_a_bus_that_fails_now_and_then_is_not_worth_a_line(server: Program, start_pi: StartPi) -> None:
    pi = start_pi("--board", "pi")
    follows(pi)
    pi.set(fail_every=5)
    for _ in range(5):
        follows(pi)
    assert not pi.says(TRIES), pi.text


def test_a_bus_that_is_stuck_recovers(server: Program, start_pi: StartPi) -> None:
    pi = start_pi("--board", "pi")
    follows(pi)
    pi.set(stuck=True)
    pi.wait_for("I2C bus 1 is stuck")
    pi.set(stuck=False, light=100)
    pi.led_becomes(True)


def test_the_hat_may_come_later_and_be_another(server: Program, start_pi: StartPi) -> None:
    pi = start_pi("--board", "pi", hat=None, light=100)
    pi.wait_for("No Grove Base Hat answers")
    pi.set(hat="STM32")
    pi.led_becomes(True)


def test_the_socket_is_an_option(server: Program, start_pi: StartPi) -> None:
    pi = start_pi("--board", "pi", "--light-pin", "2")
    pi.wait_for("Light level: 0")
    assert [8, 0x32] in pi.set()["asked"]


def test_the_bus_is_an_option(server: Program, start_pi: StartPi) -> None:
    pi = start_pi("--board", "pi", "--i2c-bus", "3")
    pi.wait_for("There is no /dev/i2c-3.")
