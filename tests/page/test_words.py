"""What the page says: each text in both languages, and times as those who look know them."""

from __future__ import annotations

import ast
import re
import string
import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from page.face import DECIDED, TOOK
from page.group_card import DISAGREE, MADE_OF
from page.switch import SPANS, WISHES
from page.words import CHINESE, Words
from tests.kit.programs import ROOT

FILES = sorted((ROOT / "page").glob("*.py"))
COMPOSED = {
    *DECIDED.values(),
    *TOOK.values(),
    *MADE_OF.values(),
    *DISAGREE.values(),
    *SPANS,
    *WISHES,
    *("on", "off", "unknown", "online", "offline", "silent", "device", "broker", "server"),
    *(f"{{count}} {what}" for what in ("silent", "offline")),
    *(f"{state} {since} {{time}}" for state in ("online", "offline") for since in ("since", "since before")),
}
"""Texts that come from a variable, or are put together."""


def spoken(file: Path) -> Iterator[str]:
    """Each text that a call of words(...) has in it, as a whole."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and re.fullmatch(r"(self\._)?words", ast.unparse(node.func)):
            yield from whole_texts(node.args[0])


def whole_texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from whole_texts(node.body)
        yield from whole_texts(node.orelse)


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("this system has no time zones (tzdata)")


# ---- texts ----


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_text_is_there_in_chinese(file: Path) -> None:
    assert set(spoken(file)) <= set(CHINESE)


def test_the_texts_that_are_put_together_are_there_as_well() -> None:
    assert set(CHINESE) >= COMPOSED


def test_no_text_is_there_that_nobody_says() -> None:
    said = {text for file in FILES for text in spoken(file)} | COMPOSED
    assert set(CHINESE) - said == set()


@pytest.mark.parametrize("text", CHINESE)
def test_the_same_is_filled_in_in_both_languages(text: str) -> None:
    assert braces(text) == braces(CHINESE[text])


def test_a_text_in_either_language() -> None:
    assert Words("en")("LED of {id}: {state}", id="room", state="on") == "LED of room: on"
    assert Words("zh")("LED of {id}: {state}", id="room", state="开") == "room 的 LED\N{FULLWIDTH COLON}开"


def test_what_is_filled_in_is_no_pattern_itself() -> None:
    assert Words("en")("{id} - Nightlight", id="{time.__class__}") == "{time.__class__} - Nightlight"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("en-US,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh", "zh"),
        ("ZH-Hant-TW", "zh"),
        ("en-GB,en;q=0.9,zh-CN;q=0.8", "en"),
        ("en;q=0.2,zh;q=0.3", "zh"),
        ("de-DE,de;q=0.9,zh;q=0.5", "zh"),
        ("de-DE,de;q=0.9", "en"),
        ("zha,enx", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nan", "en"),
        ("zh;q=much,en", "en"),
        ("*", "en"),
        (";;;,,,q=;q=", "en"),
        ("en," * 100_000 + "zh", "en"),
    ],
    ids=lambda value: value[:30],
)
def test_the_language_that_the_browser_likes_best(accepted: str, language: str) -> None:
    assert Words(accepted).language == language


# ---- times ----


def test_a_time_of_today_has_seconds_and_another_one_its_day() -> None:
    words = Words()
    words.zone = timezone.utc
    noon = datetime(2026, 11, 25, 12, tzinfo=timezone.utc).timestamp()
    assert words.clock(noon - 3600, noon) == "11:00:00"
    assert words.clock(noon - 86_400, noon) == "2026-11-24 12:00"
    assert words.clock(noon + 86_400, noon) == "2026-11-26 12:00"


@pytest.mark.parametrize("seconds", [253_402_300_799.0, -253_402_300_799.0, 1e300])
def test_a_time_that_no_calendar_has_is_shown_somehow(seconds: float) -> None:
    words = Words()
    words.set_zone("Pacific/Kiritimati", -840)
    assert words.clock(seconds, 1_795_000_000.0)


def test_the_time_is_that_of_the_browser() -> None:
    words = Words()
    zone("Asia/Kolkata")
    words.set_zone("Asia/Kolkata", -330)
    noon = datetime(2026, 11, 25, 12, tzinfo=timezone.utc).timestamp()
    assert words.clock(noon, noon) == "17:30:00"
    assert words.clock(noon - 43_200, noon) == "05:30:00"


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Atlantis", "../../etc/passwd", "/etc/localtime", "Europe", "a\x00b", "x" * 9999]
)
@pytest.mark.parametrize(("minutes", "offset"), [(-330, 330), (480, -480), (0, 0), (10**9, -1439), (-(10**9), 1439)])
def test_a_time_zone_that_is_not_known_here_goes_by_its_minutes(name: str, minutes: int, offset: int) -> None:
    words = Words()
    words.set_zone(name, minutes)
    assert words.zone
    assert words.zone.utcoffset(datetime(2026, 11, 25)) == timedelta(minutes=offset)


def berlin(*date: int) -> float:
    return datetime(*date, tzinfo=zone("Europe/Berlin")).timestamp()  # type: ignore[arg-type,misc]


@pytest.fixture
def in_berlin() -> Words:
    words = Words()
    words.zone = zone("Europe/Berlin")
    return words


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ((2026, 11, 25, 6, 59), (2026, 11, 25, 7)),
        ((2026, 11, 25, 7, 0), (2026, 11, 26, 7)),
        ((2026, 11, 25, 23, 0), (2026, 11, 26, 7)),
        ((2026, 12, 31, 23, 0), (2027, 1, 1, 7)),
        ((2026, 3, 28, 22, 0), (2026, 3, 29, 7)),
        ((2026, 10, 24, 22, 0), (2026, 10, 25, 7)),
        ((2026, 10, 25, 2, 30), (2026, 10, 25, 7)),
    ],
)
def test_the_morning_is_at_seven(in_berlin: Words, now: tuple[int, ...], morning: tuple[int, ...]) -> None:
    assert in_berlin.next_morning(berlin(*now)) == berlin(*morning)


def test_a_night_in_which_the_clocks_are_changed_is_longer_or_shorter(in_berlin: Words) -> None:
    evening = 22
    assert in_berlin.next_morning(berlin(2026, 3, 28, evening)) - berlin(2026, 3, 28, evening) == 8 * 3600
    assert in_berlin.next_morning(berlin(2026, 10, 24, evening)) - berlin(2026, 10, 24, evening) == 10 * 3600
    for day, hours in (((2026, 3, 29), 13), ((2026, 10, 25), 15), ((2026, 11, 25), 14)):
        begin, end = in_berlin.last_night(berlin(*day, 12))
        assert end - begin == hours * 3600


def test_last_night_is_the_one_that_goes_on_or_was_last(in_berlin: Words) -> None:
    evening, morning = berlin(2026, 11, 24, 18), berlin(2026, 11, 25, 8)
    assert in_berlin.last_night(berlin(2026, 11, 25, 3)) == (evening, berlin(2026, 11, 25, 3))
    assert in_berlin.last_night(berlin(2026, 11, 25, 12)) == (evening, morning)
    assert in_berlin.last_night(berlin(2026, 11, 25, 17)) == (evening, morning)
