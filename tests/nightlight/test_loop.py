"""Many messages at a time, and what that must not change."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from nightlight.address import BrokerAddress
from nightlight.link import Link
from nightlight.loop import READ_AT_MOST, BufferedSocket, Loop
from nightlight.messages import Command, Message, Telemetry
from tests.faults.network import Proxy
from tests.kit.brokers import Broker
from tests.kit.programs import ROOT, until
from tests.kit.stranger import Stranger

ordinary = pytest.mark.skipif(
    not hasattr(mqtt.Client, "_create_socket") or "ordinary_loop" in os.environ.get("PYTHONPATH", ""),
    reason="it is about the other loop",
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
        while not buffered.flush():
            sent += far.recv(50_000)
        while len(sent) < len(data):
            sent += far.recv(50_000)
        assert sent == data
        buffered.send(b"goodbye")
        buffered.close()
        assert far.recv(100) == b"goodbye"
        assert far.recv(100) == b""


def test_an_end_is_noticed() -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    with Loop(client) as loop:
        assert not loop.turn(0.1)
