"""Which readings are sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.reporter import Reporter


class Clock:
    """A clock that a test moves by hand; in hundredths, so that sums stay exact."""

    def __init__(self) -> None:
        self.hundredths = 0

    def __call__(self) -> float:
        return self.hundredths / 100


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reporter(clock: Clock) -> Reporter:
    return Reporter(interval=5, deadband=10, clock=clock)


def send(reporter: Reporter, light: int, connection: int) -> None:
    reporter.is_due(light, connection)
    reporter.sent()


def test_the_first_reading_is_due(reporter: Reporter) -> None:
    assert reporter.is_due(0, connection=1)


def test_the_same_light_is_due_again_after_the_interval(reporter: Reporter, clock: Clock) -> None:
    send(reporter, 500, connection=1)
    clock.hundredths = 499
    assert not reporter.is_due(500, connection=1)
    clock.hundredths = 500
    assert reporter.is_due(500, connection=1)


@pytest.mark.parametrize(("light", "due"), [(500, False), (509, False), (491, False), (510, True), (490, True)])
def test_a_change_of_the_deadband_is_due_at_once(reporter: Reporter, light: int, due: bool) -> None:
    send(reporter, 500, connection=1)
    assert reporter.is_due(light, connection=1) is due


def test_small_steps_add_up(reporter: Reporter) -> None:
    send(reporter, 500, connection=1)
    assert not reporter.is_due(505, connection=1)
    assert reporter.is_due(510, connection=1), "the change counts from what was sent, not from what was seen"


def test_the_first_reading_of_a_new_connection_is_due(reporter: Reporter) -> None:
    send(reporter, 500, connection=1)
    assert reporter.is_due(500, connection=2)


def test_what_could_not_be_sent_stays_due(reporter: Reporter) -> None:
    assert reporter.is_due(500, connection=1)
    assert reporter.is_due(500, connection=1)


def test_what_a_server_does_not_answer_any_more_is_sent_once_again(reporter: Reporter, clock: Clock) -> None:
    send(reporter, 500, connection=1)
    reporter.answered()
    send(reporter, 600, connection=1)
    clock.hundredths = 99
    assert not reporter.is_due(600, connection=1)
    clock.hundredths = 100
    assert reporter.is_due(600, connection=1)
    reporter.sent()
    clock.hundredths = 599
    assert not reporter.is_due(600, connection=1), "once"
    reporter.answered()
    clock.hundredths = 600
    assert reporter.is_due(600, connection=1)


def test_what_was_never_answered_is_not(reporter: Reporter, clock: Clock) -> None:
    send(reporter, 500, connection=1)
    clock.hundredths = 200
    assert not reporter.is_due(500, connection=1)


def test_nor_is_what_is_answered(reporter: Reporter, clock: Clock) -> None:
    send(reporter, 500, connection=1)
    reporter.answered()
    send(reporter, 600, connection=1)
    clock.hundredths = 90
    reporter.answered()
    clock.hundredths = 300
    assert not reporter.is_due(600, connection=1)


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 1023)), max_size=200))
def test_the_server_is_never_far_behind(looks: list[tuple[int, int]]) -> None:
    """After each look, what the server knows is fresh, and close to what there is."""
    clock = Clock()
    reporter = Reporter(interval=5, deadband=10, clock=clock)
    sent: tuple[float, int] | None = None
    for pause, light in looks:
        clock.hundredths += pause
        if reporter.is_due(light, connection=1):
            reporter.sent()
            sent = clock(), light
        assert sent
        assert clock() - sent[0] < 5
        assert abs(light - sent[1]) < 10
