"""Devices: what the server knows of each device, and what it answers."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nightlight.messages import Command, LedState, Message, Override, Telemetry
from nightlight.rule import Rule
from server.device_clock import DeviceClock
from server.overrides import Overrides

FORGOTTEN_AFTER = 3600.0  # seconds after it was last heard
MOST_DEVICES = 20_000  # are known at a time; beyond that, who was not heard for the longest time is forgotten

COMMANDS = {on: Command(on) for on in (True, False)}


class Answer(NamedTuple):
    """What the server makes of a message, or of the time that passes."""

    commands: Sequence[tuple[str, Command]] = ()  # for which device, by its id; none if there is nothing to answer
    notice: str = ""  # what a person should know about it


@dataclass(slots=True)
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

    Servers that share the devices hear some of the readings each. `is_shared` says that this is one of them: what
    it heard last of a device need not be the newest. Whether its LED is on, they all hear from the device itself.
    """

    def __init__(
        self,
        rule: Rule,
        stale: float,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        is_shared: bool = False,
    ) -> None:
        self._rule = rule
        self._stale = stale
        self._clock = clock
        self._timer = timer
        self._is_shared = is_shared
        self._devices: OrderedDict[str, Device] = OrderedDict()
        self._overrides = Overrides(MOST_DEVICES, clock)

    def __len__(self) -> int:
        return len(self._devices)

    def answer(self, id: str, message: Message) -> Answer:
        """What to answer to a reading of the device with this id, or because a person wants something else now."""
        if isinstance(message, Telemetry):
            return self._answer_reading(id, message)
        if isinstance(message, Override):
            return self._answer_override(id, message)
        if isinstance(message, LedState) and id in self._devices:
            self._devices[id].led_on = message.led_on
        return Answer()

    def due(self) -> Iterator[Answer]:
        """What to do each second, when no message comes: what people wanted ends. Who is gone is forgotten."""
        while self._devices and next(iter(self._devices.values())).heard_at < self._timer() - FORGOTTEN_AFTER:
            self._devices.popitem(last=False)
        for id, override in self._overrides.ended():
            yield self._answer_override(id, override)

    def _answer_override(self, id: str, override: Override) -> Answer:
        """At once. If the rule is to decide again, then as it would by the newest reading, unless that is too old."""
        notice = self._overrides.put(id, override)
        wanted = self._overrides.wanted(id)
        if wanted is None:
            device = self._devices.get(id)
            if self._is_shared or not device or self._timer() - device.answered_at > self._stale:
                return Answer((), notice)
            wanted = device.led_on
        return Answer([(id, COMMANDS[wanted])], notice)

    def _answer_reading(self, id: str, telemetry: Telemetry) -> Answer:
        device = self._devices.get(id) or self._new_device(id)
        device.heard_at = self._timer()
        self._devices.move_to_end(id)
        notice = ""
        if telemetry.time is not None:
            is_of_now, notice = device.clock.judge(id, telemetry.time, self._clock(), self._stale)
            if not is_of_now:
                return Answer((), notice)
        device.led_on = self._rule.led_on(telemetry.light, device.led_on)
        device.answered_at = device.heard_at
        wanted = self._overrides.wanted(id)
        return Answer([(id, COMMANDS[device.led_on if wanted is None else wanted])], notice)

    def _new_device(self, id: str) -> Device:
        if len(self._devices) >= MOST_DEVICES:
            self._devices.popitem(last=False)
        self._devices[id] = device = Device()
        return device
