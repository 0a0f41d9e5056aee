"""Who decides when no server does."""

from __future__ import annotations

import math

import pytest

from device.deputy import Deputy
from nightlight.messages import Command, LedState
from nightlight.rule import Rule
from tests.kit.clock import Clock

ON, OFF = LedState(led_on=True, by="device"), LedState(led_on=False, by="device")


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


@pytest.fixture
def deputy(clock: Clock) -> Deputy:
    return Deputy(15, Rule(), clock)


def test_what_the_server_says_is_passed_on_once(deputy: Deputy) -> None:
    deputy.heard(Command(led_on=False))
    deputy.heard(Command(led_on=True))
    assert deputy.decide(900) == LedState(led_on=True, by="server"), "of several commands the newest counts"
    assert deputy.decide(900) is None
    deputy.heard(Command(led_on=True))
    assert deputy.decide(None) == LedState(led_on=True, by="server"), "again: who knows what the board has been through"


def test_it_waits_and_then_decides_by_the_same_rule(deputy: Deputy, clock: Clock) -> None:
    deputy.asked()
    assert deputy.decide(80) is None
    clock.now += 14.9
    deputy.asked()
    assert deputy.decide(80) is None
    clock.now += 0.2
    assert deputy.decide(None) is None, "without a light there is nothing to decide by"
    assert deputy.decide(80) == ON
    assert deputy.decide(80) is None, "nothing new"
    assert deputy.decide(300) == OFF
    assert deputy.decide(299) == ON


def test_the_server_takes_over_with_its_next_command(deputy: Deputy, clock: Clock) -> None:
    deputy.asked()
    clock.now += 15
    assert deputy.decide(80) == ON
    deputy.heard(Command(led_on=True))
    assert deputy.decide(900) == LedState(led_on=True, by="server")
    clock.now += 1000
    assert deputy.decide(900) is None, "there was nothing to answer"


def test_an_answered_reading_starts_no_clock(deputy: Deputy, clock: Clock) -> None:
    for _ in range(10):
        deputy.asked()
        clock.now += 10
        deputy.heard(Command(led_on=True))
        assert deputy.decide(80) == LedState(led_on=True, by="server")


def test_hysteresis_goes_on_from_what_the_server_said(clock: Clock) -> None:
    deputy = Deputy(15, Rule(300, hysteresis=50), clock)
    deputy.heard(Command(led_on=True))
    deputy.decide(290)
    deputy.asked()
    clock.now += 15
    assert deputy.decide(349) == ON
    assert deputy.decide(350) == OFF
    assert deputy.decide(349) is None


def test_never_is_never(clock: Clock) -> None:
    deputy = Deputy(math.inf, Rule(), clock)
    deputy.asked()
    clock.now += 1e9
    assert deputy.decide(80) is None
