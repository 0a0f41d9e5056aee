"""Which readings are answered, and what is remembered of each device."""

from __future__ import annotations

import tracemalloc

import pytest

from nightlight.messages import Command, Telemetry
from nightlight.rule import Rule
from server.devices import FORGOTTEN_AFTER, MOST_DEVICES, Answer, Devices
from tests.kit.clock import Clock

NOW = 1_800_000_000.0
A_YEAR = 365 * 86_400


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def timer() -> Clock:
    return Clock(1000.0)


@pytest.fixture
def devices(clock: Clock, timer: Clock) -> Devices:
    return Devices(Rule(), 30, clock, timer)


def is_answered(devices: Devices, id: str, light: int, time: float | None = None) -> bool:
    return bool(devices.answer(id, Telemetry(light, time)).commands)


# ---- what is decided ----


def test_each_reading_is_answered_by_the_rule(devices: Devices) -> None:
    assert devices.answer("room", Telemetry(80)) == Answer([("room", Command(led_on=True))])
    assert devices.answer("room", Telemetry(300)) == Answer([("room", Command(led_on=False))])


def test_hysteresis_is_each_device_s_own(clock: Clock) -> None:
    devices = Devices(Rule(300, hysteresis=50), 30, clock)
    for id, light, led_on in (
        ("a", 290, True),
        ("a", 349, True),
        ("b", 349, False),
        ("a", 350, False),
        ("a", 310, False),
    ):
        assert devices.answer(id, Telemetry(light)).commands == [(id, Command(led_on))]


# ---- what is too old ----


@pytest.mark.parametrize(("age", "answered"), [(0, True), (29, True), (31, False), (86_400, False), (NOW, False)])
def test_yesterday_s_darkness_is_not_answered(devices: Devices, age: float, answered: bool) -> None:
    assert is_answered(devices, "room", 80, NOW - age) is answered


def test_a_reading_older_than_one_that_was_answered_is_not(devices: Devices) -> None:
    assert is_answered(devices, "room", 80, NOW - 1)
    assert not is_answered(devices, "room", 900, NOW - 20)
    assert is_answered(devices, "hall", 900, NOW - 20), "another device"
    assert is_answered(devices, "room", 80, NOW - 1), "the same again, as QoS 1 may do"


def test_why_it_is_not_answered_is_told(devices: Devices) -> None:
    answer = devices.answer("room", Telemetry(80, NOW - 7200))
    assert answer == Answer((), "Not answered: a reading of room that is 2 hours old.")


def test_readings_that_come_late_are_not_taken_for_a_clock_that_is_behind(devices: Devices, clock: Clock) -> None:
    """They come faster than they were measured, so that their age shrinks."""
    for number in range(600):
        clock.now += 0.1
        assert not is_answered(devices, "room", 80, NOW - 7200 + 5 * number)


def test_a_slow_backlog_between_fresh_readings_is_not_taken_for_a_clock_that_is_behind(
    devices: Devices, clock: Clock
) -> None:
    """Each second an old reading, always a minute old, and each five seconds a fresh one."""
    for second in range(120):
        clock.now += 1
        assert not is_answered(devices, "room", 80, clock.now - 60)
        if second % 5 == 0:
            assert is_answered(devices, "room", 900, clock.now)


# ---- clocks that differ, and are set ----


def unanswered(devices: Devices, clock: Clock, error: float, seconds: int = 60) -> tuple[int, list[str]]:
    """For how many seconds a device with this clock goes unanswered, and what is said: a reading each second."""
    last, notices = 0, []
    for second in range(1, seconds + 1):
        clock.now += 1
        answer = devices.answer("room", Telemetry(80, clock.now + error))
        if not answer.commands:
            last = second
        if "clock" in answer.notice:
            notices.append(answer.notice)
    return last, notices


def test_a_clock_that_is_ahead_is_said_and_the_lamp_follows_at_once(devices: Devices, clock: Clock) -> None:
    said = "The clock of room is 60 minutes ahead of this one. Set the one that is wrong."
    assert unanswered(devices, clock, 3600) == (0, [said])
    assert not is_answered(devices, "room", 80, clock.now + 3600 - 40), "late by its own clock"


def test_a_clock_that_is_behind_is_said_and_the_lamp_follows_before_a_deputy_decides(
    devices: Devices, clock: Clock
) -> None:
    seconds, said = unanswered(devices, clock, -3600)
    assert seconds <= 11
    assert said == ["The clock of room is 60 minutes behind this one. Set the one that is wrong."]


@pytest.mark.parametrize("step", [5, 10, 25, 29])
def test_a_clock_that_is_set_back_a_little(devices: Devices, clock: Clock, step: int) -> None:
    assert unanswered(devices, clock, 0) == (0, [])
    seconds, said = unanswered(devices, clock, -step)
    assert seconds <= 11
    if step > 20:
        assert said == [f"The clock of room is {step} s behind this one. Set the one that is wrong."]


@pytest.mark.parametrize("error", [25, 3600, 10 * A_YEAR, -3600, -25, -10 * A_YEAR])
def test_a_clock_that_is_put_right_is_noticed_at_once(devices: Devices, clock: Clock, error: float) -> None:
    was_said = unanswered(devices, clock, error)[1] or error > 0
    assert unanswered(devices, clock, 0) == (0, ["The clock of room is right now."] if was_said else [])


def test_a_clock_before_1970(devices: Devices, clock: Clock) -> None:
    seconds, said = unanswered(devices, clock, -NOW - 86_400)
    assert seconds <= 11
    assert len(said) == 1


def test_a_clock_that_jumps_by_years_changes_little(devices: Devices, clock: Clock) -> None:
    for jump in (10 * A_YEAR, -10 * A_YEAR, 0):
        seconds, _ = unanswered(devices, clock, jump)
        assert seconds <= 11


# ---- what is remembered ----


def test_a_device_is_forgotten_an_hour_after_it_was_last_heard(devices: Devices, timer: Clock) -> None:
    devices.answer("old", Telemetry(80))
    timer.now += FORGOTTEN_AFTER - 1
    devices.answer("room", Telemetry(80))
    assert len(devices) == 2
    timer.now += 2
    assert not list(devices.due())
    assert len(devices) == 1


def test_ids_that_somebody_invents_take_little_memory(devices: Devices) -> None:
    tracemalloc.start()
    for number in range(2 * MOST_DEVICES):
        devices.answer(f"{number}", Telemetry(80, NOW))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(devices) == MOST_DEVICES
    assert taken < 30_000_000


def test_who_is_heard_all_the_while_is_not_forgotten_for_them(clock: Clock, timer: Clock) -> None:
    devices = Devices(Rule(300, hysteresis=50), 30, clock, timer)
    devices.answer("room", Telemetry(290))
    for number in range(MOST_DEVICES + 1000):
        devices.answer(f"{number}", Telemetry(80))
        if number % 1000 == 0:
            assert devices.answer("room", Telemetry(340)).commands == [("room", Command(led_on=True))], "as it was"
