"""Census: how the members of a group are now, and what the group's decision is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nightlight.rule import Rule
from page.groups import Group, agrees, level
from page.lamps import Lamp

ANSWER_WITHIN = 3.0  # seconds in which a server that is there answers a reading


@dataclass
class Census:
    """Its members, as they are counted, and by what is to be said of them."""

    members: int = 0
    fresh: list[Lamp] = field(default_factory=list)  # those that count
    offline: list[Lamp] = field(default_factory=list)
    silent: list[Lamp] = field(default_factory=list)  # their last reading is too old to count
    unheard: list[Lamp] = field(default_factory=list)  # no reading was heard of them
    disagree: list[Lamp] = field(default_factory=list)  # fresh, and their own light says the other thing
    differ: list[Lamp] = field(default_factory=list)  # there, and their LED is not (yet) as it should be
    light: int | None = None  # what decides; None if nobody is fresh
    dark: int = 0  # so many of the fresh ones find it dark
    unanswered: int = 0  # so many of the fresh ones wait for a command

    @property
    def is_answered(self) -> bool:
        """Whether a server answers: most members, since it may be that some commands were not heard here."""
        return 2 * self.unanswered <= len(self.fresh)


def count(group: Group, members: Iterable[Lamp], rule: Rule, now: float) -> Census:
    """Go through all of its members. `now` in seconds since the epoch; the group must have been announced."""
    assert group.state
    census, decision = Census(), group.decision(now)
    for lamp in members:
        census.members += 1
        if lamp.online is False:
            census.offline.append(lamp)
            continue
        if lamp.light is None:
            census.unheard.append(lamp)
        elif now - lamp.light_at > group.state.fresh:
            census.silent.append(lamp)
        else:
            census.fresh.append(lamp)
            census.unanswered += not lamp.is_answered(now, ANSWER_WITHIN)
        wanted = lamp.wanted(now)
        if lamp.led_on is not None and lamp.led_on is not (decision if wanted is None else wanted):
            census.differ.append(lamp)
    lights = {lamp.id: lamp.light for lamp in census.fresh if lamp.light is not None}
    if lights:
        census.light = level(group.state.by, list(lights.values()))
        by_rule = group.state.led_on
        if group.wanted(now) is not None:  # then it may be that not the rule's decision was announced
            by_rule = rule.led_on(census.light, was_on=by_rule)
        census.dark = sum(rule.led_on(light, was_on=by_rule) for light in lights.values())
        census.disagree = [lamp for lamp in census.fresh if not agrees(rule, lights[lamp.id], by_rule)]
    return census
