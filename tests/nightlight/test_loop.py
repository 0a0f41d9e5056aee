"""Many messages at a time, and what that must not change."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from nightlight import connection
from nightlight.address import BrokerAddress
from nightlight.link import Link
from nightlight.loop import Loop
from nightlight.messages import Command, Message, Telemetry
from nightlight.packets import READ_AT_MOST, BufferedSocket
from tests.faults.network import Proxy
from tests.kit.brokers import Broker
from tests.kit.programs import ROOT, until
from tests.kit.stranger import Stranger

ordinary = pytest.mark.skipif(
    "ordinary_loop" in os.environ.get("PYTHONPATH", ""), reason="it is about the other loop, and this run is without"
)


@ordinary
def test_paho_takes_the_socket_that_is_put_into_a_buffer(broker: Broker) -> None:
    """If this fails, paho has changed: the nightlight works on, but slowly. See nightlight/loop.py."""
    with Link(BrokerAddress.parse(broker.url)) as link:
        until(lambda: link.is_open, "the connection")
        assert isinstance(link._connection._client.socket(), BufferedSocket)


def test_without_that_paho_s_own_loop_does_the_work(broker: Broker) -> None:
    """What tests/kit/ordinary_loop makes of it; the whole suite can be run so, too."""
    program = f"""
import time
from nightlight.address import BrokerAddress
from nightlight.link import Link
from nightlight.messages import Command, Telemetry
link = Link(BrokerAddress.parse({broker.url!r}), qos=0)
link.subscribe("room/telemetry", Telemetry, lambda *_: link.publish("room/commands", Command(True)))
with link:
    while not link.is_open:
        time.sleep(0.01)
    print(type(link._connection._client.socket()).__name__, flush=True)
    while True:
        time.sleep(1)
"""
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests/kit/ordinary_loop'}"}
    with closing(Stranger(broker.port, "room/commands")) as stranger:
        process = subprocess.Popen([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        with process, closing(process.stdout):
            assert [process.stdout.readline() for _ in range(2)] == ["MQTT connected!\n", "socket\n"]
            stranger.publish("room/telemetry", b'{"light": 80}')
            stranger.wait_for("room/commands", b'{"led_on": true}')
            process.kill()


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_thousand_at_once_are_answered_each(broker: Broker, qos: int) -> None:
    """More than is read in one piece, so that some messages are cut in two."""
    count = 1000
    assert count * 40 > 2 * READ_AT_MOST
    link = Link(BrokerAddress.parse(broker.url), qos=qos)

    def answer(topic: str, telemetry: Message) -> None:
        assert link.publish(topic.replace("telemetry", "commands"), Command(led_on=True))

    link.subscribe("many/+/telemetry", Telemetry, answer)
    with link, closing(Stranger(broker.port, "many/+/commands")) as stranger:
        until(lambda: link.is_open, "the connection")
        for number in range(count):
            stranger.post(f"many/{number}/telemetry", b'{"light": 80}')
            if number % 100 == 99:  # so many wait at a broker for one client at a time
                until(lambda: len(stranger.heard) > number, "an answer to each")  # noqa: B023
        assert stranger.heard == [(f"many/{number}/commands", b'{"led_on": true}') for number in range(count)]


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_topics_may_be_of_any_length(broker: Broker, qos: int) -> None:
    """The length of a packet takes one byte up to 127, and two beyond; here it is just that, and more."""
    topics = [f"{'x' * length}/commands" for length in [1, *range(90, 120), 900]]
    with (
        Link(BrokerAddress.parse(broker.url), qos=qos) as link,
        closing(Stranger(broker.port, "+/commands")) as stranger,
    ):
        until(lambda: link.is_open, "the connection")
        for topic in topics:
            assert link.publish(topic, Command(led_on=True))
        until(lambda: len(stranger.heard) == len(topics), "all of them")
        assert stranger.heard == [(topic, b'{"led_on": true}') for topic in topics]


@ordinary
@pytest.mark.parametrize("qos", [0, 1])
def test_who_is_busy_is_not_asked_for_a_sign_of_life(qos: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer would come after all that is on its way, and on a slow network too late."""
    monkeypatch.setattr(connection, "KEEP_ALIVE", 1)
    pingreq = packet(0xC0, b"")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = Link(BrokerAddress("127.0.0.1", listener.getsockname()[1]), qos=qos)
        link.subscribe("room/telemetry", Telemetry, lambda *_: link.publish("room/commands", Command(led_on=True)))
        with link:
            broker, _ = listener.accept()
            with broker:
                broker.recv(1000)
                broker.sendall(packet(0x20, b"\0\0"))
                assert broker.recv(1000)[0] == 0x82
                broker.sendall(packet(0x90, bytes([0, 1, qos])))
                begun = time.monotonic()
                while time.monotonic() - begun < 2.5:
                    broker.sendall(message("room/telemetry", b'{"light": 80}', 0x30 | qos << 1))
                    heard = broker.recv(1000)  # the next reading comes only now
                    assert b"room/commands" in heard or heard[0] == 0x40
                    assert not heard.endswith(pingreq)
                    time.sleep(0.05)
                until(lambda: broker.recv(1000).endswith(pingreq), "the question, after a silence")


@pytest.mark.parametrize("qos", [0, 1])
def test_what_another_thread_publishes_goes_out_at_once(broker: Broker, qos: int) -> None:
    """Not when the loop next wakes by itself: 300 times a second would take longer than a test may."""
    with Link(BrokerAddress.parse(broker.url), qos=qos) as link, closing(Stranger(broker.port, "room/#")) as stranger:
        until(lambda: link.is_open, "the connection")
        for number in range(300):
            assert link.publish("room/telemetry", Telemetry(number))
            until(lambda: len(stranger.heard) > number, "the message", pause=0)  # noqa: B023
        assert [payload for _, payload in stranger.heard] == [Telemetry(number).encode() for number in range(300)]


@pytest.mark.parametrize("qos", [0, 1])
def test_several_threads_may_publish(broker: Broker, qos: int) -> None:
    with Link(BrokerAddress.parse(broker.url), qos=qos) as link, closing(Stranger(broker.port, "room/#")) as stranger:
        until(lambda: link.is_open, "the connection")

        def publish(name: int) -> None:
            for number in range(50):
                assert link.publish(f"room/{name}/telemetry", Telemetry(number))
                until(lambda: link.waiting < 50, "room for more")

        threads = [threading.Thread(target=publish, args=[name]) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len(stranger.heard) == 200, "all messages")
        for name in range(4):
            said = [payload for topic, payload in stranger.heard if topic == f"room/{name}/telemetry"]
            assert said == [Telemetry(number).encode() for number in range(50)]


@ordinary
def test_at_qos_0_what_a_stalled_network_does_not_take_is_let_go(
    proxy: Proxy, warnings_said: Callable[[], list[str]]
) -> None:
    """It would be old by the time that it arrives, and the memory would fill."""
    link = Link(BrokerAddress.parse(proxy.url), qos=0)
    refused: list[int] = []

    def publish_much() -> None:
        topic = f"{'x' * 60}/commands"
        number = 0
        while link.publish(topic, Command(led_on=True)):
            number += 1
        refused.append(number)
        link.every_second(lambda: None)

    with link:
        until(lambda: link.is_open, "the connection")
        proxy.stall()
        link.every_second(publish_much)
        until(lambda: refused, "that one is refused")
        assert warnings_said() == ["Not sent: the broker does not take messages as fast as they come."]
        proxy.flow()


def test_what_a_full_socket_does_not_take_goes_out_later_and_whole() -> None:
    near, far = socket.socketpair()
    with far:
        near.setblocking(False)
        buffered = BufferedSocket(near)
        data = bytes(range(256)) * 4000
        sent = b""
        buffered.send(data)
        far.setblocking(False)
        while not buffered.is_flushed:
            buffered.flush()
            with contextlib.suppress(BlockingIOError):
                sent += far.recv(50_000)
        while len(sent) < len(data):
            sent += far.recv(50_000)
        assert sent == data
        buffered.send(b"goodbye")
        buffered.close()
        assert far.recv(100) == b"goodbye"
        assert far.recv(100) == b""


def packet(kind: int, body: bytes) -> bytes:
    """MQTT 3.1.1 section 2.2."""
    length, head = len(body), bytearray([kind])
    while True:
        length, low = divmod(length, 128)
        head.append(low | (128 if length else 0))
        if not length:
            return bytes(head) + body


def message(topic: str, payload: bytes, kind: int = 0x30, number: int = 7) -> bytes:
    name = topic.encode()
    return packet(
        kind, len(name).to_bytes(2, "big") + name + (number.to_bytes(2, "big") if kind & 0x06 else b"") + payload
    )


PASS_BY = (0x30, 0x31, 0x32, 0x33, 0x3A, 0x3B)
MESSAGES = st.builds(
    lambda topic, payload, kind, number: (kind, (topic, payload, number), message(topic, payload, kind, number)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.binary(max_size=200) | st.integers(READ_AT_MOST, 50_000).map(lambda size: b"0\x02\0\0" * (size // 4 + 1)),
    st.sampled_from([*PASS_BY, 0x34, 0x38]),
    st.integers(1, 0xFFFF),
)
PUBACKS = st.integers(1, 0xFFFF).map(lambda number: (0x40, number, packet(0x40, number.to_bytes(2, "big"))))
OTHERS = st.builds(packet, st.sampled_from([0x20, 0x50, 0x90, 0xD0]), st.binary(max_size=300)).map(
    lambda data: (data[0], None, data)
)


@settings(max_examples=50)
@given(st.lists(MESSAGES | PUBACKS | OTHERS, max_size=20), st.lists(st.integers(1, 3000), min_size=1))
def test_however_the_network_cuts_them_the_packets_are_those_that_were_sent(
    sent: list[tuple[int, Any, bytes]], cuts: list[int]
) -> None:
    """Messages at QoS 0 and 1, and what says that one has arrived, come out whole, each once and in order.

    Of all others, and of what is too large to be in the buffer in one piece, paho gets byte for byte what was sent.
    """
    expected: list[Any] = []
    for_paho = b""
    for kind, what, data in sent:
        if kind == 0x40:
            expected.append(what)
        elif kind in PASS_BY and len(data) < READ_AT_MOST:
            topic, payload, number = what
            expected.append((topic, payload, bool(kind & 1), number if kind & 2 else 0))
        else:
            for_paho += data

    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        buffered = BufferedSocket(near)
        taken: list[Any] = []
        left = bytearray()

        def take() -> int:
            """What there is; how many packets."""
            buffered.read()
            packets = 0
            while buffered.has_packet():
                packets += 1
                if one := buffered.message() or buffered.arrived():
                    taken.append(one)
                else:
                    with contextlib.suppress(BlockingIOError):
                        while data := buffered.recv(37):
                            left.extend(data)
            return packets

        stream, place = b"".join(data for *_, data in sent), 0
        for cut in itertools.cycle(cuts):
            far.sendall(stream[place : place + cut])
            place += cut
            take()
            if place >= len(stream):
                break
        while take():  # what is still on its way
            pass
        assert (taken, bytes(left)) == (expected, for_paho)


@ordinary
def test_a_message_that_cannot_be_ends_the_connection_with_a_line(warnings_said: Callable[[], list[str]]) -> None:
    """As paho would have it: a broker that sends it is none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = Link(BrokerAddress("127.0.0.1", listener.getsockname()[1]), qos=0)
        link.subscribe("room/telemetry", Telemetry, lambda *_: None)
        with link:
            for nonsense in (b"\x30\x03\x00\x05x", b"\x30\xff\xff\xff\xff\xff"):
                before = len(warnings_said())
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(packet(0x20, b"\0\0") + nonsense)
                    until(lambda: connection.recv(1000) == b"", "the end")  # noqa: B023
                assert len(warnings_said()) <= before + 1
        assert "Trying again..." in warnings_said()[0]


@ordinary
def test_a_topic_that_is_not_utf_8_is_nobody_s() -> None:
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = Link(BrokerAddress("127.0.0.1", listener.getsockname()[1]), qos=0)
        link.subscribe("room/telemetry", Telemetry, lambda topic, _: heard.append(topic))
        with link:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                good = message("room/telemetry", b'{"light": 80}')
                connection.sendall(packet(0x20, b"\0\0") + packet(0x30, b"\x00\x01\xff") + good)
                until(lambda: heard == ["room/telemetry"], "the next message")


def test_an_end_is_noticed() -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    with Loop(client, True, lambda *_: None, lambda _: None) as loop:
        assert not loop.turn(0.1)
