"""Lamps: what is known of each lamp, from what was heard of it."""

from __future__ import annotations

import math
import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from nightlight.messages import Command, LedState, Message, Override, Status, Telemetry
from nightlight.notices import LONGEST_TEXT, printable
from page.groups import Group, Groups
from page.history import History

MOST_LAMPS = 5_000  # are known at a time; beyond that, who was not heard for the longest time is forgotten
LAST = 20  # so many messages of each are kept to be read
SILENT_AFTER = 30.0  # seconds without a reading, from a device that is there; more for one that reports rarely
OLDEST = 10 * 365 * 86_400.0  # seconds; what is older was measured by a clock that was never set
MOST_NUMBERS = 8  # of an id, for its place among others
LONGEST_WAY = 10.0  # seconds; an LED that follows later follows something else


@dataclass(frozen=True)
class Heard:
    """A message as it went over the wire, in characters that can be shown."""

    time: float
    kind: str  # the last level of its topic
    topic: str
    payload: str
    problem: str  # why it was ignored; "" if it was not


@dataclass
class Lamp:
    """What is known of one lamp. Times are in seconds since the epoch; None is for what nobody has said yet."""

    id: str
    light: int | None = None
    light_at: float = 0.0
    spacing: float = 0.0  # seconds between its last two readings
    led_on: bool | None = None
    led_at: float = 0.0
    by: str | None = None  # "server" or "device", who said so; None if the device does not report its LED
    online: bool | None = None
    online_at: float = 0.0
    is_since_then: bool = False  # whether that was when it changed, and not only when it was first heard
    commanded_at: float = 0.0
    asked_at: float | None = None  # when the first reading came that no command has followed yet
    override: Override = field(default_factory=lambda: Override(None))
    overridden_at: float = 0.0  # when what a person wants was last heard to change
    took: float | None = None  # seconds to the LED, from what it followed
    followed: str = "light"  # that: `light`, `switch`, or what was decided for its `group`
    messages: deque[Heard] = field(default_factory=lambda: deque(maxlen=LAST))
    _cause_at: float = -math.inf

    def wanted(self, now: float) -> bool | None:
        """What a person wants of the LED; None if that is left to the rule."""
        return self.override.wants(now)

    def decided_by(self, now: float, group: Group | None = None) -> str | None:
        """Who: `person`, `server` or `device`; `person for all` and `server for all` is for its `group`."""
        if self.led_on is None:
            return None
        if self.by == "device":
            return "device"
        if self.wanted(now) is self.led_on and self.is_obeyed(now):
            return "person"
        if not group or self.wanted(now) is not None:
            return "server"
        return "person for all" if group.wanted(now) is self.led_on and group.is_obeyed(now) else "server for all"

    def is_obeyed(self, now: float) -> bool:
        """Whether the server has said what a person wants, or nobody wants anything."""
        return self.wanted(now) is None or self.commanded_at >= self.overridden_at

    def is_silent(self, now: float) -> bool:
        """Whether it is there, or has never said otherwise, but sends no readings."""
        return self.online is not False and now - self.light_at > max(SILENT_AFTER, 3 * self.spacing)

    def is_answered(self, now: float, within: float) -> bool:
        """Whether commands follow the readings, or can still be on their way for so many seconds."""
        return self.asked_at is None or now - self.asked_at < within

    # ---- what comes ----

    def take(self, message: Message, now: float, history: History, group: Group | None = None) -> None:
        """Take in a message that was heard now, by the member of a group if there is one."""
        if isinstance(message, Telemetry):
            self._take_light(message, now, history)
        elif isinstance(message, LedState):  # before Command, of which it is a kind
            self._take_led(message.led_on, message.by, now, history, group)
        elif isinstance(message, Command):
            self.commanded_at, self.asked_at = now, None
            if group:
                group.commanded_at[message.led_on] = now
            if self.by is None:
                self._take_led(message.led_on, None, now, history, group)
        elif isinstance(message, Status):
            if message.online is not self.online:
                self.is_since_then = self.online is not None
                self.online, self.online_at = message.online, now
        elif isinstance(message, Override):
            if message != self.override:
                self._cause_at = self.overridden_at = now
            self.override = message

    def _take_light(self, telemetry: Telemetry, now: float, history: History) -> None:
        """A kept reading may come late: it belongs to the time when it was measured."""
        measured = now
        if telemetry.time is not None and telemetry.time > now - OLDEST:
            measured = min(telemetry.time, now)
        history.put_light(self.id, measured, telemetry.light)
        if measured >= min(self.light_at, now):  # unless this machine's clock was set back
            self.spacing = measured - self.light_at if self.light is not None else 0.0
            self.light, self.light_at = telemetry.light, measured
            self._cause_at = now
            if self.asked_at is None:
                self.asked_at = now

    def _take_led(self, led_on: bool, by: str | None, now: float, history: History, group: Group | None) -> None:
        is_change = led_on is not self.led_on
        if is_change or by != self.by:
            history.put_led(self.id, now, led_on, by or "commanded")
        if is_change:
            cause_at, self.followed = self._cause(group)
            way = now - cause_at
            self.took = way if self.led_on is not None and by != "device" and way < LONGEST_WAY else None
            self.led_at = now
        self.led_on, self.by = led_on, by

    def _cause(self, group: Group | None) -> tuple[float, str]:
        """When that came which the LED follows now, and what it was. A member does not follow its own light."""
        if group:
            return max((self.overridden_at, "switch"), (group.decided_at, "group"))
        return self._cause_at, "switch" if self._cause_at == self.overridden_at else "light"


class Lamps:
    """Those that were heard. Only the page's own thread, its loop, knows them."""

    def __init__(self, history: History, clock: Callable[[], float] = time.time, served: str = "") -> None:
        """`served` is the page's --id, which tells the groups."""
        self.history = history
        self.groups = Groups(served)
        self._clock = clock
        self._lamps: OrderedDict[str, Lamp] = OrderedDict()

    def now(self) -> float:
        """In seconds since the epoch."""
        return self._clock()

    def __len__(self) -> int:
        return len(self._lamps)

    def __iter__(self) -> Iterator[Lamp]:
        return iter(self._lamps.values())

    def __contains__(self, id: str) -> bool:
        return id in self._lamps

    def __getitem__(self, id: str) -> Lamp:
        """The one with this id, also if nothing was heard of it yet."""
        return self._lamps.get(id) or Lamp(id)

    def hear(
        self, topic: str, message: Message | None, payload: bytes, problem: str, heard_at: float | None = None
    ) -> Lamp:
        """Take in what was heard, now if nothing else is said: a message, or None where it could not be one."""
        id, _, kind = topic.rpartition("/")
        lamp = self._lamps.pop(id, None) or Lamp(id)
        self._lamps[id] = lamp  # the last in line
        if len(self) > MOST_LAMPS:
            self._lamps.popitem(last=False)
        now = self._clock() if heard_at is None else heard_at
        text = payload[: 4 * LONGEST_TEXT + 4].decode(errors="replace")  # 4 bytes are a character in UTF-8, at most
        lamp.messages.append(Heard(now, kind, printable(topic), printable(text), problem))
        if message:
            lamp.take(message, now, self.history, self.groups.of(id))
        return lamp


@lru_cache(maxsize=2 * MOST_LAMPS)  # all are sorted again and again
def natural(id: str) -> tuple[tuple[int, str], ...]:
    """So that seat-9 comes before seat-10. Of an id with very many numbers, the first of them count."""
    parts = re.split(r"(\d{1,9})", id, maxsplit=MOST_NUMBERS)
    return tuple((int(part) if part.isdecimal() else -1, part) for part in parts)
