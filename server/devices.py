"""Devices: what the server knows of each device, and what it answers."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nightlight.messages import Command, Override, Telemetry
from nightlight.notices import printable
from nightlight.rule import Rule
from server.overrides import Overrides

FORGOTTEN_AFTER = 3600.0  # seconds after it was last heard
MOST_DEVICES = 20_000  # are known at a time; beyond that, who was not heard for the longest time is forgotten

SAME, LONG_ENOUGH = 2.0, 10.0
"""Readings whose age stays the same, within 2 s for 10 s, are not late: the device's clock is."""


@dataclass(frozen=True)
class Answer:
    """What the server makes of a message."""

    command: Command | None  # None if there is nothing to answer, or the reading is too old
    notice: str = ""  # what a person should know about it


class DeviceClock:
    """Tells from the times of a device's readings which of them are of now.

    A device that keeps readings sends old ones after an outage, and a fresh one ahead of them. But its
    clock may also differ from ours, or be set; then all of its readings look old, or come from the future.
    All times are in seconds since the epoch.
    """

    def __init__(self) -> None:
        self._ahead = 0.0  # seconds by which it is ahead of ours
        self._newest = -math.inf  # when the newest reading was measured, by this clock
        self._late: tuple[float, float] | None = None
        """When the first of the late readings came whose age is the same, and that age; None if the last one was not
        late."""

    def age(self, measured: float, now: float) -> float:
        """Seconds since a reading was measured by this clock, as far as we know that."""
        return now + self._ahead - measured

    def takes(self, measured: float, now: float, stale: float) -> bool:
        """Whether a reading is of now: not older than `stale` seconds, nor than one that came before it."""
        if self.age(measured, now) > stale or measured < self._newest:
            return False
        self._newest, self._late = measured, None
        return True

    def correct(self, measured: float, now: float, stale: float) -> str:
        """Find out whether the clock is another one than we thought; if so set that right, and say how it differs."""
        age, error = self.age(measured, now), measured - now
        is_right_again = abs(error) <= SAME and max(abs(self._ahead), self._newest - now) > SAME
        if not is_right_again and age >= -stale:  # nothing comes from the future, but old readings may come late
            if age <= stale and measured >= self._newest:
                return ""
            if not self._late or abs(age - self._late[1]) > SAME:
                self._late = now, age
            if now - self._late[0] < LONG_ENOUGH:
                return ""
        self._ahead, self._newest = 0.0 if is_right_again else error, -math.inf
        if is_right_again:
            return "is right now"
        return f"is {_duration(error)} {'ahead of' if error > 0 else 'behind'} this one. Set the one that is wrong"


@dataclass
class Device:
    """What is known of one device."""

    heard_at: float = 0.0  # by a clock that nobody sets
    answered_at: float = -math.inf  # by the same clock: its newest reading that was not too old
    clock: DeviceClock = field(default_factory=DeviceClock)
    led_on: bool = False  # by the rule, in the light of that reading


class Devices:
    """Decides for each device: as a person wants it, otherwise by the rule, unless its reading is of the past.

    Yesterday's darkness must not switch today's lamp, so a reading is not answered if it is older than
    `stale` seconds, or older than another one from the same device. One without a time is of now.
    """

    def __init__(
        self,
        rule: Rule,
        stale: float,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rule = rule
        self._stale = stale
        self._clock = clock
        self._timer = timer
        self._devices: OrderedDict[str, Device] = OrderedDict()
        self._overrides = Overrides(MOST_DEVICES, clock)
        self._one_at_a_time = threading.Lock()

    def __len__(self) -> int:
        return len(self._devices)

    def answer(self, id: str, message: Telemetry | Override) -> Answer:
        """What to answer the device with this id: to its reading, or because a person wants something else now."""
        with self._one_at_a_time:  # the link's thread brings messages, and the main one what time has ended
            if isinstance(message, Override):
                return self._answer_override(id, message)
            return self._answer_reading(id, message)

    def overrides_that_end(self) -> Iterator[tuple[str, Override]]:
        """With their ids, each when its time has come: to be answered once more. Waits for the next one, for ever."""
        return self._overrides.ending()

    def _answer_override(self, id: str, override: Override) -> Answer:
        """At once. If the rule is to decide again, then as it would by the newest reading, unless that is too old."""
        news = self._overrides.put(id, override)
        notice = f"For {printable(id)}, {news}." if news else ""  # first our words: an id may be anybody's
        wanted = self._overrides.wanted(id)
        if wanted is None:
            device = self._devices.get(id)
            if not device or self._timer() - device.answered_at > self._stale:
                return Answer(None, notice)
            wanted = device.led_on
        return Answer(Command(wanted), notice)

    def _answer_reading(self, id: str, telemetry: Telemetry) -> Answer:
        device = self._device(id)
        notice = ""
        if telemetry.time is not None:
            now = self._clock()
            if differs := device.clock.correct(telemetry.time, now, self._stale):
                notice = f"The clock of {printable(id)} {differs}."
            if not device.clock.takes(telemetry.time, now, self._stale):
                age = _duration(device.clock.age(telemetry.time, now))
                return Answer(None, f"Not answered: a reading of {printable(id)} that is {age} old.")
        device.led_on = self._rule.led_on(telemetry.light, device.led_on)
        device.answered_at = device.heard_at
        wanted = self._overrides.wanted(id)
        return Answer(Command(device.led_on if wanted is None else wanted), notice)

    def _device(self, id: str) -> Device:
        """The one with this id, which has just been heard; who was not for long, is forgotten."""
        now = self._timer()
        device = self._devices.pop(id, None) or Device()
        device.heard_at = now
        self._devices[id] = device  # the last in line
        while len(self) > MOST_DEVICES or next(iter(self._devices.values())).heard_at < now - FORGOTTEN_AFTER:
            self._devices.popitem(last=False)
        return device


def _duration(seconds: float) -> str:
    seconds = abs(seconds)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
