"""What is on the wire, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.messages import (
    MAX_LIGHT,
    BadMessage,
    Command,
    GroupState,
    LedState,
    Message,
    Override,
    Presence,
    Status,
    Telemetry,
    id_of,
)
from tests.payloads import BAD_COMMAND, BAD_TELEMETRY

anything_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_telemetry_looks_as_in_the_lesson() -> None:
    assert Telemetry(light=80).encode() == b'{"light": 80}'
    assert str(Telemetry(light=80)) == "{'light': 80}"
    assert Telemetry.decode(b'{"light": 80}') == Telemetry(light=80)


def test_command_looks_as_in_the_lesson() -> None:
    assert Command(led_on=True).encode() == b'{"led_on": true}'
    assert str(Command(led_on=True)) == "{'led_on': True}"
    assert Command.decode(b'{"led_on": false}') == Command(led_on=False)


def test_unknown_fields_are_ignored() -> None:
    assert Telemetry.decode(b'{"light": 80, "battery": 3.7, "unit": "lx"}') == Telemetry(light=80)
    assert Command.decode(b'{"led_on": true, "colour": "red"}') == Command(led_on=True)


@pytest.mark.parametrize("payload", BAD_TELEMETRY.values(), ids=BAD_TELEMETRY)
def test_bad_telemetry_is_refused(payload: bytes) -> None:
    with pytest.raises(BadMessage, match=r"\w"):
        Telemetry.decode(payload)


@pytest.mark.parametrize("payload", BAD_COMMAND.values(), ids=BAD_COMMAND)
def test_bad_commands_are_refused(payload: bytes) -> None:
    with pytest.raises(BadMessage, match=r"\w"):
        Command.decode(payload)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b"\xff", "not UTF-8"),
        (b"x" * 1_000_000, "1,000,000 bytes"),
        (b"light", "not JSON"),
        (BAD_TELEMETRY["deeply nested beside"], "nested too deeply"),
        (b'{"light": "dark"}', "'light' is not a whole number"),
        (b'{"light": true}', "'light' is not a whole number"),
        (b"{}", "no 'light'"),
        (b"[]", "not an object"),
        (b'{"light": NaN}', "not JSON"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_the_reason_says_what_is_wrong(payload: bytes, reason: str) -> None:
    with pytest.raises(BadMessage, match=reason):
        Telemetry.decode(payload)


@given(st.binary() | st.text().map(str.encode) | anything_json.map(as_json))
@pytest.mark.parametrize("kind", [Telemetry, Command, LedState, Status, Override])
def test_any_bytes_give_a_message_or_a_reason(kind: type[Message], payload: bytes) -> None:
    try:
        message = kind.decode(payload)
    except BadMessage as error:
        assert str(error)
    else:
        assert kind.decode(message.encode()) == message


@given(light=anything_json, others=st.dictionaries(st.text(), anything_json, max_size=3))
def test_only_whole_numbers_in_range_are_light_levels(light: Any, others: dict[str, Any]) -> None:
    payload = as_json(others | {"light": light})
    if type(light) is int and 0 <= light <= MAX_LIGHT:
        assert Telemetry.decode(payload) == Telemetry(light=light)
    else:
        with pytest.raises(BadMessage):
            Telemetry.decode(payload)


@given(led_on=anything_json, others=st.dictionaries(st.text(), anything_json, max_size=3))
def test_only_booleans_are_commands(led_on: Any, others: dict[str, Any]) -> None:
    payload = as_json(others | {"led_on": led_on})
    if type(led_on) is bool:
        assert Command.decode(payload) == Command(led_on=led_on)
    else:
        with pytest.raises(BadMessage):
            Command.decode(payload)


def test_telemetry_may_tell_when_it_was_measured() -> None:
    kept = Telemetry(light=80, time=1795300000.5)
    assert kept.encode() == b'{"light": 80, "time": 1795300000.5}'
    assert Telemetry.decode(kept.encode()) == kept
    assert str(kept) == "{'light': 80, 'time': 1795300000.5}"
    for time in (b'"noon"', b"true", b"-1e300", b"1e300", b"[]"):
        with pytest.raises(BadMessage, match="'time' is not a number of seconds"):
            Telemetry.decode(b'{"light": 80, "time": ' + time + b"}")


def test_a_clock_before_1970_is_a_clock() -> None:
    assert Telemetry.decode(b'{"light": 80, "time": -86400}') == Telemetry(80, -86400)


def test_an_led_s_state_tells_who_said_so() -> None:
    state = LedState(led_on=True, by="server")
    assert state.encode() == b'{"led_on": true, "by": "server"}'
    assert LedState.decode(state.encode()) == state
    assert LedState.RETAINED
    for payload in (b'{"led_on": true}', b'{"led_on": 1, "by": "server"}', b'{"led_on": true, "by": "ghost"}'):
        with pytest.raises(BadMessage):
            LedState.decode(payload)


def test_a_status_is_a_word() -> None:
    assert Status(online=True).encode() == b"online"
    assert Status.decode(b"offline") == Status(online=False)
    for payload in (b"", b"Online", b'"online"', b"online ", b"\xff"):
        with pytest.raises(BadMessage, match="neither online nor offline"):
            Status.decode(payload)


def test_what_a_person_wants() -> None:
    assert Override(True, until=1795300000).encode() == b'{"led_on": true, "until": 1795300000}'
    assert Override(None).encode() == b'{"led_on": null}'
    assert Override.decode(b'{"led_on": false}') == Override(False)
    assert Override.decode(b'{"led_on": null}') == Override.decode(b"") == Override(None), "a message taken back"
    for payload in (b"{}", b'{"led_on": "on"}', b'{"led_on": 1}', b'{"led_on": true, "until": "morning"}', b"null"):
        with pytest.raises(BadMessage):
            Override.decode(payload)


def test_what_a_person_wants_ends() -> None:
    assert [Override(True, until=100).wants(now) for now in (99.9, 100)] == [True, None]
    assert Override(False).wants(1e9) is False


@given(st.integers(0, MAX_LIGHT))
def test_every_light_level_arrives_as_it_was_sent(light: int) -> None:
    assert Telemetry.decode(Telemetry(light=light).encode()).light == light


@pytest.mark.parametrize("id", ["room", "stadium/seat-7"])
def test_topics_begin_with_the_id(id: str) -> None:
    assert Telemetry.topic(id) == f"{id}/telemetry"
    assert Command.topic(id) == f"{id}/commands"
    assert LedState.topic(id) == f"{id}/led"
    assert Status.topic(id) == f"{id}/status"
    assert id_of(Telemetry.topic(id)) == id


# ---- groups, and who shares them ----


def test_what_is_decided_for_a_group() -> None:
    state = GroupState(led_on=True, by="median", fresh=15)
    assert state.encode() == b'{"led_on": true, "by": "median", "fresh": 15}'
    assert GroupState.decode(state.encode()) == state
    assert GroupState.topic("stadium") == "stadium/group"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"led_on": 1, "by": "median", "fresh": 15}',
        b'{"led_on": true, "by": "dice", "fresh": 15}',
        b'{"led_on": true, "by": ["median"], "fresh": 15}',
        b'{"led_on": true, "by": "median", "fresh": 0}',
        b'{"led_on": true, "by": "median", "fresh": true}',
        b'{"led_on": true, "by": "median"}',
        b"",
    ],
)
def test_what_cannot_be_decided_for_a_group(payload: bytes) -> None:
    with pytest.raises(BadMessage):
        GroupState.decode(payload)


def test_a_server_that_shares_groups_is_here_or_has_gone() -> None:
    for is_here in (True, False):
        assert Presence.decode(Presence(is_here).encode()) == Presence(is_here)
    with pytest.raises(BadMessage):
        Presence.decode(b"perhaps")
