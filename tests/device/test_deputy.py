"""Who decides when no server does."""

from __future__ import annotations

import math

import pytest

from device.deputy import Deputy
from nightlight.messages import Command
from tests.kit.clock import Clock

ON, OFF = Command(led_on=True), Command(led_on=False)


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


@pytest.fixture
def deputy(clock: Clock) -> Deputy:
    return Deputy(15, 300, clock)


def test_it_waits_and_then_decides_by_the_same_rule(
    deputy: Deputy, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    deputy.asked()
    assert deputy.decide(80) is None
    clock.now += 14.9
    deputy.asked()
    assert deputy.decide(80) is None
    clock.now += 0.2
    assert deputy.decide(80) == ON
    assert deputy.decide(80) is None, "nothing new"
    assert deputy.decide(300) == OFF
    assert deputy.decide(299) == ON
    assert capsys.readouterr().out == "No command for 15 s: deciding alone.\n"


def test_the_server_takes_over_with_its_next_command(
    deputy: Deputy, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    deputy.asked()
    clock.now += 15
    assert deputy.decide(80) == ON
    deputy.answered()
    assert deputy.decide(900) is None
    assert "The server decides again." in capsys.readouterr().out
    clock.now += 1000
    assert deputy.decide(900) is None, "there was nothing to answer"


def test_an_answered_reading_starts_no_clock(deputy: Deputy, clock: Clock) -> None:
    for _ in range(10):
        deputy.asked()
        clock.now += 10
        deputy.answered()
        assert deputy.decide(80) is None


def test_never_is_never(clock: Clock) -> None:
    deputy = Deputy(math.inf, 300, clock)
    deputy.asked()
    clock.now += 1e9
    assert deputy.decide(80) is None
