"""Many sensors, one decision: what counts, who is told, and who speaks for a group."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.address import BrokerAddress
from nightlight.lights import Lights
from nightlight.link import Link
from nightlight.messages import METHODS, Command, GroupState, Message, Method, Override, Presence, Status, Telemetry
from nightlight.rule import Rule
from server.devices import FORGOTTEN_AFTER
from server.groups import Groups
from server.share import Share
from tests.kit.clock import Clock

NOW = 1_800_000_000.0
DARK, BRIGHT = 100, 900
ON, OFF = Command(led_on=True), Command(led_on=False)


class NoLink(Link):
    """A link that is never opened, and notes what would be published."""

    def __init__(self) -> None:
        super().__init__(BrokerAddress("localhost", 1883))
        self.published: list[tuple[str, Message]] = []
        self.connections = 1

    def publish(self, topic: str, message: Message, on_arrival: object = None) -> bool:
        self.published.append((topic, message))
        return True


class Stadium:
    """Groups with clocks that a test turns."""

    def __init__(
        self,
        method: Method = "median",
        rule: Rule | None = None,
        id: str = "stadium/+",
        share: Share | None = None,
        timer: Clock | None = None,
    ) -> None:
        self.clock, self.timer, self.link = Clock(NOW), timer or Clock(1000.0), NoLink()
        self.groups = Groups(id, method, rule or Rule(), 15, self.link, share, self.clock, self.timer)
        self.leds: dict[str, bool] = {}
        self.notices: list[str] = []
        self.second(0)

    def hear(self, id: str, message: Message) -> dict[str, bool]:
        """Whom that makes the server command what."""
        answer = self.groups.answer(id, message)
        return self._give(dict(answer.commands), answer.notice)

    def seat(self, number: int, light: int) -> dict[str, bool]:
        return self.hear(f"stadium/{number}", Telemetry(light))

    def second(self, seconds: float = 1) -> dict[str, bool]:
        """What it commands when that time has passed."""
        self.timer.now += seconds
        self.clock.now += seconds
        commands: dict[str, bool] = {}
        for answer in self.groups.due():
            commands |= self._give(dict(answer.commands), answer.notice)
        return commands

    def _give(self, commands: dict[str, Command], notice: str) -> dict[str, bool]:
        given = {id: command.led_on for id, command in commands.items()}
        self.leds |= given
        self.notices += [notice] if notice else []
        return given


@pytest.fixture
def stadium() -> Stadium:
    return Stadium()


def seats(numbers: range, led_on: bool) -> dict[str, bool]:
    return {f"stadium/{number}": led_on for number in numbers}


# ---- what many sensors come to ----


@pytest.mark.parametrize(
    ("lights", "median", "mean", "quorum"),
    [
        ([100], True, True, True),
        ([299, 299, 65_535], True, False, True),
        ([0, 400, 400], False, True, False),
        ([100, 400], True, True, None),
        ([250, 400], False, False, None),
        ([], None, None, None),
    ],
)
def test_what_each_method_makes_of_them(
    lights: list[int], median: bool | None, mean: bool | None, quorum: bool | None
) -> None:
    several = Lights()
    for light in lights:
        several.add(light)
    assert [several.is_dark(method, 300) for method in METHODS] == [median, mean, quorum]


@given(st.lists(st.integers(0, 65_535), min_size=1), st.randoms())
def test_they_may_come_and_go_in_any_order(lights: list[int], chance: random.Random) -> None:
    several = Lights()
    for light in [*lights, *lights]:
        several.add(light)
    for light in chance.sample(lights, len(lights)):
        several.remove(light)
    assert len(several) == len(lights)
    assert several.mean == sum(lights) / len(lights)
    assert several.below(300) == sum(light < 300 for light in lights)


@given(
    st.integers(1, 200),
    st.integers(20, 1000).filter(lambda light: not 280 < light < 320),
    st.integers(),
    st.sampled_from(["dark", "bright", "silent", "noise"]),
)
def test_a_third_that_is_broken_does_not_change_a_median_s_decision(size: int, light: int, seed: int, how: str) -> None:
    stadium, chance = Stadium(), random.Random(seed)
    broken = set(chance.sample(range(size), int(0.3 * size)))
    stuck = {"dark": (0, 0), "bright": (1023, 1023), "noise": (0, 1023)}
    for _ in range(3):
        for number in chance.sample(range(size), size):
            if number not in broken:
                stadium.seat(number, light + chance.randint(-20, 20))
            elif how in stuck:
                stadium.seat(number, chance.randint(*stuck[how]))
            else:
                stadium.hear(f"stadium/{number}", Status(online=True))
        stadium.second(3)
    assert stadium.leds == seats(range(size), light < 300)


# ---- who is told ----


def test_a_member_that_reports_is_told_what_is_decided(stadium: Stadium) -> None:
    assert stadium.seat(1, DARK) == seats(range(1, 2), led_on=True)
    assert stadium.seat(2, DARK) == seats(range(2, 3), led_on=True)
    assert stadium.seat(3, BRIGHT) == seats(range(3, 4), led_on=True), "its own reading does not decide"
    assert stadium.seat(3, BRIGHT) == seats(range(3, 4), led_on=True), "each time"


def test_when_the_decision_changes_each_member_is_told_once() -> None:
    stadium, told = Stadium(), Counter[str]()
    for number in range(100):
        stadium.seat(number, BRIGHT)
    for number in range(100):
        told.update(list(stadium.seat(number, DARK)))
    assert stadium.leds == seats(range(100), led_on=True)
    assert sum(told.values()) == 100 + 99, "an answer for each reading, and one for each when it changed"
    assert stadium.second(3) == {}


def test_in_flickering_light_a_decision_does_not_change_a_thousand_times(stadium: Stadium) -> None:
    for number in range(1, 101):
        stadium.hear(f"stadium/{number}", Status(online=True))
    told = sum(len(stadium.seat(1, light)) for light in [DARK, BRIGHT] * 500)
    assert told <= 1000 + 2 * 100
    stadium.seat(1, BRIGHT)
    stadium.second(2)
    assert set(stadium.leds.values()) == {False}, "in the end it is right"


def test_the_broker_keeps_what_is_decided(stadium: Stadium) -> None:
    stadium.seat(1, DARK)
    stadium.seat(1, DARK)
    stadium.seat(1, BRIGHT)
    topic = "stadium/group"
    assert stadium.link.published == [
        (topic, GroupState(led_on=True, by="median", fresh=15)),
        (topic, GroupState(led_on=False, by="median", fresh=15)),
    ]


def test_a_member_that_has_nothing_to_report_is_told_as_well(stadium: Stadium) -> None:
    stadium.hear("stadium/2", Status(online=True))
    stadium.seat(1, DARK)
    assert stadium.leds == seats(range(1, 3), led_on=True)
    assert stadium.hear("stadium/3", Status(online=True)) == {}
    assert stadium.second(3) == seats(range(3, 4), led_on=True)
    assert stadium.second(3) == {}, "once"


def test_after_a_connection_was_lost_all_are_told_again(stadium: Stadium) -> None:
    stadium.seat(1, DARK)
    stadium.seat(2, DARK)
    stadium.second(3)
    stadium.link.connections += 1
    stadium.link.published.clear()
    assert stadium.second() == seats(range(1, 3), led_on=True)
    assert stadium.link.published == [("stadium/group", GroupState(led_on=True, by="median", fresh=15))]


def test_hysteresis_is_the_group_s() -> None:
    stadium = Stadium(rule=Rule(300, hysteresis=50))
    for light, led_on in ((290, True), (349, True), (350, False), (310, False), (290, True)):
        stadium.second(5)
        stadium.seat(1, light)
        assert stadium.leds["stadium/1"] is led_on


def test_each_first_level_can_be_a_group() -> None:
    stadium = Stadium(id="+/+")
    stadium.hear("north/1", Telemetry(DARK))
    stadium.hear("south/1", Telemetry(BRIGHT))
    stadium.hear("north/2", Telemetry(DARK))
    assert stadium.hear("north/3", Telemetry(BRIGHT)) == {"north/3": True}
    assert stadium.hear("south/2", Telemetry(BRIGHT)) == {"south/2": False}


@pytest.mark.parametrize(("id", "member"), [("+", "7"), ("+/seat", "7/seat"), ("a/b/+/seat", "a/b/7/seat")])
def test_wherever_the_last_plus_is(id: str, member: str) -> None:
    stadium = Stadium(id=id)
    other = member.replace("7", "8")
    stadium.hear(other, Telemetry(BRIGHT))
    stadium.hear(member, Telemetry(BRIGHT))
    assert stadium.hear(member, Telemetry(DARK)) == {member: False}, "500 between the two"


# ---- what counts ----


def test_a_reading_that_is_not_fresh_does_not_count(stadium: Stadium) -> None:
    stadium.seat(1, DARK)
    stadium.second(10)
    stadium.seat(2, BRIGHT)
    stadium.seat(3, BRIGHT)
    stadium.seat(4, DARK)
    assert stadium.leds["stadium/4"] is False, "500 between the two"
    stadium.second(4)
    stadium.seat(4, DARK)
    assert stadium.second(1.5) == {}, "two bright ones, one dark one"
    stadium.seat(5, DARK)
    assert stadium.second(10) == seats(range(1, 6), led_on=True), "only those of 4 and 5 count"


def test_who_is_offline_does_not_count_and_is_not_told(stadium: Stadium) -> None:
    for number, light in ((1, BRIGHT), (2, BRIGHT), (3, DARK)):
        stadium.hear(f"stadium/{number}", Status(online=True))
        stadium.seat(number, light)
    stadium.hear("stadium/1", Status(online=False))
    assert stadium.leds == seats(range(1, 4), led_on=False)
    assert stadium.hear("stadium/2", Status(online=False)) == seats(range(3, 4), led_on=True)
    assert stadium.second(20) == {}


def test_when_nobody_is_fresh_the_decision_stays_and_that_is_said(stadium: Stadium) -> None:
    stadium.seat(1, DARK)
    stadium.second(16)
    stadium.second(16)
    assert stadium.notices == ["In stadium nobody has a fresh reading: the last decision stays, on."]
    assert stadium.hear("stadium/2", Status(online=True)) == {}
    assert stadium.second(3) == seats(range(2, 3), led_on=True)
    stadium.seat(2, BRIGHT)
    stadium.second()
    assert stadium.notices[1:] == ["In stadium there are fresh readings again."]


def test_a_kept_reading_counts_as_long_as_it_is_fresh(stadium: Stadium) -> None:
    stadium.hear("stadium/1", Telemetry(BRIGHT, NOW))
    stadium.hear("stadium/1", Telemetry(DARK, NOW - 1000))
    assert stadium.leds == {"stadium/1": False}
    assert "Not answered: a reading of stadium/1 that is 17 minutes old." in stadium.notices
    stadium.hear("stadium/2", Telemetry(DARK, NOW - 10))
    stadium.hear("stadium/3", Telemetry(DARK, NOW - 10))
    assert stadium.leds["stadium/3"] is True
    assert stadium.second(6) == seats(range(1, 4), led_on=False), "those two were older"


# ---- what people want ----


def test_a_person_decides_for_one_or_for_all(stadium: Stadium) -> None:
    for number in range(3):
        stadium.seat(number, BRIGHT)
    assert stadium.hear("stadium/1", Override(True)) == {"stadium/1": True}
    assert stadium.hear("stadium", Override(True)) == {"stadium/0": True, "stadium/2": True}
    assert stadium.hear("stadium/1", Override(False)) == {"stadium/1": False}
    assert stadium.seat(1, DARK) == {"stadium/1": False}
    assert stadium.hear("stadium", Override(None)) == {"stadium/0": False, "stadium/2": False}
    assert stadium.hear("stadium/1", Override(None)) == {}, "off already"
    assert stadium.notices[:2] == ["For stadium/1, a person decides: on.", "For stadium, a person decides: on."]


def test_what_a_person_wants_of_all_ends(stadium: Stadium) -> None:
    stadium.seat(1, BRIGHT)
    stadium.hear("stadium", Override(True, until=NOW + 60))
    assert stadium.second(30) == {}
    stadium.seat(1, BRIGHT)
    assert stadium.second(31) == {"stadium/1": False}


# ---- what is remembered ----


def test_a_device_that_is_gone_costs_nothing_after_an_hour(stadium: Stadium) -> None:
    for number in range(100):
        stadium.hear(f"stadium/{number}", Status(online=True))
        stadium.seat(number, DARK)
    stadium.hear("stadium/1", Status(online=False))
    stadium.second(FORGOTTEN_AFTER + 1)
    assert len(stadium.groups) == 99, "the others are online, as far as we know"
    for number in range(100):
        stadium.hear(f"stadium/{number}", Status(online=False))
    stadium.second(FORGOTTEN_AFTER + 1)
    assert len(stadium.groups) == 0


def test_who_has_gone_long_ago_takes_no_room_when_a_server_starts(stadium: Stadium) -> None:
    """The broker goes on saying `offline` of each."""
    stadium.seat(1, DARK)
    for number in range(2, 100):
        stadium.hear(f"stadium/{number}", Status(online=False))
    assert len(stadium.groups) == 1


def test_a_server_that_starts_again_knows_what_was_decided() -> None:
    stadium = Stadium(rule=Rule(300, hysteresis=50))
    stadium.hear("stadium", GroupState(led_on=True, by="median", fresh=15))
    assert stadium.seat(1, 320) == {"stadium/1": True}
    stadium.hear("stadium", GroupState(led_on=False, by="median", fresh=15))
    assert stadium.seat(1, 320) == {"stadium/1": True}, "it knows better by now"


# ---- several servers ----


class Servers:
    """Several servers that share the groups and hear the same."""

    def __init__(self, count: int) -> None:
        self.timer = Clock(1000.0)
        self.stadiums: list[Stadium] = []
        for number in range(count):
            self.start(f"server-{number}")

    def start(self, name: str) -> Stadium:
        share = Share("all", name, 15, self.timer)
        self.stadiums.append(Stadium(id="+/+", share=share, timer=self.timer))
        return self.stadiums[-1]

    def hear(self, id: str, message: Message) -> list[dict[str, bool]]:
        """The commands of each of those that give any."""
        return [given for stadium in self.stadiums if (given := stadium.hear(id, message))]

    def seconds(self, count: int) -> list[dict[str, bool]]:
        given = []
        for _ in range(count):
            self.timer.now += 1
            given += [commands for stadium in self.stadiums if (commands := stadium.second(0))]
            for stadium in list(self.stadiums):
                for topic, message in stadium.link.published:
                    if isinstance(message, Presence):
                        for other in self.stadiums:
                            other.hear(topic.removesuffix("/share"), message)
                stadium.link.published.clear()
        return given


def test_one_of_several_servers_speaks_for_a_group() -> None:
    servers = Servers(3)
    servers.seconds(3)
    speakers = Counter[int]()
    for number in range(60):
        (given,) = servers.hear(f"group-{number}/1", Telemetry(DARK))
        assert given == {f"group-{number}/1": True}
        speakers.update(index for index, stadium in enumerate(servers.stadiums) if f"group-{number}/1" in stadium.leds)
    assert min(speakers[index] for index in range(3)) >= 8, "each has its part"


@pytest.mark.parametrize("says_so", [True, False])
def test_when_one_has_gone_another_tells_its_members(says_so: bool) -> None:
    servers = Servers(3)
    servers.seconds(3)
    for number in range(30):
        servers.hear(f"group-{number}/1", Telemetry(DARK))
    gone = servers.stadiums.pop()
    if says_so:
        servers.hear("all/server-2", Presence(is_here=False))
    told = servers.seconds(5)
    assert {id for given in told for id in given} == set(gone.leds)
    for number in range(30):
        assert len(servers.hear(f"group-{number}/1", Telemetry(DARK))) == 1


def test_a_server_that_comes_listens_first_and_takes_no_group_from_two_others() -> None:
    servers = Servers(2)
    servers.seconds(3)
    for number in range(30):
        servers.hear(f"group-{number}/1", Telemetry(DARK))
    newcomer = servers.start("server-2")
    servers.seconds(10)
    for number in range(30):
        (given,) = servers.hear(f"group-{number}/1", Telemetry(DARK))
    assert not newcomer.leds
    before = [dict(stadium.leds) for stadium in servers.stadiums]
    servers.seconds(10)
    for stadium in servers.stadiums:
        stadium.leds.clear()
    for number in range(30):
        (given,) = servers.hear(f"group-{number}/1", Telemetry(DARK))
        assert given == {f"group-{number}/1": True}
    assert newcomer.leds
    for stadium, had in zip(servers.stadiums[:2], before, strict=False):
        assert set(stadium.leds) <= set(had), "what changed hands is the newcomer's"


def test_a_server_that_is_alone_speaks_soon() -> None:
    servers = Servers(1)
    assert servers.hear("north/1", Telemetry(DARK)) == []
    assert servers.seconds(3) == [{"north/1": True}]
