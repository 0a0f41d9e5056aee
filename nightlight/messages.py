"""The messages on the wire, and the topics that they travel on.

| topic            | who writes               | payload                            | QoS, retained |
| `<id>/telemetry` | device                   | `{"light": 412}`,                  | 1, no         |
|                  |                          | and `"time"` where kept            |               |
| `<id>/commands`  | server                   | `{"led_on": true}`                 | 1, no         |
| `<id>/led`       | device                   | `{"led_on": true, "by": "server"}` | 1, yes        |
| `<id>/status`    | device and its last will | `online` or `offline`              | 1, yes        |
| `<id>/override`  | page or person           | `{"led_on": true}`, false or null, | 1, yes        |
|                  |                          | and `"until"` if it ends           |               |
| `<group>/group`  | server that decides for  | `{"led_on": true, "by": "median",  | 1, yes        |
|                  | many at once             | "fresh": 15}`                      |               |
| `<name>/share`   | server that shares its   | `here`, each second, or `gone`     | 1, no         |
|                  | groups, and its will     |                                    |               |

`<group>` is what the ids of its members begin with: `stadium` for `stadium/seat-7`.
Fields that are not known here are ignored, so that all sides can grow.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Literal, NoReturn, TypeVar, get_args

MAX_LIGHT = 65_535  # the highest light level that telemetry can carry: what fits in 16 bits

LONGEST_ID = 1_000
"""Characters. A topic may have 65,535 bytes (MQTT 3.1.1 section 4.7.3), but nobody types that."""

LATEST = 253_402_300_800
"""The end of the year 9999, in seconds since the epoch. As long before it, time begins here: a clock may be wrong."""

MAX_PAYLOAD = 10_000  # bytes; nothing that belongs on these topics comes near it

MAX_BRACKETS = 100
"""How many lists and objects a payload may hold. How deep Python follows them differs from version to version."""

Method = Literal["median", "mean", "quorum"]
METHODS: tuple[Method, ...] = get_args(Method)

SHORT = 100
"""Bytes. What was made of payloads that are not longer is remembered: the same light levels come again and again."""

AnyMessage = TypeVar("AnyMessage", bound="Message")


class BadMessage(ValueError):
    """A payload that is not what its topic is for; the text says why."""


@dataclass(frozen=True)
class Message:
    """What all messages have in common; most of them are JSON objects. BadMessage if a value cannot be."""

    TOPIC: ClassVar[str]
    """The last level of the topic."""

    RETAINED: ClassVar[bool] = False
    """Whether the broker is to keep the newest one for whoever subscribes later."""

    @classmethod
    def topic(cls, id: str) -> str:
        """Where those of the device with this id are; with `+` in it, those of many."""
        return f"{id}/{cls.TOPIC}"

    def __str__(self) -> str:
        """As the lesson prints it: `{'light': 80}`."""
        return str(self._given())

    def encode(self) -> bytes:
        """The payload to publish: JSON in UTF-8."""
        return json.dumps(self._given()).encode()

    @cached_property
    def payload(self) -> bytes:
        """The same, made only once."""
        return self.encode()

    @classmethod
    def decode(cls: type[AnyMessage], payload: bytes) -> AnyMessage:
        """The message in `payload`, or BadMessage if anything about it is wrong."""
        given = _json_object(payload)
        for field in _fields(cls):
            if field.default is MISSING and field.name not in given:
                raise BadMessage(f"it has no {field.name!r}")
        return cls(**{field.name: given[field.name] for field in _fields(cls) if field.name in given})

    def _given(self) -> dict[str, Any]:
        """All fields, without those that may be left out and are."""
        values = ((field, getattr(self, field.name)) for field in fields(self))
        return {field.name: value for field, value in values if value is not None or field.default is MISSING}


@dataclass(frozen=True)
class Telemetry(Message):
    """What the device measured."""

    TOPIC = "telemetry"

    light: int
    """0 (dark) to 65,535, in the sensor's own unit; CounterFit's goes to 1,023, the Grove Base Hat's to 1,000."""

    time: float | None = None
    """When it was measured, in seconds since the epoch, by the device's clock; None unless readings are kept."""

    def __post_init__(self) -> None:
        if type(self.light) is not int or not 0 <= self.light <= MAX_LIGHT:  # for Python, True is an int as well
            raise BadMessage(f"'light' is not a whole number from 0 to {MAX_LIGHT}")
        _check_time("time", self.time)


@dataclass(frozen=True)
class Command(Message):
    """What the server wants the device to do."""

    TOPIC = "commands"

    led_on: bool

    def __post_init__(self) -> None:
        if type(self.led_on) is not bool:
            raise BadMessage("'led_on' is neither true nor false")


@dataclass(frozen=True)
class LedState(Command):
    """What the device's LED is now, and who said so."""

    TOPIC = "led"
    RETAINED = True

    by: Literal["server", "device"]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by not in ("server", "device"):
            raise BadMessage("'by' is neither server nor device")


@dataclass(frozen=True)
class Status(Message):
    """Whether the device is there: a word and not JSON, so that a person can set and read it."""

    TOPIC = "status"
    RETAINED = True

    online: bool

    def encode(self) -> bytes:
        return b"online" if self.online else b"offline"

    @classmethod
    def decode(cls, payload: bytes) -> Status:
        if payload not in (b"online", b"offline"):
            raise BadMessage("it is neither online nor offline")
        return cls(payload == b"online")


@dataclass(frozen=True)
class Override(Message):
    """What a person wants of the LED: it goes before the server's rule."""

    TOPIC = "override"
    RETAINED = True

    led_on: bool | None
    """None is back to the rule."""

    until: float | None = None
    """When it ends, in seconds since the epoch; None if it does not end by itself."""

    def __post_init__(self) -> None:
        if self.led_on is not None and type(self.led_on) is not bool:
            raise BadMessage("'led_on' is neither true nor false nor null")
        _check_time("until", self.until)

    @classmethod
    def decode(cls, payload: bytes) -> Override:
        """As it is written; an empty one is how MQTT takes a retained message back (MQTT 3.1.1 section 3.3.1.3)."""
        return super().decode(payload) if payload else cls(None)

    def wants(self, now: float) -> bool | None:
        """Whether the LED should be on, at this time; None if that is left to the rule."""
        return None if self.until is not None and self.until <= now else self.led_on


@dataclass(frozen=True)
class GroupState(Command):
    """What is decided for a group of devices now, and how."""

    TOPIC = "group"
    RETAINED = True

    by: Method
    """What is made of their light levels."""

    fresh: float
    """Seconds; an older reading does not count."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by not in METHODS:
            raise BadMessage(f"'by' is none of {', '.join(METHODS)}")
        if not (type(self.fresh) in (int, float) and 0 < self.fresh < LATEST):
            raise BadMessage("'fresh' is not a number of seconds")


@dataclass(frozen=True)
class Presence(Message):
    """Whether one of several servers that share groups is there: a word, which it says each second."""

    TOPIC = "share"

    is_here: bool

    def encode(self) -> bytes:
        return b"here" if self.is_here else b"gone"

    @classmethod
    def decode(cls, payload: bytes) -> Presence:
        if payload not in (b"here", b"gone"):
            raise BadMessage("it is neither here nor gone")
        return cls(payload == b"here")


def decode(kind: type[AnyMessage], payload: bytes) -> AnyMessage:
    """The message of this kind in `payload`, or BadMessage if anything about it is wrong."""
    message: AnyMessage = _remembered(kind, payload) if len(payload) <= SHORT else kind.decode(payload)
    return message


def id_of(topic: str) -> str:
    """Whose topic this is: `stadium/seat-7` for `stadium/seat-7/telemetry`."""
    return topic.rpartition("/")[0]


def _check_time(name: str, value: float | None) -> None:
    if value is not None and not (type(value) in (int, float) and -LATEST < value < LATEST):
        raise BadMessage(f"'{name}' is not a number of seconds since 1970")


_remembered: Callable[..., Any] = lru_cache(maxsize=10_000)(lambda kind, payload: kind.decode(payload))
_fields: Callable[..., tuple[Field[Any], ...]] = lru_cache(fields)


def _json_object(payload: bytes) -> dict[str, Any]:
    """The fields of the JSON object in `payload`, or BadMessage."""
    if not payload:
        raise BadMessage("it is empty")
    if len(payload) > MAX_PAYLOAD:
        raise BadMessage(f"it has {len(payload):,} bytes, more than {MAX_PAYLOAD:,}")
    if payload.count(b"[") + payload.count(b"{") > MAX_BRACKETS:
        raise BadMessage(f"it is nested too deeply (more than {MAX_BRACKETS} brackets)")
    try:
        given = _JSON.decode(payload.decode())
    except UnicodeDecodeError:
        raise BadMessage("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadMessage(f"it is not JSON ({error})") from None
    except ValueError:  # Python's limit for whole numbers
        raise BadMessage("it holds a number with far too many digits") from None
    if not isinstance(given, dict):
        raise BadMessage("it is JSON, but not an object like {...}")
    return given


def _refuse(constant: str) -> NoReturn:
    """Python's json would take NaN and Infinity, which JSON has not (RFC 8259 section 6)."""
    raise json.JSONDecodeError(f"{constant} is no number there", constant, 0)


_JSON = json.JSONDecoder(parse_constant=_refuse)  # one for all: making it takes longer than what it does here
