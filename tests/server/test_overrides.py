"""What a person wants goes before the rule, until it is over."""

from __future__ import annotations

import pytest

from nightlight.messages import Command, Override, Telemetry
from nightlight.rule import Rule
from server.devices import MOST_DEVICES, Answer, Devices
from server.overrides import Overrides
from tests.kit.clock import Clock

NOW = 1_795_300_000.0
ON, OFF = [("room", Command(led_on=True))], [("room", Command(led_on=False))]
NOTHING = Override(None)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def timer() -> Clock:
    return Clock(100.0)


@pytest.fixture
def devices(clock: Clock, timer: Clock) -> Devices:
    return Devices(Rule(300), 30, clock, timer)


def test_it_is_answered_at_once_and_goes_before_the_rule(devices: Devices) -> None:
    assert devices.answer("room", Override(True)) == Answer(ON, "For room, a person decides: on.")
    assert devices.answer("room", Telemetry(400)) == Answer(ON)
    assert devices.answer("other", Telemetry(400)) == Answer([("other", Command(led_on=False))])
    assert devices.answer("room", Override(False)) == Answer(OFF, "For room, a person decides: off.")
    assert devices.answer("room", Telemetry(80)) == Answer(OFF)


def test_back_to_the_rule_at_once_by_the_newest_reading(devices: Devices, timer: Clock) -> None:
    devices.answer("room", Override(False))
    devices.answer("room", Telemetry(80))
    assert devices.answer("room", NOTHING) == Answer(ON, "For room, the rule decides again.")
    devices.answer("room", Override(False))
    timer.now += 31
    assert devices.answer("room", NOTHING).commands == (), "nobody knows how light it is now"


def test_null_where_nothing_was_wanted_changes_nothing(devices: Devices) -> None:
    assert devices.answer("room", NOTHING) == Answer()
    assert len(devices) == 0


def test_what_the_broker_tells_again_is_answered_again_but_not_said_again(devices: Devices) -> None:
    devices.answer("room", Override(True))
    assert devices.answer("room", Override(True)) == Answer(ON)


def test_it_ends_by_itself(devices: Devices, clock: Clock) -> None:
    answer = devices.answer("room", Override(True, until=NOW + 60))
    assert answer.commands == ON
    assert "a person decides: on until 20" in answer.notice
    devices.answer("room", Telemetry(400))
    clock.now += 60
    assert devices.answer("room", Telemetry(400)) == Answer(OFF), "also if nobody has noticed the end yet"
    assert list(devices.due()) == [Answer(OFF, "For room, the rule decides again.")]
    assert not list(devices.due())


def test_one_that_comes_before_the_end_of_another_is_noticed_stays(devices: Devices, clock: Clock) -> None:
    devices.answer("room", Override(True, until=NOW + 60))
    clock.now += 60
    devices.answer("room", Override(True))
    assert not list(devices.due())
    assert devices.answer("room", Telemetry(400)).commands == ON


def test_one_that_is_over_when_it_comes_is_none(devices: Devices) -> None:
    """As the broker tells a server that was away for a night."""
    assert devices.answer("room", Override(True, until=NOW - 1)) == Answer()


@pytest.mark.parametrize("until", [NOW + 1, 253_402_300_799.0])
def test_any_end_can_be_told(devices: Devices, until: float) -> None:
    assert " until " in devices.answer("room", Override(True, until)).notice


def test_hysteresis_knows_what_the_rule_has_decided_and_not_the_person() -> None:
    devices = Devices(Rule(300, hysteresis=50), 30)
    devices.answer("room", Telemetry(400))
    devices.answer("room", Override(True))
    devices.answer("room", Telemetry(320))
    assert devices.answer("room", NOTHING).commands == OFF


def test_it_outlives_what_is_known_of_the_device(devices: Devices, timer: Clock) -> None:
    devices.answer("room", Telemetry(400))
    devices.answer("room", Override(True))
    timer.now += 7200
    devices.answer("other", Telemetry(400))
    assert devices.answer("room", Telemetry(400)).commands == ON


def test_those_that_somebody_invents_are_bounded() -> None:
    overrides = Overrides(most=3)
    for number in range(5):
        overrides.put(f"{number}", Override(True))
    assert [overrides.wanted(f"{number}") for number in range(5)] == [None, None, True, True, True]
    assert MOST_DEVICES < 100_000
