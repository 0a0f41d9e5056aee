"""What is known of a group and of its members, from what was heard of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import page.groups
from nightlight.messages import Command, GroupState, LedState, Message, Method, Override, Status, Telemetry
from nightlight.rule import Rule
from page.census import Census, count
from page.groups import MOST_GROUPS, Groups
from page.history import History
from page.lamps import Lamps
from tests.kit.clock import Clock

NOW = 1_795_300_000.0
MEDIAN_ON = GroupState(True, by="median", fresh=15)
MEDIAN_OFF = GroupState(False, by="median", fresh=15)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def lamps(clock: Clock) -> Iterator[Lamps]:
    with History(None, days=100_000) as history:
        yield Lamps(history, clock, served="stadium/+")


def hear(lamps: Lamps, id: str, *messages: Message) -> None:
    for message in messages:
        lamps.hear(message.topic(id), message, message.encode(), "")


def hear_of_all(lamps: Lamps, *messages: Message) -> None:
    for message in messages:
        lamps.groups.hear(message.topic("stadium"), message, message.encode(), lamps.now())


def taken(lamps: Lamps, rule: Rule | None = None) -> Census:
    group = lamps.groups.of("stadium/any")
    assert group
    return count(group, lamps, rule or Rule(), lamps.now())


def seats(lamps: Lamps, *lights: int) -> None:
    for number, light in enumerate(lights):
        hear(lamps, f"stadium/{number}", Telemetry(light))


# ---- which group ----


@pytest.mark.parametrize(
    ("served", "pattern", "id", "name"),
    [
        ("stadium/+", "stadium", "stadium/7", "stadium"),
        ("+/+", "+", "stadium/7", "stadium"),
        ("town/+/+", "town/+", "town/stadium/7", "town/stadium"),
        ("+/lamp", "", "seat/lamp", ""),
        ("stadium/+/lamp", "stadium", "stadium/7/lamp", "stadium"),
        ("+", "", "seat", ""),
        ("room", "", "room", ""),
    ],
)
def test_which_group_a_lamp_belongs_to(served: str, pattern: str, id: str, name: str) -> None:
    groups = Groups(served)
    assert (groups.pattern, groups.name_of(id)) == (pattern, name)
    assert groups.of(id) is None, "nobody has announced it"


def test_a_group_is_one_when_it_is_announced_and_until_that_is_taken_back(lamps: Lamps) -> None:
    hear_of_all(lamps, Override(True))
    assert list(lamps.groups) == [], "a wish alone makes none"
    hear_of_all(lamps, MEDIAN_OFF)
    assert [group.name for group in lamps.groups] == ["stadium"]
    lamps.groups.hear("stadium/group", None, b"[]", NOW)
    lamps.groups.hear("stadium/override", None, b"", NOW)
    assert [group.name for group in lamps.groups] == ["stadium"], "nonsense takes nothing back"
    lamps.groups.hear("stadium/group", None, b"", NOW)
    assert list(lamps.groups) == []


def test_groups_that_somebody_invents_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_GROUPS <= 10_000
    monkeypatch.setattr(page.groups, "MOST_GROUPS", 3)
    groups = Groups("+/+")
    for name in ("a", "b", "c", "a", "d", "e"):
        groups.hear(f"{name}/group", MEDIAN_ON, MEDIAN_ON.encode(), NOW)
    assert [group.name for group in groups] == ["a", "d", "e"], "who was not heard for the longest time is forgotten"


@pytest.mark.parametrize(("lights", "most"), [((100, 100, 900), False), ((100, 900, 900), True), ((), False)])
def test_whether_most_disagree_with_what_is_decided(lamps: Lamps, lights: tuple[int, ...], most: bool) -> None:
    """As when a server is late: then it is not the sensors that are broken."""
    hear_of_all(lamps, MEDIAN_ON)
    seats(lamps, *lights)
    assert taken(lamps).most_disagree is most


# ---- what is decided ----


def test_since_when_it_is_decided(lamps: Lamps, clock: Clock) -> None:
    hear_of_all(lamps, MEDIAN_OFF)
    [group] = lamps.groups
    assert (group.decision(NOW), group.since(NOW), group.is_since_then) == (False, NOW, False), "it may be older"
    clock.now += 60
    hear_of_all(lamps, MEDIAN_OFF)
    assert group.since(clock.now) == NOW
    hear_of_all(lamps, MEDIAN_ON)
    assert (group.decision(clock.now), group.since(clock.now), group.is_since_then) == (True, NOW + 60, True)


def test_a_person_goes_before_the_rule_until_that_ends(lamps: Lamps, clock: Clock) -> None:
    hear_of_all(lamps, MEDIAN_OFF, Override(True, until=NOW + 60))
    [group] = lamps.groups
    assert (group.wanted(NOW), group.decision(NOW)) == (True, True)
    assert (group.decision(NOW + 60), group.since(NOW + 60)) == (False, NOW + 60)
    hear_of_all(lamps, Override(None))
    assert group.decision(NOW) is False


def test_a_wish_is_obeyed_when_a_member_is_told(lamps: Lamps, clock: Clock) -> None:
    hear_of_all(lamps, MEDIAN_OFF)
    [group] = lamps.groups
    assert group.is_obeyed(NOW), "nobody wants anything"
    hear_of_all(lamps, Override(True))
    assert not group.is_obeyed(NOW)
    clock.now += 0.1
    hear(lamps, "stadium/1", Command(False))
    assert not group.is_obeyed(clock.now), "that is what the rule wants"
    hear(lamps, "stadium/2", Command(True))
    assert group.is_obeyed(clock.now)


@pytest.mark.parametrize(("by", "light"), [("median", 299), ("mean", 401), ("quorum", 299)])
def test_the_light_that_decides(lamps: Lamps, by: Method, light: int) -> None:
    """As a whole number it is on the same side of the threshold."""
    hear_of_all(lamps, GroupState(True, by, 15))
    seats(lamps, 300, 100, 299, 907)
    assert (taken(lamps).light, taken(lamps).dark) == (light, 2)
    assert taken(lamps, Rule(300, hysteresis=1)).dark == 3


# ---- how its members are ----


def test_who_counts_and_who_is_left_out_and_why(lamps: Lamps, clock: Clock) -> None:
    hear_of_all(lamps, MEDIAN_ON)
    hear(lamps, "stadium/silent", Telemetry(900))
    clock.now += 15.1
    hear(lamps, "stadium/offline", Telemetry(900), Status(False))
    hear(lamps, "stadium/unheard", Status(True))
    hear(lamps, "stadium/late", Telemetry(900, time=NOW))
    seats(lamps, 100, 110, 130)
    census = taken(lamps)
    assert census.members == 7
    assert [lamp.id for lamp in census.offline] == ["stadium/offline"]
    assert [lamp.id for lamp in census.silent] == ["stadium/silent", "stadium/late"]
    assert [lamp.id for lamp in census.unheard] == ["stadium/unheard"]
    assert [lamp.id for lamp in census.fresh] == ["stadium/0", "stadium/1", "stadium/2"]
    assert (census.light, census.dark) == (110, 3)
    hear(lamps, "stadium/offline", Status(True))
    assert len(taken(lamps).fresh) == 4


def test_a_group_of_which_nobody_is_fresh_has_no_light(lamps: Lamps, clock: Clock) -> None:
    hear_of_all(lamps, MEDIAN_ON)
    assert taken(lamps) == Census()
    seats(lamps, 100)
    clock.now += 16
    census = taken(lamps)
    assert (census.light, len(census.silent), census.is_answered) == (None, 1, True)


def test_who_disagrees_is_on_the_other_side_of_the_threshold(lamps: Lamps) -> None:
    hear_of_all(lamps, MEDIAN_ON)
    seats(lamps, 100, 299, 300, 1023, 0)
    assert [lamp.light for lamp in taken(lamps).disagree] == [300, 1023]
    assert [lamp.light for lamp in taken(lamps, Rule(300, hysteresis=100)).disagree] == [1023]
    hear_of_all(lamps, MEDIAN_OFF)
    assert [lamp.light for lamp in taken(lamps).disagree] == [100, 299, 0]


def test_who_disagrees_does_so_with_the_rule_and_not_with_a_person(lamps: Lamps) -> None:
    hear_of_all(lamps, MEDIAN_OFF, Override(True))
    seats(lamps, 800, 900, 100)
    assert [lamp.light for lamp in taken(lamps).disagree] == [100]


def test_whose_led_is_not_as_decided(lamps: Lamps) -> None:
    hear_of_all(lamps, MEDIAN_ON)
    hear(lamps, "stadium/on", LedState(True, by="server"))
    hear(lamps, "stadium/off", LedState(False, by="server"))
    hear(lamps, "stadium/alone", LedState(False, by="device"))
    hear(lamps, "stadium/own", Override(False), LedState(False, by="server"))
    hear(lamps, "stadium/gone", LedState(False, by="server"), Status(False))
    hear(lamps, "stadium/unknown", Telemetry(80))
    assert [lamp.id for lamp in taken(lamps).differ] == ["stadium/off", "stadium/alone"]
    hear_of_all(lamps, Override(False))
    assert [lamp.id for lamp in taken(lamps).differ] == ["stadium/on"]


def test_a_server_is_missing_when_most_members_wait_for_an_answer(lamps: Lamps, clock: Clock) -> None:
    hear_of_all(lamps, MEDIAN_ON)
    seats(lamps, 100, 110, 120, 130)
    assert taken(lamps).is_answered, "it may be on its way"
    clock.now += 3
    assert not taken(lamps).is_answered
    hear(lamps, "stadium/0", Command(True))
    assert not taken(lamps).is_answered
    hear(lamps, "stadium/1", Command(True))
    assert taken(lamps).is_answered


# ---- a member ----


def test_who_decided_for_a_member(lamps: Lamps, clock: Clock) -> None:
    id = "stadium/7"

    def decider() -> str | None:
        return lamps[id].decided_by(clock.now, lamps.groups.of(id))

    hear(lamps, id, LedState(True, by="server"))
    assert decider() == "server"
    hear_of_all(lamps, MEDIAN_ON)
    assert decider() == "server for all"
    hear_of_all(lamps, Override(True))
    assert decider() == "server for all", "which has not answered the person yet"
    clock.now += 0.1
    hear(lamps, id, Command(True))
    assert decider() == "person for all"
    hear(lamps, id, Override(True), Command(True))
    assert decider() == "person"
    hear(lamps, id, Override(None), LedState(True, by="device"))
    assert decider() == "device"


def test_the_led_of_a_member_follows_what_is_decided_and_not_its_own_light(lamps: Lamps, clock: Clock) -> None:
    hear_of_all(lamps, MEDIAN_OFF)
    hear(lamps, "stadium/7", LedState(False, by="server"))
    clock.now += 60
    hear_of_all(lamps, MEDIAN_ON)
    clock.now += 0.05
    hear(lamps, "stadium/7", Telemetry(900))
    clock.now += 0.01
    hear(lamps, "stadium/7", LedState(True, by="server"))
    lamp = lamps["stadium/7"]
    assert lamp.followed == "group"
    assert lamp.took == pytest.approx(0.06, abs=1e-3)
    hear(lamps, "stadium/7", Override(False))
    clock.now += 0.02
    hear(lamps, "stadium/7", LedState(False, by="server"))
    assert lamp.followed == "switch"
    assert lamp.took == pytest.approx(0.02, abs=1e-3)
