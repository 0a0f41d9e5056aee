"""The messages on the wire, and the topics that they travel on.

| topic            | who writes               | payload                | QoS, retained |
| `<id>/telemetry` | device                   | `{"light": 412}`       | 1, no         |
| `<id>/commands`  | server                   | `{"led_on": true}`     | 1, no         |
| `<id>/status`    | device and its last will | `online` or `offline`  | 1, yes        |

Fields that are not known here are ignored, so that both sides can grow.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

MAX_LIGHT = 65_535
"""The highest light level that telemetry can carry: what fits in 16 bits."""

MAX_PAYLOAD = 10_000
"""Bytes. Nothing that belongs on these topics comes near it."""

MAX_BRACKETS = 100
"""How many lists and objects a payload may hold. How deep msgspec follows them differs from Python to Python."""

ONLINE, OFFLINE = b"online", b"offline"

AnyMessage = TypeVar("AnyMessage", bound="Message")


class BadMessage(ValueError):
    """A payload that is not what its topic is for; the text says why."""


class Message(msgspec.Struct, frozen=True):
    """What telemetry and commands have in common: they are JSON objects."""

    def __str__(self) -> str:
        """As the lesson prints it: `{'light': 80}`."""
        return str(msgspec.to_builtins(self))

    def encode(self) -> bytes:
        """The payload to publish: JSON in UTF-8."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls: type[AnyMessage], payload: bytes) -> AnyMessage:
        """The message in `payload`, or BadMessage if anything about it is wrong."""
        if not payload:
            raise BadMessage("it is empty")
        if len(payload) > MAX_PAYLOAD:
            raise BadMessage(f"it has {len(payload):,} bytes, more than {MAX_PAYLOAD:,}")
        if payload.count(b"[") + payload.count(b"{") > MAX_BRACKETS:
            raise BadMessage(f"it is nested too deeply (more than {MAX_BRACKETS} brackets)")
        try:
            payload.decode()  # msgspec does not look inside the fields that it skips
            return msgspec.json.decode(payload, type=cls)
        except UnicodeDecodeError:
            raise BadMessage("it is not UTF-8") from None
        except msgspec.ValidationError as error:
            raise BadMessage(str(error)) from None
        except msgspec.DecodeError as error:
            raise BadMessage(f"it is not JSON ({error})") from None


class Telemetry(Message, frozen=True):
    """What the device measured."""

    light: Annotated[int, msgspec.Meta(ge=0, le=MAX_LIGHT)]
    """0 (dark) to 65,535, in the sensor's own unit; CounterFit's goes to 1,023."""


class Command(Message, frozen=True):
    """What the server wants the device to do."""

    led_on: bool


def telemetry_topic(id: str) -> str:
    """Where the device with this id publishes its Telemetry."""
    return f"{id}/telemetry"


def commands_topic(id: str) -> str:
    """Where the device with this id listens for a Command."""
    return f"{id}/commands"


def status_topic(id: str) -> str:
    """Where the broker keeps, for whoever asks, whether the device is online."""
    return f"{id}/status"


def id_of(topic: str) -> str:
    """Whose topic this is: `stadium/seat-7` for `stadium/seat-7/telemetry`."""
    return topic.rpartition("/")[0]
