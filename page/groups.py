"""Groups: what is decided for many lamps at once, and what these themselves say to it."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from nightlight.messages import GroupState, Message, Override, id_of

MOST_GROUPS = 1_000  # are known at a time; beyond that, who was not heard for the longest time is forgotten


@dataclass
class Group:
    """What is known of one group. Times are in seconds since the epoch."""

    name: str
    state: GroupState | None = None  # by the rule, as announced; the broker keeps it when the server has gone
    decided_at: float = 0.0
    is_since_then: bool = False  # whether that was when it changed, and not only when it was first heard
    override: Override = field(default_factory=lambda: Override(None))
    overridden_at: float = 0.0  # when what a person wants was last heard to change
    commanded_at: dict[bool, float] = field(default_factory=dict)  # when a member was last told `on`, and `off`

    def wanted(self, now: float) -> bool | None:
        """What a person wants of all LEDs; None if that is left to the rule."""
        return self.override.wants(now)

    def decision(self, now: float) -> bool | None:
        """Whether the LEDs are to be on: a person goes before the rule. None if nobody has said so yet."""
        wanted = self.wanted(now)
        return self.state.led_on if wanted is None and self.state else wanted

    def since(self, now: float) -> float:
        """When that was decided, or when it was first heard."""
        end = self.override.until
        return self.decided_at if end is None or end > now else max(self.decided_at, end)

    def is_obeyed(self, now: float) -> bool:
        """Whether a server has told a member what a person wants, or nobody wants anything."""
        wanted = self.wanted(now)
        return wanted is None or self.commanded_at.get(wanted, -math.inf) >= self.overridden_at

    def take(self, message: Message, now: float) -> None:
        """Take in a message that was heard now."""
        before = self.decision(now)
        if isinstance(message, GroupState):
            self.state = message
        elif isinstance(message, Override):
            if message != self.override:
                self.overridden_at = now
            self.override = message
        if self.decision(now) is not before:
            self.decided_at, self.is_since_then = now, before is not None


class Groups:
    """Those that were announced. Only the page's own thread, its loop, knows them."""

    def __init__(self, served: str = "") -> None:
        """`served` is the page's --id. What stands before its last `+` names the groups; without one there are none."""
        levels = served.split("/")
        self._depth = max((depth for depth, level in enumerate(levels) if level == "+"), default=0)
        self.pattern = "/".join(levels[: self._depth])
        """Their names, with `+` in it where these differ; "" if there are none."""
        self._groups: OrderedDict[str, Group] = OrderedDict()

    def __iter__(self) -> Iterator[Group]:
        return (group for group in self._groups.values() if group.state)

    def name_of(self, id: str) -> str:
        """Of the group that a lamp with this id belongs to, whether that was announced or not."""
        return "/".join(id.split("/", self._depth)[: self._depth])

    def of(self, id: str) -> Group | None:
        """The group that a lamp with this id belongs to, if that was announced."""
        group = self._groups.get(self.name_of(id))
        return group if group and group.state else None

    def hear(self, topic: str, message: Message | None, payload: bytes, heard_at: float) -> None:
        """Take in what was heard: a message, or None where it could not be one."""
        name = id_of(topic)
        group = self._groups.pop(name, None) or Group(name)
        self._groups[name] = group  # the last in line
        if len(self._groups) > MOST_GROUPS:
            self._groups.popitem(last=False)
        if message:
            group.take(message, heard_at)
        elif not payload and topic == GroupState.topic(name):  # it was taken back (MQTT 3.1.1 section 3.3.1.3)
            group.state = None
