"""Hostile payloads and ids by chance; and which payloads are right after all, found out in another way than ours."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, NoReturn

from nightlight.messages import Command, LedState, Message, Override, Status, Telemetry

KINDS: tuple[type[Message], ...] = (Telemetry, Command, LedState, Status, Override)

LIMIT, MOST_BRACKETS = 10_000, 100
"""What the contract allows a payload: bytes, and brackets that open."""

RIGHT = {
    Telemetry: [b'{"light": 412}', b'{"light": 80, "time": 1795300000.5}'],
    Command: [b'{"led_on": true}', b'{"led_on": false}'],
    LedState: [b'{"led_on": true, "by": "server"}', b'{"led_on": false, "by": "device"}'],
    Status: [b"online", b"offline"],
    Override: [b'{"led_on": true, "until": 1795300000}', b'{"led_on": null}', b""],
}

FIELDS = ["light", "time", "led_on", "by", "until", "", "__class__", "note", "\u0000", "Light", "led_on "]

VALUES = [
    *("true", "false", "null", "True", "None", "nul", "0", "1", "-0", "-1", "412", "65535", "65536", "1.0", "80.5"),
    *("1e2", "1e999", "-1e999", "1e-999", "NaN", "Infinity", "-Infinity", "nan", "01", "+1", ".5", "1.", "0x10", "1_0"),
    *("9" * 400, "9" * 4_400, "-" + "9" * 4_300, "0." + "3" * 5_000, "1e" + "9" * 300, "1795300000", "-253402300800"),
    *("253402300799", "253402300800", "\u0663", "\uff11", '"server"', '"device"', '"true"', '"1"', '""', '"\\ud800"'),
    *('"\\u0000"', '"\\u001b[2J"', '"\\x41"', '"\x1b]0;owned\x07"', '"\n"', '"\u2028"', '"\u202e"', '"\ufeff"', "'on'"),
    *("[]", "{}", "[true]", '{"led_on": true}', "[[[[[]]]]]", "[" * 90 + "]" * 90, "[" * 3_000, "[" * 600 + "]" * 600),
]
"""What is written in a value's place: JSON, and what only looks like it."""

FORGED = b"\r\nMQTT connected!\r\nMessage received: {'led_on': True}\r\n\x1b[2J\x1b]0;owned\x07\xe2\x80\xae"

ID_PARTS = [
    *("\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\u061c", "\U000e0041", "\u00a0", "\u3000"),
    *(
        "\u4f60\u597d",
        "\U0001f4a1",
        "\U0001f469\u200d\U0001f680",
        "e\u0301",
        "\ue000",
        "x" * 90,
        "seat-7",
        "$SYS",
        "..",
    ),
    *("MQTT connected!", "Light level: 80", " ", "%s", "{0}", "'", '"', "\\n", "\\x1b[2J", "<b>"),
]


def payload(chance: random.Random, kind: type[Message]) -> bytes:
    """One for the topic of this kind; rarely it is right."""
    return chance.choice(RECIPES)(chance, kind)


def wrong_payload(chance: random.Random, kind: type[Message]) -> bytes:
    """One that must be ignored."""
    while is_right(kind, wrong := payload(chance, kind)):
        pass
    return wrong


def id_part(chance: random.Random, *more: str) -> str:
    """A level of a topic: in MQTT, unless there are `more` parts, it may be so."""
    return "".join(chance.choices([*ID_PARTS, *more], k=chance.randint(1, 14)))


# ---- how they are made ----


def _noise(chance: random.Random, kind: type[Message]) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 2, 8, 40, 200)))


def _damaged(chance: random.Random, kind: type[Message]) -> bytes:
    """A right one, with a few bytes changed, left out, put in, or said twice."""
    right = bytearray(chance.choice(RIGHT[kind]))
    for _ in range(chance.randint(0, 4)):
        at = chance.randint(0, len(right))
        what = chance.choice(
            (b"", chance.randbytes(1), bytes(chance.choices(b'{}[]":,0129eE+-. \t\n\\', k=1)), right[:at])
        )
        right[at : at + chance.randint(0, 2)] = what
    return bytes(right)


def _odd(chance: random.Random, kind: type[Message]) -> bytes:
    """An object of odd fields and values; some fields are there twice."""
    names = [*chance.choices(FIELDS, k=chance.randint(0, 3)), *(["light", "led_on", "by"] * chance.randint(0, 2))]
    chance.shuffle(names)
    fields = (f"{json.dumps(name)}: {chance.choice(VALUES)}" for name in names)
    return f"{{{', '.join(fields)}}}".encode(errors="surrogatepass")


def _just_a_value(chance: random.Random, kind: type[Message]) -> bytes:
    return chance.choice(VALUES).encode()


def _long(chance: random.Random, kind: type[Message]) -> bytes:
    """A right one, with what is ignored beside it, up to the limit and beyond."""
    right = chance.choice(RIGHT[kind])
    room = max(0, chance.choice((LIMIT - 1, LIMIT, LIMIT + 1, LIMIT // 2, 2 * LIMIT)) - len(right))
    if not right.endswith(b"}") or chance.random() < 0.3:
        return right + b" " * room
    filling = chance.choice((b"x", b"\\u0000", b"\xc3\xa9", b"\\\\"))
    note = (filling * (room // len(filling) + 1))[: max(0, room - 12)]
    return right[:-1] + b', "note": "' + note + b'"}'


def _in_other_clothes(chance: random.Random, kind: type[Message]) -> bytes:
    """A right one in another encoding, with a byte order mark, something before it, or something behind."""
    right = chance.choice(RIGHT[kind])
    text = right.decode()
    return chance.choice((
        text.encode("utf-16"), text.encode("utf-32"), text.encode("utf-16-le"), b"\xef\xbb\xbf" + right, right + right,
        right + b"\x00", b"\x0b" + right, right + b"\xc2\xa0", b" \t\r\n" + right + b"\n", right + FORGED,
        FORGED + right, right.replace(b'"', b"'"), right.upper(), right.replace(b"}", b', "note": "\xed\xa0\x80"}'),
        right.replace(b"}", b",}"), b"[" + right + b"]", json.dumps(text).encode(),
    ))  # fmt: skip


RECIPES: list[Callable[[random.Random, type[Message]], bytes]] = [
    *(_noise, _damaged, _damaged, _odd, _odd, _odd, _just_a_value, _long, _in_other_clothes)
]


# ---- which of them are right ----


def is_right(kind: type[Message], payload: bytes) -> bool:
    """Whether this is what the contract on the wire asks for, and no more of it than it allows."""
    if kind is Status:
        return payload in {b"online", b"offline"}
    if kind is Override and not payload:
        return True
    if len(payload) > LIMIT or sum(payload.count(bracket) for bracket in (b"[", b"{")) > MOST_BRACKETS:
        return False
    try:
        given = json.loads(str(payload, "utf-8"), parse_constant=_refuse)
    except ValueError:
        return False
    return isinstance(given, dict) and RULES[kind](given)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _is_time(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or (is_number and abs(value) < 253_402_300_800)


RULES: dict[type[Message], Callable[[dict[str, Any]], bool]] = {
    Telemetry: lambda given: (
        type(given.get("light")) is int and 0 <= given["light"] < 2**16 and _is_time(given.get("time"))
    ),
    Command: lambda given: given.get("led_on") is True or given.get("led_on") is False,
    LedState: lambda given: isinstance(given.get("led_on"), bool) and given.get("by") in ["server", "device"],
    Override: lambda given: (
        "led_on" in given
        and any(given["led_on"] is value for value in (True, False, None))
        and _is_time(given.get("until"))
    ),
}
