"""Groups: many sensors, one decision."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from nightlight.lights import Lights
from nightlight.link import Link
from nightlight.messages import Command, GroupState, Message, Method, Override, Presence, Status, Telemetry
from nightlight.notices import printable
from nightlight.rule import Rule
from server.device_clock import DeviceClock
from server.devices import COMMANDS, FORGOTTEN_AFTER, MOST_DEVICES, Answer
from server.overrides import Overrides
from server.share import Share

CALM = 1.0  # seconds in which a decision changes twice at most: each time, all members are told
REPORTS_WITHIN = 2.0  # seconds: a member that has come reports by then, and is answered; the others are told


@dataclass
class Member:
    """What is known of one device."""

    group: Group
    heard_at: float = 0.0  # by a clock that nobody sets
    clock: DeviceClock = field(default_factory=DeviceClock)
    is_online: bool | None = None  # None if it has never said so
    told: bool | None = None  # the last command


class Group:
    """One decision, from the newest readings of those members that count."""

    def __init__(self, id: str, method: Method, rule: Rule) -> None:
        self.id = id
        self.led_on: bool | None = None
        """The decision; None before there was one. When nobody counts any more, it stays."""
        self.members: dict[str, Member] = {}
        self.said: GroupState | None = None
        """What the broker was told of it; None if that was done by another server, or another connection."""
        self.is_mine = False  # whether this server says what is decided
        self._is_deserted = self._speaks = False  # as it was said last
        self._method: Method = method
        self._rule = rule
        self._lights = Lights()
        self._changed_at = deque([-math.inf, -math.inf], maxlen=2)
        self._counted: dict[str, tuple[int, float]] = {}
        """By their ids: the light level, and until when it counts."""

    def __len__(self) -> int:
        """How many members count."""
        return len(self._counted)

    def begin(self) -> None:
        """From now on this server says what is decided, or says it on another connection: nobody was told yet."""
        self.is_mine = True
        self.said = None
        for member in self.members.values():
            member.told = None

    def new_speaker(self) -> str:
        """Among servers that share: that this one speaks for it now, or no longer; once."""
        if self._speaks is self.is_mine:
            return ""
        self._speaks = self.is_mine
        return f"This server speaks for {printable(self.id)} {'now' if self.is_mine else 'no longer'}."

    def notice(self) -> str:
        """What a person should know about its readings, once."""
        was_deserted, self._is_deserted = self._is_deserted, not self._counted
        if self.led_on is None or self._is_deserted is was_deserted:
            return ""
        if not self._is_deserted:
            return f"In {printable(self.id)} there are fresh readings again."
        stays = "on" if self.led_on else "off"
        return f"In {printable(self.id)} nobody has a fresh reading: the last decision stays, {stays}."

    def count(self, id: str, light: int, until: float) -> None:
        """Take in the newest reading of the member with this id, which counts until then."""
        self.leave_out(id)
        self._counted[id] = light, until
        self._lights.add(light)

    def leave_out(self, id: str) -> None:
        """The reading of this member does not count any more, if it has one."""
        if counted := self._counted.pop(id, None):
            self._lights.remove(counted[0])

    def leave_out_old(self, now: float) -> None:
        """What counted until now, does so no longer."""
        for id in [id for id, (_, until) in self._counted.items() if until <= now]:
            self.leave_out(id)

    def decide(self, now: float) -> bool:
        """Decide by those that count; whether that is another decision. Not thrice a second, in flickering light."""
        is_dark = self._lights.is_dark(self._method, self._rule.limit(bool(self.led_on)))
        if is_dark is None or is_dark is self.led_on or now < self._changed_at[0] + CALM:
            return False
        self.led_on = is_dark
        self._changed_at.append(now)
        return True


class Groups:
    """Decides for all devices of a group at once, and answers as Devices does.

    The ids under the last `+` of --id form a group: with `stadium/+` there is one, `stadium`, with `+/+` one for
    each first level. A reading counts for `fresh` seconds, if its device does not go offline before. When a decision
    changes, each member is told once; a member that reports is told what is decided. What a person wants of a
    member, or else of the group, goes before that.

    With a `share`, this is one of several servers. They all listen, and one of them speaks for each group.
    """

    def __init__(
        self,
        id: str,
        method: Method,
        rule: Rule,
        fresh: float,
        link: Link,
        share: Share | None = None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._above = id.rpartition("+")[0].count("/")  # so many levels of an id are its group's
        self._method: Method = method
        self._rule = rule
        self._fresh = fresh
        self._link = link
        self._share = share
        self._clock = clock
        self._timer = timer
        self._groups: dict[str, Group] = {}
        self._members: OrderedDict[str, Member] = OrderedDict()
        self._overrides = Overrides(MOST_DEVICES, clock)
        self._connection = 0

    def __len__(self) -> int:
        return len(self._members)

    def answer(self, id: str, message: Message) -> Answer:
        """What to answer to a message about a member, a group, or a server that shares them."""
        if isinstance(message, Telemetry):
            return self._answer_reading(id, message)
        if isinstance(message, Status):
            return self._answer_status(id, message)
        if isinstance(message, Override):
            return self._answer_override(id, message)
        if isinstance(message, GroupState):
            self._learn(id, message)
        if isinstance(message, Presence) and self._share:
            self._share.hear(id, message)
        return Answer()

    def due(self) -> Iterator[Answer]:
        """What to do each second, when no message comes: readings become too old, servers come and go."""
        if self._link.connections != self._connection:
            self._connection = self._link.connections
            for group in self._groups.values():
                group.begin()
            if self._share:
                self._share.begin()
        if self._share:
            self._share.say(self._link)
        self._forget_who_is_gone()
        for id, override in self._overrides.ended():
            yield self._answer_override(id, override)
        for group in [group for group in self._groups.values() if group.members]:
            yield self._due(group)

    # ---- what comes ----

    def _answer_reading(self, id: str, telemetry: Telemetry) -> Answer:
        member = self._hear(id)
        age, notice = 0.0, ""
        if telemetry.time is not None:
            now = self._clock()
            is_of_now, notice = member.clock.judge(id, telemetry.time, now, self._fresh)
            if not is_of_now:
                return Answer((), notice)
            age = max(0.0, member.clock.age(telemetry.time, now))
        if member.is_online is not False:
            member.group.count(id, telemetry.light, self._timer() + self._fresh - age)
        is_new = self._decide(member.group)
        member.told = None
        return Answer(self._tell(member.group, None if is_new else [id]), notice)

    def _answer_status(self, id: str, status: Status) -> Answer:
        if not status.online and id not in self._members:
            return Answer()  # it has gone long ago, and the broker still says so
        member = self._hear(id)
        if member.is_online is not status.online:
            member.is_online, member.told = status.online, None
        if status.online:
            return Answer()
        member.group.leave_out(id)
        return Answer(self._tell(member.group) if self._decide(member.group) else ())

    def _answer_override(self, id: str, override: Override) -> Answer:
        """At once, to the member or to all of the group."""
        notice = self._overrides.put(id, override)
        if id in self._members:
            return Answer(self._tell(self._members[id].group, [id]), notice)
        return Answer(self._tell(self._groups[id]) if id in self._groups else (), notice)

    def _learn(self, id: str, state: GroupState) -> None:
        """Another server has decided, or this one before it was started again."""
        if id in self._groups or len(self._groups) < MOST_DEVICES:
            group = self._group(id)
            if group.led_on is None or not group.is_mine:
                group.led_on = state.led_on

    # ---- what is decided ----

    def _decide(self, group: Group) -> bool:
        """Decide anew; whether there is news for all members."""
        is_new = group.decide(self._timer())
        if self._share and not self._share.is_mine(group.id):
            group.is_mine = False
            return False
        if not group.is_mine:
            group.begin()
            is_new = True
        if group.led_on is not None and group.id:  # under '+' alone it has no name, and so no topic
            state = GroupState(group.led_on, self._method, self._fresh)
            if state != group.said and self._link.publish(GroupState.topic(group.id), state):
                group.said = state
        return is_new

    def _tell(self, group: Group, ids: Iterable[str] | None = None) -> list[tuple[str, Command]]:
        """What to command those members, or all that are there, who were not told yet what is wanted."""
        commands = []
        if ids is None:
            ids = [id for id, member in group.members.items() if member.is_online is not False]
        for id in ids if group.is_mine else ():
            member, wanted = group.members[id], self._wanted(id, group)
            if wanted is not None and member.told is not wanted:
                member.told = wanted
                commands.append((id, COMMANDS[wanted]))
        return commands

    def _wanted(self, id: str, group: Group) -> bool | None:
        """By a person of this member, by a person of the group, or by the rule."""
        for whose in (id, group.id):
            wanted = self._overrides.wanted(whose)
            if wanted is not None:
                return wanted
        return group.led_on

    def _due(self, group: Group) -> Answer:
        """When a second has passed. Who reports is told; others are told now, unless they have just come."""
        now = self._timer()
        group.leave_out_old(now)
        if self._decide(group):
            return Answer(self._tell(group))
        since = now - REPORTS_WITHIN
        ids = [id for id, member in group.members.items() if member.heard_at < since and member.is_online is not False]
        return Answer(self._tell(group, ids), (self._share and group.new_speaker()) or group.notice())

    # ---- who is there ----

    def _hear(self, id: str) -> Member:
        """The member with this id, which has just been heard."""
        member = self._members.pop(id, None)
        if member is None:
            group = self._group(self._group_of(id))
            member = group.members[id] = Member(group)
        member.heard_at = self._timer()
        self._members[id] = member  # the last in line
        if len(self._members) > MOST_DEVICES:
            self._forget(next(iter(self._members)))
        return member

    def _forget_who_is_gone(self) -> None:
        long_ago = self._timer() - FORGOTTEN_AFTER
        while self._members:
            id, member = next(iter(self._members.items()))
            if member.heard_at > long_ago:
                return
            if member.is_online:
                self._hear(id)  # it is there, though it has nothing to report
            else:
                self._forget(id)

    def _forget(self, id: str) -> None:
        group = self._members.pop(id).group
        group.leave_out(id)
        del group.members[id]
        if not group.members:
            del self._groups[group.id]

    def _group(self, id: str) -> Group:
        if id not in self._groups:
            self._groups[id] = Group(id, self._method, self._rule)
        return self._groups[id]

    def _group_of(self, id: str) -> str:
        """`stadium` for `stadium/7`."""
        return "/".join(id.split("/")[: self._above])
