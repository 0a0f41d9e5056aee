"""Census: how the members of a group are now, and what the group's decision is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from nightlight.lights import Lights
from nightlight.rule import Rule
from page.groups import Group
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
    disagree: list[Lamp] = field(default_factory=list)  # fresh, and by their own light the rule decides otherwise
    differ: list[Lamp] = field(default_factory=list)  # there, and their LED is not (yet) as it should be
    light: int | None = None  # their median or mean; None if there are none
    dark: int = 0  # so many of the fresh ones find it dark
    unanswered: int = 0  # so many of the fresh ones wait for a command

    @property
    def most_disagree(self) -> bool:
        """Whether the decision is not that of most members that count."""
        return 2 * len(self.disagree) > len(self.fresh)

    @property
    def is_answered(self) -> bool:
        """Whether a server answers: most members, since it may be that some commands were not heard here."""
        return 2 * self.unanswered <= len(self.fresh)


def count(group: Group, members: Iterable[Lamp], rule: Rule, now: float) -> Census:
    """Go through all of its members. `now` in seconds since the epoch; the group must have been announced."""
    assert group.state
    census, decision = Census(), group.decision(now)
    lights: list[int] = []  # of the fresh ones, in their order
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
            lights.append(lamp.light)
            census.unanswered += not lamp.is_answered(now, ANSWER_WITHIN)
        wanted = lamp.wanted(now)
        if lamp.led_on is not None and lamp.led_on is not (decision if wanted is None else wanted):
            census.differ.append(lamp)
    if lights:
        led_on, by_size = group.state.led_on, Lights()
        for light in sorted(lights):
            by_size.add(light)
        census.light = math.floor(by_size.mean if group.state.by == "mean" else by_size.median)
        census.dark = by_size.below(rule.limit(led_on))
        members_and_lights = zip(census.fresh, lights, strict=True)
        census.disagree = [lamp for lamp, light in members_and_lights if rule.led_on(light, led_on) is not led_on]
    return census
