"""Which readings are answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nightlight.messages import Telemetry
from server.freshness import Freshness
from tests.kit.clock import Clock

NOW = 1_800_000_000.0


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def freshness(clock: Clock) -> Freshness:
    return Freshness(stale=30, clock=clock)


def test_a_reading_without_a_time_is_of_now(freshness: Freshness) -> None:
    assert freshness.is_fresh("room", Telemetry(80))


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (29, True), (31, False), (86_400, False), (NOW, False)])
def test_yesterday_s_darkness_is_not_answered(freshness: Freshness, age: float, fresh: bool) -> None:
    assert freshness.is_fresh("room", Telemetry(80, NOW - age)) is fresh


def test_a_reading_older_than_one_that_was_answered_is_not(freshness: Freshness) -> None:
    assert freshness.is_fresh("room", Telemetry(80, NOW - 1))
    assert not freshness.is_fresh("room", Telemetry(900, NOW - 20))
    assert freshness.is_fresh("hall", Telemetry(900, NOW - 20)), "another device"
    assert freshness.is_fresh("room", Telemetry(80, NOW - 1)), "the same again, as QoS 1 may do"


def test_late_readings_are_summed_up_in_a_line(freshness: Freshness, warnings_said: Callable[[], list[str]]) -> None:
    for number in range(1000):
        assert not freshness.is_fresh("room", Telemetry(80, NOW - 7200 + number))
    assert warnings_said() == ["Not answered: a reading of room that is 2 hours old."]


def test_a_clock_that_is_ahead_is_said_and_the_lamp_still_follows(
    freshness: Freshness, clock: Clock, warnings_said: Callable[[], list[str]]
) -> None:
    for _ in range(5):
        clock.now += 5
        assert freshness.is_fresh("room", Telemetry(80, clock.now + 3600))
    assert warnings_said() == ["The clock of room is 60 minutes ahead of this one. Set the one that is wrong."]
    assert not freshness.is_fresh("room", Telemetry(80, clock.now + 3600 - 40)), "late by its own clock"


def test_a_clock_that_is_behind_is_noticed_and_the_lamp_follows_again(
    freshness: Freshness, clock: Clock, warnings_said: Callable[[], list[str]]
) -> None:
    answered = []
    for _ in range(8):
        answered.append(freshness.is_fresh("room", Telemetry(80, clock.now - 3600)))
        clock.now += 5
    assert answered == [False] * 4 + [True] * 4
    assert "The clock of room is 60 minutes behind this one. Set the one that is wrong." in warnings_said()


def test_readings_that_come_late_are_not_taken_for_a_clock_that_is_behind(freshness: Freshness, clock: Clock) -> None:
    """They come faster than they were measured, so that their age shrinks."""
    for number in range(600):
        clock.now += 0.1
        assert not freshness.is_fresh("room", Telemetry(80, NOW - 7200 + 5 * number))


def test_a_clock_that_jumps_by_years_changes_little(freshness: Freshness, clock: Clock) -> None:
    year = 365 * 86_400
    for jump in (10 * year, -10 * year, 0):
        clock.now += 1
        answered = []
        for _ in range(6):
            clock.now += 5
            answered.append(freshness.is_fresh("room", Telemetry(80, clock.now + jump)))
        assert answered[-1], "after 20 s at most"
