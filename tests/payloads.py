"""Payloads that a stranger might send: the bad ones of every kind, by name."""

from __future__ import annotations

BAD_JSON = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00\x01",
    "not UTF-8 inside": b'{"light": 5, "led_on": true, "note": "\xff"}',
    "not JSON": b"light=80",
    "half": b'{"light": 8',
    "two": b'{"light": 80} {"light": 90}',
    "deeply nested": b'{"light": ' + b"[" * 4_000 + b"]" * 4_000 + b"}",
    "deeply nested beside": b'{"light": 5, "led_on": true, "note": ' + b"[" * 4_000 + b"]" * 4_000 + b"}",
    "nested 200 times beside": b'{"light": 5, "led_on": true, "note": ' + b"[" * 200 + b"]" * 200 + b"}",
    "too long": b'{"light": 5, "led_on": true, "note": "' + b"x" * 15_000 + b'"}',
    "list": b"[80]",
    "string": b'"80"',
    "number": b"80",
    "null": b"null",
    "true": b"true",
}

BAD_TELEMETRY = BAD_JSON | {
    "missing": b'{"temperature": 20}',
    "light null": b'{"light": null}',
    "text": b'{"light": "80"}',
    "boolean": b'{"light": true}',
    "negative": b'{"light": -1}',
    "over 65535": b'{"light": 65536}',
    "fraction": b'{"light": 80.5}',
    "NaN": b'{"light": NaN}',
    "1e999": b'{"light": 1e999}',
    "5000 digits": b'{"light": ' + b"9" * 5_000 + b"}",
    "light list": b'{"light": [80]}',
}

BAD_COMMAND = BAD_JSON | {
    "missing": b'{"led": true}',
    "led_on null": b'{"led_on": null}',
    "text": b'{"led_on": "false"}',
    "one": b'{"led_on": 1}',
    "zero": b'{"led_on": 0}',
    "led_on list": b'{"led_on": [true]}',
}
