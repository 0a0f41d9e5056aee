"""The messages on the wire, and the topics that they travel on.

| topic            | who writes               | payload                | QoS, retained |
| `<id>/telemetry` | device                   | `{"light": 412}`, and  | 1, no         |
|                  |                          | `"time"` where kept    |               |
| `<id>/commands`  | server                   | `{"led_on": true}`     | 1, no         |
| `<id>/status`    | device and its last will | `online` or `offline`  | 1, yes        |

Fields that are not known here are ignored, so that both sides can grow.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, TypeVar

MAX_LIGHT = 65_535
"""The highest light level that telemetry can carry: what fits in 16 bits."""

LATEST = 253_402_300_800
"""The end of the year 9999, in seconds since 1970."""

MAX_PAYLOAD = 10_000
"""Bytes. Nothing that belongs on these topics comes near it."""

MAX_BRACKETS = 100
"""How many lists and objects a payload may hold. How deep Python follows them differs from version to version."""

AnyMessage = TypeVar("AnyMessage", bound="Message")


class BadMessage(ValueError):
    """A payload that is not what its topic is for; the text says why."""


@dataclass(frozen=True)
class Message:
    """What all messages have in common; most of them are JSON objects."""

    RETAINED: ClassVar[bool] = False
    """Whether the broker is to keep the newest one for whoever subscribes later."""

    def __str__(self) -> str:
        """As the lesson prints it: `{'light': 80}`."""
        return str(self.fields())

    def encode(self) -> bytes:
        """The payload to publish: JSON in UTF-8."""
        return json.dumps(self.fields()).encode()

    def fields(self) -> dict[str, Any]:
        """The fields that it has."""
        return {name: value for name, value in vars(self).items() if value is not None}

    @classmethod
    def decode(cls: type[AnyMessage], payload: bytes) -> AnyMessage:
        """The message in `payload`, or BadMessage if anything about it is wrong."""
        return cls.from_fields(_json_object(payload))

    @classmethod
    def from_fields(cls: type[AnyMessage], fields: dict[str, Any]) -> AnyMessage:
        """The message with these fields of a JSON object, or BadMessage. Each kind that is JSON has its own."""
        raise NotImplementedError


@dataclass(frozen=True)
class Telemetry(Message):
    """What the device measured."""

    light: int
    """0 (dark) to 65,535, in the sensor's own unit; CounterFit's goes to 1,023, the Grove Base Hat's to 1,000."""

    time: float | None = None
    """When it was measured, in seconds since the epoch, by the device's clock; None unless readings are kept."""

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Telemetry:
        light = _field(fields, "light")
        if type(light) is not int or not 0 <= light <= MAX_LIGHT:  # for Python, True is an int as well
            raise BadMessage(f"'light' is not a whole number from 0 to {MAX_LIGHT}")
        time = fields.get("time")
        if time is not None and (type(time) not in (int, float) or not 0 <= time < LATEST):
            raise BadMessage("'time' is not a number of seconds since 1970")
        return cls(light, time)


@dataclass(frozen=True)
class Command(Message):
    """What the server wants the device to do."""

    led_on: bool

    order: str | None = None
    """`<run>-<number>`, where every command counts: which run of the server sent it, and its number in that run.
    So that one that comes twice can be recognized."""

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Command:
        led_on, order = _field(fields, "led_on"), fields.get("order")
        if type(led_on) is not bool:
            raise BadMessage("'led_on' is neither true nor false")
        if order is not None and not (isinstance(order, str) and re.fullmatch(r"\w{1,40}-\d{1,15}", order, re.ASCII)):
            raise BadMessage("'order' is not of the form run-number")
        return cls(led_on, order)


@dataclass(frozen=True)
class Status(Message):
    """Whether the device is there: a word and not JSON, so that a person can set and read it."""

    RETAINED = True

    online: bool

    def encode(self) -> bytes:
        return b"online" if self.online else b"offline"

    @classmethod
    def decode(cls, payload: bytes) -> Status:
        if payload not in (b"online", b"offline"):
            raise BadMessage("it is neither online nor offline")
        return cls(payload == b"online")


def telemetry_topic(id: str) -> str:
    """Where the device with this id publishes its Telemetry."""
    return f"{id}/telemetry"


def commands_topic(id: str) -> str:
    """Where the device with this id listens for a Command."""
    return f"{id}/commands"


def status_topic(id: str) -> str:
    """Where the broker keeps, for whoever asks, the device's Status."""
    return f"{id}/status"


def id_of(topic: str) -> str:
    """Whose topic this is: `stadium/seat-7` for `stadium/seat-7/telemetry`."""
    return topic.rpartition("/")[0]


def _json_object(payload: bytes) -> dict[str, Any]:
    """The fields of the JSON object in `payload`, or BadMessage."""
    if not payload:
        raise BadMessage("it is empty")
    if len(payload) > MAX_PAYLOAD:
        raise BadMessage(f"it has {len(payload):,} bytes, more than {MAX_PAYLOAD:,}")
    if payload.count(b"[") + payload.count(b"{") > MAX_BRACKETS:
        raise BadMessage(f"it is nested too deeply (more than {MAX_BRACKETS} brackets)")
    try:
        fields = json.loads(payload.decode(), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise BadMessage("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadMessage(f"it is not JSON ({error})") from None
    except ValueError:  # Python's limit for whole numbers
        raise BadMessage("it holds a number with far too many digits") from None
    if not isinstance(fields, dict):
        raise BadMessage("it is JSON, but not an object like {...}")
    return fields


def _refuse(constant: str) -> NoReturn:
    """Python's json would take NaN and Infinity, which JSON has not (RFC 8259 section 6)."""
    raise json.JSONDecodeError(f"{constant} is no number there", constant, 0)


def _field(fields: dict[str, Any], name: str) -> Any:
    if name not in fields:
        raise BadMessage(f"it has no {name!r}")
    return fields[name]
