"""Many devices on real brokers: one decision for all of them, and several servers that share the work."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from nightlight.messages import id_of
from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker, mosquitto
from tests.kit.programs import Program, until
from tests.kit.stranger import Stranger

Start = Callable[..., Program]

ON, OFF = b'{"led_on": true}', b'{"led_on": false}'
DARK, BRIGHT = b'{"light": 100}', b'{"light": 900}'


@pytest.fixture
def mosquitto_broker(tmp_path: Path) -> Iterator[Broker]:
    with closing(mosquitto(tmp_path)) as broker:
        yield broker


class Seats:
    """Devices that only report, all over one connection; it hears what they are commanded."""

    def __init__(self, broker: Broker, count: int) -> None:
        self.ids = [f"stadium/{number}" for number in range(count)]
        self.stranger = Stranger(broker.port, "stadium/+/commands", "stadium/group")

    def report(self, light: bytes, *ids: str) -> None:
        for id in ids or self.ids:
            self.stranger.publish(f"{id}/telemetry", light)

    @property
    def leds(self) -> dict[str, bytes]:
        return {id_of(topic): payload for topic, payload in self.stranger.heard if topic.endswith("/commands")}

    @property
    def commands(self) -> int:
        return sum(topic.endswith("/commands") for topic, _ in self.stranger.heard)

    def become(self, payload: bytes, *but: str) -> None:
        """Wait until all of them have been commanded this."""
        until(
            lambda: all(self.leds.get(id) == payload for id in self.ids if id not in but),
            f"{payload!r} for all",
        )

    def close(self) -> None:
        self.stranger.close()


@pytest.fixture
def seats(broker: Broker) -> Iterator[Seats]:
    with closing(Seats(broker, 20)) as seats:
        yield seats


def start_server(start: Start, broker: Broker, *options: str) -> Program:
    server = start("server/app.py", "--id", "stadium/+", "--broker", broker.url, *options)
    server.wait_for("MQTT connected!")
    return server


# ---- one decision ----


@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_a_stadium_decides_as_one(broker: Broker, seats: Seats, start: Start, qos: str) -> None:
    start_server(start, broker, "--group", "median", "--qos", qos)
    seats.report(BRIGHT)
    seats.become(OFF)
    until(lambda: seats.commands == 20, "a command for each reading")
    broken = seats.ids[:6]
    seats.report(b'{"light": 0}', *broken)
    until(lambda: seats.commands == 26, "a command for each reading")
    seats.become(OFF)
    seats.report(DARK, *seats.ids[6:])
    seats.become(ON)
    until(lambda: seats.commands == 26 + 14 + 20 - 1, "one for each reading, and one for each when it changed")
    assert ("stadium/group", b'{"led_on": true, "by": "median", "fresh": 15}') in seats.stranger.heard


def test_a_stadium_s_devices_and_a_person(broker: Broker, seats: Seats, start: Start, board: CounterFit) -> None:
    """A real device among them, in the dark while the others are bright."""
    start_server(start, broker, "--group", "median")
    seats.report(BRIGHT)
    board.set_light(100)
    board.set_led(True)
    device = start("device/app.py", "--id", "stadium/real", "--board", board.name, "--broker", broker.url)
    device.wait_for("Light level: 100")
    board.led_becomes(False)
    seats.stranger.publish("stadium/override", ON, retain=True)
    board.led_becomes(True)
    seats.become(ON)
    seats.stranger.publish("stadium/real/override", OFF, retain=True)
    board.led_becomes(False)
    seats.stranger.publish("stadium/override", b"", retain=True)
    seats.become(OFF)
    seats.stranger.publish("stadium/real/override", b"", retain=True)


def test_when_all_fall_silent_the_decision_stays(broker: Broker, seats: Seats, start: Start) -> None:
    server = start_server(start, broker, "--group", "mean", "--fresh", "1")
    seats.report(DARK)
    seats.become(ON)
    server.wait_for("In stadium nobody has a fresh reading: the last decision stays, on.")
    seats.stranger.publish("stadium/late/status", b"online")
    until(lambda: seats.leds.get("stadium/late") == ON, "that who comes now is told")


def test_who_goes_offline_does_not_count(broker: Broker, seats: Seats, start: Start) -> None:
    start_server(start, broker, "--group", "quorum")
    dark, bright = seats.ids[:11], seats.ids[11:]
    seats.report(DARK, *dark)
    seats.report(BRIGHT, *bright)
    seats.become(ON)
    for id in dark[:3]:
        seats.stranger.publish(f"{id}/status", b"offline")
    seats.become(OFF, *dark[:3])


# ---- several servers ----


def test_each_reading_is_answered_by_one_of_them(mosquitto_broker: Broker, start: Start) -> None:
    servers = [start_server(start, mosquitto_broker, "--share", "us") for _ in range(3)]
    with closing(Seats(mosquitto_broker, 60)) as seats:
        seats.report(DARK)
        seats.become(ON)
        until(lambda: seats.commands == 60, "one answer for each")
        until(lambda: sum(server.text.count("Sending") for server in servers) == 60, "the lines that say so")
        assert all(server.says("Sending") for server in servers), "each has its part"


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux has that")
def test_who_shares_lets_the_broker_finish_first(broker: Broker, start: Start) -> None:
    """Otherwise two servers on one machine answer fewer readings than one. Who is alone is as quick as can be."""
    for options in ([], ["--share", "work"]):
        server = start("server/app.py", "--id", "stadium/+", "--broker", broker.url, *options)
        server.wait_for("MQTT connected!")
        threads = psutil.Process(server.process.pid).threads()
        policies = {os.sched_getscheduler(thread.id) for thread in threads}
        assert (os.SCHED_BATCH in policies) == bool(options)


@pytest.mark.parametrize("options", [[], ["--group", "median"]], ids=["each for itself", "one decision"])
def test_servers_come_and_go_and_every_lamp_is_right(
    mosquitto_broker: Broker, start: Start, options: list[str]
) -> None:
    options = ["--share", "us", "--fresh", "3", *options]
    servers = [start_server(start, mosquitto_broker, *options) for _ in range(3)]
    chance = random.Random(1)
    with closing(Seats(mosquitto_broker, 12)) as seats:
        for turn in range(6):
            light, led = ((DARK, ON), (BRIGHT, OFF))[turn % 2]

            def are_right(light: bytes = light, led: bytes = led) -> bool:
                if all(seats.leds.get(id) == led for id in seats.ids):
                    return True
                seats.report(light)
                return False

            until(are_right, "right lamps", pause=0.5)
            victim = servers.pop(chance.randrange(3))
            victim.process.send_signal(signal.SIGKILL if turn % 3 else signal.SIGTERM)
            servers.append(start_server(start, mosquitto_broker, *options))


def test_one_server_speaks_for_a_group(mosquitto_broker: Broker, start: Start) -> None:
    servers = [start_server(start, mosquitto_broker, "--group", "median", "--share", "us") for _ in range(3)]
    with closing(Seats(mosquitto_broker, 5)) as seats:

        def somebody_speaks() -> bool:
            seats.report(DARK)
            return len(seats.leds) == 5

        until(somebody_speaks, "somebody to speak", pause=0.2)
        until(lambda: any(server.says("Sending") for server in servers), "its lines")
        (speaker,) = (server for server in servers if server.says("Sending"))
        speaker.wait_for("This server speaks for stadium now.")
        speaker.kill()
        servers.remove(speaker)
        until(lambda: any(server.says("This server speaks for stadium now.") for server in servers), "its successor")
        until(lambda: any(server.says("Sending") for server in servers), "that another one tells all members")

        def one_speaks() -> bool:  # two at most for a moment, who say the same
            since = [len(server.lines) for server in servers]
            seats.report(DARK)
            until(lambda: sum(server.says("Sending", line) for server, line in zip(servers, since, strict=True)))
            return sum(server.says("Sending", line) for server, line in zip(servers, since, strict=True)) == 1

        until(one_speaks, "one that speaks for the group", pause=1)


def test_hysteresis_holds_among_servers_that_share(mosquitto_broker: Broker, start: Start) -> None:
    """Between the two limits the LED stays as it is, whoever is asked: only the LED itself knows."""
    for _ in range(3):
        start_server(start, mosquitto_broker, "--share", "us", "--hysteresis", "100")
    with closing(Seats(mosquitto_broker, 6)) as seats:
        for light, led in ((DARK, ON), (BRIGHT, OFF)):
            seats.report(light)
            seats.become(led)
            for id in seats.ids:
                seats.stranger.publish(f"{id}/led", led[:-1] + b', "by": "server"}', retain=True)
            for _ in range(3):
                before = seats.commands
                seats.report(b'{"light": 350}')
                until(lambda: seats.commands == before + 6, "an answer to each")  # noqa: B023
                seats.become(led)


def test_what_all_depend_on_is_heard_before_the_broker_s_queue_is_full(tmp_path: Path, start: Start) -> None:
    """Mosquitto loses what is retained, beyond so many messages, when somebody subscribes."""
    lines = ["listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 20"]
    with closing(mosquitto(tmp_path, *lines)) as broker, closing(broker.listen("stadium/+/commands")) as stranger:
        for number in range(100):
            stranger.publish(f"stadium/{number}/status", b"online", retain=True)
        stranger.publish("stadium/override", ON, retain=True)
        server = start("server/app.py", "--id", "stadium/+", "--group", "median", "--broker", broker.url)
        server.wait_for("For stadium, a person decides: on.")
