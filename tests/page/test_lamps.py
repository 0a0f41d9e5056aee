"""What is known of each lamp, from what was heard of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import page.lamps
from nightlight.messages import Command, LedState, Message, Override, Status, Telemetry
from nightlight.notices import LONGEST_TEXT
from page.grid import MOST_TILES, group_lamps
from page.history import History
from page.lamps import LAST, MOST_LAMPS, Lamp, Lamps, natural
from page.site import csv_lines, is_served
from tests.kit.clock import Clock

NOW = 1_795_300_000.0
ON, OFF = Command(led_on=True), Command(led_on=False)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def lamps(clock: Clock) -> Iterator[Lamps]:
    with History(None, days=100_000) as history:
        yield Lamps(history, clock)


def hear(lamps: Lamps, message: Message, id: str = "room") -> Lamp:
    return lamps.hear(message.topic(id), message, message.encode(), "")


def test_one_that_was_not_heard_is_unknown(lamps: Lamps) -> None:
    assert lamps["room"] == Lamp("room")
    assert "room" not in lamps
    assert len(lamps) == 0


def test_a_reading_is_of_now(lamps: Lamps) -> None:
    lamp = hear(lamps, Telemetry(412))
    assert (lamp.light, lamp.light_at) == (412, NOW)
    assert list(lamps.history.rows("room")) == [(NOW, 412, None, None)]


def test_a_late_reading_belongs_to_its_time_and_is_not_the_newest(lamps: Lamps) -> None:
    hear(lamps, Telemetry(412))
    lamp = hear(lamps, Telemetry(80, time=NOW - 3600))
    assert (lamp.light, lamp.light_at) == (412, NOW)
    assert list(lamps.history.rows("room")) == [(NOW - 3600, 80, None, None), (NOW, 412, None, None)]


@pytest.mark.parametrize("measured", [NOW + 3600, 0.0, -1e9, NOW - 11 * 365 * 86_400])
def test_a_clock_that_cannot_be_right_is_not_believed(lamps: Lamps, measured: float) -> None:
    assert hear(lamps, Telemetry(80, time=measured)).light_at == NOW


def test_who_reports_its_led_is_shown_by_that(lamps: Lamps) -> None:
    hear(lamps, LedState(False, by="server"))
    lamp = hear(lamps, ON)
    assert lamp.led_on is False, "it is on its way"
    lamp = hear(lamps, LedState(True, by="server"))
    assert lamp.led_on is True
    assert lamp.decided_by(NOW) == "server"


def test_who_does_not_is_shown_by_its_commands(lamps: Lamps) -> None:
    lamp = hear(lamps, ON)
    assert (lamp.led_on, lamp.by) == (True, None)
    assert hear(lamps, OFF).led_on is False
    assert [row[2:] for row in lamps.history.rows("room")][-1] == (False, "commanded")


def test_who_decided(lamps: Lamps) -> None:
    assert Lamp("room").decided_by(NOW) is None
    lamp = hear(lamps, LedState(True, by="device"))
    assert lamp.decided_by(NOW) == "device"
    hear(lamps, LedState(True, by="server"))
    hear(lamps, Override(True, until=NOW + 60))
    assert lamp.decided_by(NOW) == "server", "which has not answered the person yet"
    hear(lamps, Command(True))
    assert lamp.decided_by(NOW) == "person"
    assert lamp.decided_by(NOW + 60) == "server"
    hear(lamps, Override(False))
    assert lamp.decided_by(NOW) == "server", "what the person wants now is still on its way"


def test_a_device_that_reports_rarely_is_not_silent_in_between(lamps: Lamps, clock: Clock) -> None:
    lamp = hear(lamps, Telemetry(80))
    clock.now += 60
    hear(lamps, Telemetry(80))
    assert not lamp.is_silent(clock.now + 100)
    assert lamp.is_silent(clock.now + 181)


def test_a_clock_that_was_set_back_freezes_no_lamp(lamps: Lamps, clock: Clock) -> None:
    hear(lamps, Telemetry(80))
    clock.now -= 86_400
    assert hear(lamps, Telemetry(400)).light == 400


def test_only_changes_of_the_led_are_history(lamps: Lamps, clock: Clock) -> None:
    for led_on in (True, True, False, False, True):
        hear(lamps, LedState(led_on, by="server"))
        clock.now += 1
    assert [row[2] for row in lamps.history.rows("room")] == [True, False, True]


def test_how_long_it_took_from_the_light_to_the_led(lamps: Lamps, clock: Clock) -> None:
    hear(lamps, LedState(False, by="server"))
    lamp = hear(lamps, Telemetry(80))
    assert lamp.took is None
    clock.now += 0.05
    hear(lamps, LedState(True, by="server"))
    assert lamp.took == pytest.approx(0.05, abs=1e-3)
    clock.now += 60
    hear(lamps, LedState(False, by="server"))
    assert lamp.took is None, "that was not because of the light a minute ago"
    hear(lamps, Override(True))
    clock.now += 0.02
    hear(lamps, LedState(True, by="server"))
    assert lamp.took == pytest.approx(0.02, abs=1e-3), "a person is a cause as well"


def test_what_was_so_when_it_was_first_heard_was_so_before(lamps: Lamps, clock: Clock) -> None:
    lamp = hear(lamps, Status(online=True))
    assert (lamp.online, lamp.is_since_then) == (True, False)
    clock.now += 60
    hear(lamps, Status(online=True))
    assert lamp.online_at == NOW
    hear(lamps, Status(online=False))
    assert (lamp.online, lamp.online_at, lamp.is_since_then) == (False, NOW + 60, True)


def test_silent_is_who_is_there_and_sends_no_readings(lamps: Lamps) -> None:
    lamp = hear(lamps, Telemetry(80))
    assert not lamp.is_silent(NOW + 30)
    assert lamp.is_silent(NOW + 31), "it has not said that it is not there"
    hear(lamps, Status(online=False))
    assert not lamp.is_silent(NOW + 31), "it is offline"


def test_a_server_is_missing_when_no_command_follows_however_often_readings_come(lamps: Lamps, clock: Clock) -> None:
    lamp = Lamp("room")
    assert lamp.is_answered(NOW, 3)
    for _ in range(10):
        lamp = hear(lamps, Telemetry(80))
        clock.now += 1
    assert not lamp.is_answered(clock.now, 3)
    hear(lamps, ON)
    assert lamp.is_answered(clock.now + 100, 3), "it is not asked"
    hear(lamps, Telemetry(81))
    assert lamp.is_answered(clock.now + 2.9, 3)
    assert not lamp.is_answered(clock.now + 3, 3)


def test_a_late_reading_asks_nothing(lamps: Lamps) -> None:
    hear(lamps, Telemetry(80))
    lamp = hear(lamps, ON)
    hear(lamps, Telemetry(80, time=NOW - 3600))
    assert lamp.is_answered(NOW + 100, 3)


def test_the_last_messages_are_kept_and_no_more(lamps: Lamps) -> None:
    for number in range(LAST + 5):
        lamp = hear(lamps, Telemetry(number))
    assert len(lamp.messages) == LAST
    assert lamp.messages[-1].payload == f'{{"light": {LAST + 4}}}'


def test_of_a_long_payload_the_beginning_is_kept(lamps: Lamps) -> None:
    lamp = lamps.hear("room/commands", None, b"\xf0\x9f\x92\xa1" * 100_000, "it is too long")
    assert lamp.messages[-1].payload == "💡" * LONGEST_TEXT + "..."
    assert lamp.messages[-1].problem == "it is too long"
    assert lamps.hear("room/commands", None, b"\xff\xfe", "").messages[-1].payload == "\ufffd\ufffd"


def test_those_that_somebody_invents_are_bounded(lamps: Lamps, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_LAMPS <= 10_000
    monkeypatch.setattr(page.lamps, "MOST_LAMPS", 3)
    for id in ("a", "b", "c", "a", "d", "e"):
        hear(lamps, Telemetry(80), id)
    assert [lamp.id for lamp in lamps] == ["a", "d", "e"], "who was not heard for the longest time is forgotten"


# ---- many ----


def test_ids_are_sorted_as_people_count() -> None:
    ids = ["seat-10", "seat-9", "seat-1b", "seat-1", "Seat-2", "seat", "9", "10", "seat-²", "seat-99999999999999999999"]
    assert sorted(ids, key=natural) == [
        *("9", "10", "Seat-2", "seat", "seat-1", "seat-1b", "seat-9", "seat-10"),
        *("seat-99999999999999999999", "seat-²"),
    ]


def test_groups_are_what_stands_for_the_first_of_several_wildcards() -> None:
    lamps = [Lamp(f"stadium/{block}/{seat}") for block in "ba" for seat in range(60)]
    groups = group_lamps(lamps, "stadium/+/+")
    assert list(groups) == ["a", "b"]
    assert [lamp.id for lamp in groups["a"]] == [f"stadium/a/{seat}" for seat in range(60)]


def test_a_group_that_is_too_large_is_several() -> None:
    groups = group_lamps([Lamp(f"x/a/{seat}") for seat in range(250)], "x/+/+")
    assert list(groups) == ["a/1", "a/2", "a/3"]
    assert all(len(group) <= MOST_TILES for group in groups.values())


def test_where_ids_tell_no_groups_the_order_does() -> None:
    groups = group_lamps([Lamp(f"room/{seat}") for seat in range(120)], "room/+")
    assert [len(group) for group in groups.values()] == [50, 50, 20]
    assert [lamp.id for group in groups.values() for lamp in group] == [f"room/{seat}" for seat in range(120)]


# ---- the site ----


@pytest.mark.parametrize(
    ("id", "served", "is_one"),
    [
        ("room", "room", True),
        ("rooms", "room", False),
        ("stadium/7", "stadium/+", True),
        ("stadium/7/8", "stadium/+", False),
        ("stadium", "stadium/+", False),
        ("hall/7", "stadium/+", False),
        ("a/7/b", "a/+/b", True),
        ("anything", "+", True),
    ],
)
def test_which_lamps_a_page_shows(id: str, served: str, is_one: bool) -> None:
    assert is_served(id, served) is is_one


def test_the_lines_of_the_csv(lamps: Lamps) -> None:
    hear(lamps, Telemetry(412, time=NOW - 1))
    hear(lamps, LedState(True, by="device"))
    head, reading, led = csv_lines(lamps.history, "room")
    assert head == "time,light,led_on,by\r\n"
    assert reading.partition(",")[2] == "412,,\r\n"
    assert led.partition(",")[2] == ",true,device\r\n"
