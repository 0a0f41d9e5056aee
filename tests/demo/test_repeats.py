"""What is news, and what only comes again."""

from __future__ import annotations

import pytest

from demo.repeats import Repeats


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def repeats(clock: Clock) -> Repeats:
    return Repeats(clock)


def exchange(light: int, more: str = "") -> list[tuple[str, str]]:
    command = {"led_on": light < 300}
    return [
        ("device", f"Light level: {light}"),
        ("server", f"Message received: {{'light': {light}{more}}}"),
        ("server", f"Sending message: {command}"),
        ("device", f"Message received: {command}"),
    ]


def news(repeats: Repeats, lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the lines that are not only counted."""
    return [line for line in lines if not repeats.counts(*line)]


def test_an_exchange_is_news_once(repeats: Repeats, clock: Clock) -> None:
    assert news(repeats, exchange(0)) == exchange(0)
    assert repeats.summary() == ""
    clock.now = 5
    assert news(repeats, exchange(0)) == []
    assert repeats.summary() == "same again once, for 5 s"
    clock.now = 10
    assert news(repeats, exchange(0)) == []
    assert repeats.summary() == "same again 2 times, for 10 s"


def test_of_another_light_all_is_news_even_the_same_command(repeats: Repeats) -> None:
    for light in (0, 100, 400, 0):
        assert news(repeats, exchange(light)) == exchange(light)
        assert news(repeats, exchange(light)) == []


def test_what_the_server_says_may_come_before_what_the_device_said(repeats: Repeats) -> None:
    """Each is read by a thread of its own."""
    for light in (0, 100, 400, 0):
        device_light, server_light, server_led, device_led = exchange(light)
        mixed = [server_light, server_led, device_light, device_led]
        assert news(repeats, mixed) == mixed
        assert news(repeats, exchange(light)) == []


def test_kept_readings_of_the_same_light_differ_in_their_time_alone(repeats: Repeats) -> None:
    news(repeats, exchange(0, ", 'time': 1764021600.25"))
    assert news(repeats, exchange(0, ", 'time': 1764021605.5")) == []


def test_other_lines_are_always_news_and_the_exchange_after_them_as_well(repeats: Repeats) -> None:
    news(repeats, exchange(0) * 2)
    for line in ("The board does not answer: try again.", "The board does not answer: try again.", "MQTT connected!"):
        assert news(repeats, [("device", line)]) == [("device", line)]
        assert repeats.summary() == ""
    assert news(repeats, exchange(0)) == exchange(0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59.4, "59 s"), (59.6, "1 min"), (150, "2 min"), (3599, "59 min"), (3600, "1 h 0 min"), (90_000, "25 h 0 min")],
)
def test_how_long(repeats: Repeats, clock: Clock, seconds: float, words: str) -> None:
    news(repeats, exchange(0))
    clock.now = seconds
    news(repeats, exchange(0))
    assert repeats.summary() == f"same again once, for {words}"
