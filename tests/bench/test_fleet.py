"""The fleet: real connections to a real Mosquitto, and a real server."""

from __future__ import annotations

import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from bench.fleet.device import Device, Tally
from bench.fleet.light import FAULTS, Day, Sensor, sensors
from bench.fleet.results import Change, Methods
from device.reporter import Reporter
from nightlight.messages import Status
from tests.kit.brokers import MOSQUITTO, Broker, mosquitto
from tests.kit.programs import Program, free_port, until
from tests.kit.stranger import Stranger

Play = Callable[..., Program]


@pytest.fixture
def play() -> Iterator[Play]:
    """As in play(broker, 30, "--day", "6"): a fleet of so many, ended with the test."""
    with ExitStack() as programs:

        def start(broker: Broker | None, devices: int, *options: str, before: str = "") -> Program:
            where = ("--broker", broker.url) if broker else ()
            fleet = (sys.executable, "-W", "error", "-m", "bench.fleet", "--devices", str(devices), *where, *options)
            command = ("bash", "-c", f'{before}; exec "$@"', "bash", *fleet) if before else fleet
            return programs.enter_context(closing(Program(*command)))

        yield start


def crowded_mosquitto(folder: Path, files: int) -> Broker:
    """One that may open no more than so many files."""
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    port, configuration = free_port(), folder / "crowded.conf"
    configuration.write_text(f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n")
    return Broker("bash", "-c", f"ulimit -n {files}; exec {MOSQUITTO} -c {configuration}", port=port)


# ---- a day ----


def test_a_fleet_plays_a_day_and_its_leds_follow_the_server(
    tmp_path: Path, play: Play, start: Callable[..., Program]
) -> None:
    with closing(mosquitto(tmp_path)) as broker, closing(Stranger(broker.port, "stadium/#")) as stranger:
        start("server/app.py", "--id", "stadium/+", "--broker", broker.url).wait_for("MQTT connected!")
        fleet = play(broker, 30, "--day", "6", "--broken", "0")
        assert fleet.wait(90) == 0, fleet.text

        for row in (
            "| change of the day | 50 % | 95 % | 99 % | all | never |",
            "| dusk after 2 s |",
            "| dawn after 4 s |",
        ):
            assert fleet.says(row), fleet.text
        ids = [f"stadium/{number}" for number in range(1, 31)]
        leds = [(topic, b"true" in payload) for topic, payload in stranger.heard if topic.endswith("/led")]
        assert all(leds.count((f"{id}/led", True)) for id in ids)
        assert all(leds[::-1].index((f"{id}/led", False)) < leds[::-1].index((f"{id}/led", True)) for id in ids)
        until(lambda: stranger.heard.count((Status.topic(ids[-1]), b"offline")), "the goodbye")
        assert all((Status.topic(id), b"online") in stranger.heard for id in ids)


def test_one_command_starts_a_broker_and_a_server_as_well(play: Play) -> None:
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    fleet = play(None, 10, "--day", "3", "--start-server", "--group", "none", "--methods", "any,median")
    assert fleet.wait(90) == 0, fleet.text
    assert fleet.says("10 devices, 3 of them broken, a day of 3 s")
    assert fleet.says("| any |") and fleet.says("| median |") and not fleet.says("| mean |")
    assert not fleet.says("No command has come"), fleet.text


def test_devices_that_are_cut_off_come_back(tmp_path: Path, play: Play) -> None:
    with closing(mosquitto(tmp_path)) as broker:
        fleet = play(broker, 20, "--day", "600")
        with closing(Stranger(broker.port, "stadium/+/telemetry")) as stranger:
            until(lambda: stranger.heard, "a reading")
        broker.restart()
        with closing(Stranger(broker.port, "stadium/+/telemetry")) as stranger:
            until(lambda: stranger.heard, "a reading over the new connection")
        assert fleet.interrupt() == 0
    assert fleet.says("20 devices, 6 of them broken"), fleet.text


# ---- what keeps it small ----


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how many files another process may open")
def test_a_broker_that_is_full_is_told_from_one_that_is_not(tmp_path: Path, play: Play) -> None:
    with closing(crowded_mosquitto(tmp_path, files=40)) as broker:
        fleet = play(broker, 60, "--day", "1")
        line = fleet.wait_for("turns away all others")
        assert fleet.wait(60) == 0, fleet.text
    assert "it may open 40 files" in line and "ulimit -n" in line
    playing = int(line.split()[3])
    assert 20 < playing < 40 and line.startswith(f"The broker takes {playing} of 60 devices")
    assert fleet.says(f"{playing} devices, ")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how many files another process may open")
def test_a_broker_with_a_limit_of_its_own_is_not_said_to_lack_files(tmp_path: Path, play: Play) -> None:
    lines = ("listener {port} 127.0.0.1", "allow_anonymous true", "max_connections 10")
    with closing(mosquitto(tmp_path, *lines)) as broker:
        fleet = play(broker, 40, "--day", "1")
        assert "max_connections" in fleet.wait_for("turns away all others")
        assert fleet.wait(60) == 0, fleet.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_fleet_that_may_open_too_few_files_says_so_and_plays_with_fewer(tmp_path: Path, play: Play) -> None:
    with closing(mosquitto(tmp_path)) as broker:
        fleet = play(broker, 80, "--day", "1", before="ulimit -n 150")
        line = fleet.wait_for("no more than 150 files, so 50 of 80 devices play")
        assert fleet.wait(60) == 0, fleet.text
    assert "ulimit -n" in line
    assert fleet.says("50 devices, ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_limit_that_the_fleet_can_raise_itself_it_raises(tmp_path: Path, play: Play) -> None:
    with closing(mosquitto(tmp_path)) as broker:
        fleet = play(broker, 80, "--day", "1", before="ulimit -Sn 60")
        assert fleet.wait(60) == 0, fleet.text
    assert fleet.says("80 devices, ")


@pytest.mark.skipif(sys.platform == "win32", reason="a program cannot be paused there")
def test_messages_that_the_broker_throws_away_are_noticed(
    tmp_path: Path, play: Play, start: Callable[..., Program]
) -> None:
    lines = ("listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 5", "sys_interval 1")
    with closing(mosquitto(tmp_path, *lines)) as broker:
        server = start("server/app.py", "--id", "stadium/+", "--broker", broker.url)
        server.wait_for("MQTT connected!")
        server.process.send_signal(signal.SIGSTOP)
        fleet = play(broker, 60, "--day", "600")
        line = fleet.wait_for("The broker has thrown away")
        assert "max_queued_messages" in line
        assert fleet.interrupt() == 0
        server.process.send_signal(signal.SIGCONT)


def test_a_broker_that_lets_nobody_in_is_told_in_a_line(tmp_path: Path, play: Play) -> None:
    with closing(mosquitto(tmp_path, "listener {port} 127.0.0.1", "allow_anonymous false")) as broker:
        fleet = play(broker, 5)
        assert fleet.wait() == 1
    assert fleet.lines == [f"127.0.0.1:{broker.port} does not accept a client without a user."
                           f" Write --broker mqtt://user:password@127.0.0.1:{broker.port}"]  # fmt: skip


def test_without_a_server_that_is_said(tmp_path: Path, play: Play) -> None:
    with closing(mosquitto(tmp_path)) as broker:
        fleet = play(broker, 5, "--day", "1")
        assert fleet.wait(60) == 0
    remedy = f"python server/app.py --id 'stadium/+' --broker {broker.url} --group median"
    assert fleet.says(f"No command has come. Is a server running there? {remedy}"), fleet.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--broker", "mqtt://127.0.0.1:1"), "no broker listens"),
        (("--broker", "mqtts://127.0.0.1"), "plain MQTT"),
        (("--id", "a/+"), "--id"),
        (("--ways", "loud"), "'loud' is none of dark, bright, silent, noise"),
        (("--methods", "best"), "'best' is none of any, median, mean, quorum"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(play: Play, options: tuple[str, ...], words: str) -> None:
    fleet = play(None, 5, *options)
    assert fleet.wait() != 0
    assert words in fleet.lines[-1]


# ---- light and sensors ----


def test_a_day_is_dark_between_dusk_and_dawn() -> None:
    day = Day(seconds=120)
    (dusk, is_dark), (dawn, is_still_dark) = day.changes(threshold=300, days=1)
    assert (is_dark, is_still_dark) == (True, False)
    assert 0 < dusk < 60 < dawn < 120
    assert day.light(dusk) == pytest.approx(300) == day.light(dawn)
    assert day.light(60) < 300 < day.light(0)
    assert not list(day.changes(threshold=10, days=1))  # it never is as dark


def test_so_many_sensors_are_broken_in_each_way() -> None:
    made = sensors(200, broken=30, faults=FAULTS, chance=random.Random(1))
    assert Counter(sensor.fault for sensor in made) == {"dark": 15, "bright": 15, "silent": 15, "noise": 15, None: 140}
    shown = {fault: {Sensor(random.Random(2), fault).light(500) for _ in range(9)} for fault in FAULTS}
    assert shown["dark"] == {0} and shown["bright"] == {1023} and shown["silent"] == {None}
    noisy = Sensor(random.Random(3), "noise")
    assert len({noisy.light(500) for _ in range(100)}) > 50
    sound = Sensor(random.Random(4))
    assert all(abs((sound.light(500) or 0) - 500 - sound.offset) < 10 for _ in range(100))


# ---- results ----


def device_that(led_on: bool, switched_at: float = 0.0, said: tuple[int, float] | None = None) -> Device:
    device = Device("x", "x", Sensor(random.Random(1)), Reporter(5, 10), 1, Tally())
    device.led_on, device.switched_at, device.said = led_on, switched_at, said
    return device


def test_a_change_tells_when_so_many_leds_were_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "is_online", True)
    change = Change(at=100.0, looked_at=110.0, led_on=True)
    change.look([*(device_that(True, 100 + number / 10) for number in range(99)), device_that(False)])
    assert change.within(0.5) == pytest.approx(4.9)
    assert change.within(0.99) == pytest.approx(9.8)
    assert change.within(1) is None
    assert change.row(since=60.0) == "| dusk after 40 s | 4.90 s | 9.40 s | 9.80 s | never | 1 (sound 1) |"


def test_an_led_that_was_right_before_the_change_took_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "is_online", True)
    change = Change(at=100.0, looked_at=110.0, led_on=True)
    change.look([device_that(True, switched_at=99.0)])
    assert change.within(1) == 0


def test_one_sensor_that_is_stuck_dark_deceives_any_but_not_the_median() -> None:
    methods = Methods(("any", "mean", "median", "quorum"), threshold=300, fresh=15)
    bright = [device_that(False, said=(800, 100.0)) for _ in range(4)]
    methods.look([*bright, device_that(False, said=(0, 100.0))], now=101.0, is_dark=False)
    assert [row.split("|")[1:3] for row in methods.rows()[2:]] == [
        [" any ", " 100.0 % of the time "],
        [" mean ", " 0.0 % of the time "],
        [" median ", " 0.0 % of the time "],
        [" quorum ", " 0.0 % of the time "],
    ]


def test_an_old_reading_counts_for_no_method() -> None:
    methods = Methods(("any",), threshold=300, fresh=15)
    devices = [device_that(False, said=(0, 100.0)), device_that(False, said=(800, 115.0))]
    methods.look(devices, now=116.0, is_dark=False)
    assert "| any | 0.0 % of the time | 0 times |" in methods.rows()
