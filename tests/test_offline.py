"""What becomes of readings and commands while there is no connection."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from device.outbox import KeepingOutbox, Outbox
from device.readings import Readings
from nightlight.address import BrokerAddress
from nightlight.link import Link
from nightlight.messages import Telemetry
from tests.faults.network import Proxy
from tests.kit.boards import CounterFit, counting_board
from tests.kit.brokers import Broker, lasting_mosquitto, mosquitto
from tests.kit.order import came_in_turn
from tests.kit.programs import Program, free_port, until
from tests.kit.stranger import Stranger

Start = Callable[..., Program]


def telemetry(stranger: Stranger) -> list[dict[str, Any]]:
    return [json.loads(payload) for topic, payload in stranger.heard if topic == "room/telemetry"]


def lights(stranger: Stranger) -> list[int]:
    """The light levels heard."""
    return [message["light"] for message in telemetry(stranger)]


def printed(*programs: Program) -> list[int]:
    lines = [line for program in programs for line in program.lines]
    return [int(line.split()[-1]) for line in lines if line.startswith("Light level:")]


# ---- telemetry, kept ----


def test_readings_of_an_outage_arrive_in_order_with_their_time(start: Start, board: CounterFit, tmp_path: Path) -> None:
    port = free_port()
    options = [
        "--id",
        "room",
        "--broker",
        f"mqtt://127.0.0.1:{port}",
        "--board",
        board.name,
        "--keep-in",
        str(tmp_path),
    ]
    device = start("device/app.py", *options, "--offline", "keep")
    before = time.time()
    for light in (100, 200, 300):
        board.set_light(light)
        device.wait_for(f"Light level: {light}")
    with closing(mosquitto(tmp_path, port=port)), closing(Stranger(port, "#")) as stranger:
        until(lambda: came_in_turn(lights(stranger), (100, 200, 300)))
        for message in telemetry(stranger):
            assert before - 5 < message["time"] < time.time()
    assert device.is_running


def test_without_asking_nothing_is_kept_and_no_time_is_sent(
    start: Start, broker: Broker, board: CounterFit, stranger: Stranger, tmp_path: Path
) -> None:
    start(
        "device/app.py",
        "--id",
        "room",
        "--broker",
        broker.url,
        "--board",
        board.name,
        XDG_STATE_HOME=str(tmp_path / "state"),
    )
    stranger.wait_for("room/telemetry", b'{"light": 1000}')
    assert not (tmp_path / "state").exists()


def test_the_folder_is_where_the_system_says(start: Start, board: CounterFit, tmp_path: Path) -> None:
    nowhere = ["--broker", f"mqtt://127.0.0.1:{free_port()}", "--board", board.name, "--offline", "keep", "--id", "a/b"]
    start("device/app.py", *nowhere, XDG_STATE_HOME=str(tmp_path / "user")).wait_for("Light level")
    start("device/app.py", *nowhere, STATE_DIRECTORY=str(tmp_path / "systemd")).wait_for("Light level")
    assert (tmp_path / "user/nightlight/a%2Fb.sqlite3").exists()
    assert (tmp_path / "systemd/a%2Fb.sqlite3").exists()


def test_readings_survive_kills_of_the_device_and_of_the_broker(start: Start, tmp_path: Path) -> None:
    """Each look measures a new level; whatever was said to be measured must arrive, and in order."""
    chance = random.Random(4)
    with (
        counting_board(600) as port,
        lasting_mosquitto() as broker,
        closing(Stranger(broker.port, "#", name="listener")) as stranger,
    ):
        options = ["--id", "room", "--broker", broker.url, "--board", f"counterfit://127.0.0.1:{port}"]
        options += ["--offline", "keep", "--keep-in", str(tmp_path), "--deadband", "1", "--sample", "0.01"]
        devices = [start("device/app.py", *options)]
        for turn in range(4):
            reached = 100 * (turn + 1) + chance.randrange(50)
            until(lambda: printed(*devices) and printed(*devices)[-1] >= reached)  # noqa: B023 (used at once)
            if turn % 2:
                devices[-1].kill()
                devices.append(start("device/app.py", *options))
            else:
                # With its listener there: what waits for one only in the broker's memory, no device can save.
                until(lambda: max(lights(stranger), default=0) >= reached)  # noqa: B023 (used at once)
                broker.restart()
        until(lambda: printed(*devices)[-1] == 600)
        until(lambda: came_in_turn(lights(stranger), {*printed(*devices), *lights(stranger)}), "each in its turn")


def test_without_a_backlog_each_reading_is_sent_once(broker: Broker, stranger: Stranger, tmp_path: Path) -> None:
    """Also the first one of a session, and where many others have been sent before."""
    sent = 0
    for session in range(2):
        link = Link(BrokerAddress.parse(broker.url))
        outbox = KeepingOutbox(link, "room", tmp_path, 1000)
        with outbox, link:
            until(lambda: link.connections)  # noqa: B023 (used at once)
            for _ in range(14 - session):
                for _ in range(15):
                    sent += 1
                    assert outbox.send(sent)
                until(lambda: not outbox._readings.count_after(0), "the arrival of all")  # noqa: B023
    until(lambda: sent in lights(stranger))
    assert lights(stranger) == list(range(1, sent + 1))


def test_a_fresh_reading_does_not_wait_for_the_backlog(
    start: Start, broker: Broker, stranger: Stranger, tmp_path: Path
) -> None:
    """It is heard before older ones that wait for their turn, and in its own turn once more."""
    last = 500
    with counting_board(last) as port, closing(Proxy(broker.port)) as network:
        options = ["--id", "room", "--broker", network.url, "--board", f"counterfit://127.0.0.1:{port}"]
        options += ["--offline", "keep", "--keep-in", str(tmp_path), "--deadband", "1", "--sample", "0.01"]
        device = start("device/app.py", *options)
        device.wait_for("MQTT connected!")
        network.stall()
        until(lambda: last in printed(device))
        network.cut()
        network.flow()
        network.slow(5000)  # bytes a second: the backlog takes some
        until(lambda: last in lights(stranger), "the fresh one")
        network.flow()
        until(lambda: came_in_turn(lights(stranger), range(1, last + 1)), "each in its turn")
        assert lights(stranger).index(last) < lights(stranger).index(last - 1)


# ---- the right to write ----


def test_what_the_access_list_throws_away_stays_on_the_disk(start: Start, board: CounterFit, tmp_path: Path) -> None:
    """The broker acknowledges it all the same; when the right is there, all of it arrives."""
    rights = tmp_path / "rights"
    rights.write_text("topic readwrite other/#\n")
    lines = ["listener {port} 127.0.0.1", "allow_anonymous true", f"acl_file {rights}"]
    with closing(mosquitto(tmp_path, *lines)) as broker:
        options = ["--id", "room", "--broker", broker.url, "--board", board.name, "--interval", "0.2"]
        device = start("device/app.py", *options, "--offline", "keep", "--keep-in", str(tmp_path))
        device.wait_for("does not pass on room/telemetry to this device")
        kept = printed(device)
        assert len(kept) > 10
        rights.write_text("topic readwrite room/#\n")
        broker.kill()
        broker.start()
        with closing(Stranger(broker.port, "room/telemetry")) as stranger:
            device.wait_for("kept readings are sent.")
            # Without copies: if this connection is lost as well, all of them come again.
            until(lambda: len(set(stranger.heard)) > len(kept) + 25, "the arrival of all, and of more")
        device.terminate()
    with closing(Readings(tmp_path, "room", 1000)) as left:
        assert left.count_after(0) < 5, "what has arrived is gone from the disk"


def test_a_backlog_drains_over_a_slow_line(broker: Broker, stranger: Stranger, tmp_path: Path) -> None:
    """Some ten readings a second: all of a window take longer than a silent broker may."""
    with closing(Proxy(broker.port)) as network:
        link = Link(BrokerAddress.parse(network.url))
        outbox = KeepingOutbox(link, "room", tmp_path, 1000)
        with outbox:
            for light in range(200):
                assert outbox.send(light)
            network.slow(1200)  # bytes a second, there and back
            with link:
                until(lambda: not outbox._readings.count_after(0), "the arrival of all", seconds=60)
                assert link.connections == 1
    until(lambda: came_in_turn(lights(stranger), range(200)))


def test_on_a_slow_line_the_newest_reading_does_not_wait_for_older_ones(broker: Broker, stranger: Stranger) -> None:
    with closing(Proxy(broker.port)) as network:
        link = Link(BrokerAddress.parse(network.url))
        outbox = Outbox(link, "room")
        with outbox, link:
            until(lambda: link.connections, "the connection")
            network.slow(1200)  # bytes a second, there and back
            end = time.monotonic() + 3
            while time.monotonic() < end:
                outbox.send(900)
                assert link.waiting <= 5
                time.sleep(0.01)  # as a device that looks again
            until(lambda: outbox.send(100), "room for the newest", seconds=5)
            until(lambda: 100 in lights(stranger), "the newest", seconds=5)


def test_the_thread_that_sends_outlives_what_nobody_foresaw(
    broker: Broker, stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = iter([ValueError("surprise"), ValueError("surprise")])
    after = Readings.after

    def fails_at_first(readings: Readings, number: int, at_most: int) -> list[tuple[int, Telemetry]]:
        for error in failing:
            raise error
        return after(readings, number, at_most)

    monkeypatch.setattr(Readings, "after", fails_at_first)
    link = Link(BrokerAddress.parse(broker.url))
    with KeepingOutbox(link, "room", tmp_path, 1000) as outbox, link:
        outbox.send(80)
        until(lambda: 80 in lights(stranger))


# ---- late readings ----


def test_a_late_reading_is_not_answered(start: Start, broker: Broker, stranger: Stranger) -> None:
    server = start("server/app.py", "--id", "room", "--broker", broker.url)
    server.wait_for("MQTT connected!")
    for age, light in ((3600, 100), (31, 100), (0, 900)):
        stranger.publish("room/telemetry", json.dumps({"light": light, "time": time.time() - age}))
    stranger.wait_for("room/commands", b'{"led_on": false}')
    assert ("room/commands", b'{"led_on": true}') not in stranger.heard
    server.wait_for("Not answered: a reading of room that is 60 minutes old.")


def test_how_late_is_an_option(start: Start, broker: Broker, stranger: Stranger) -> None:
    start("server/app.py", "--id", "room", "--broker", broker.url, "--stale", "7200").wait_for("MQTT connected!")
    stranger.publish("room/telemetry", json.dumps({"light": 100, "time": time.time() - 3600}))
    stranger.wait_for("room/commands", b'{"led_on": true}')


# ---- deciding alone ----


def test_without_a_server_the_device_decides_and_the_server_takes_over_again(
    start: Start, broker: Broker, board: CounterFit
) -> None:
    options = ["--id", "room", "--broker", broker.url, "--alone", "1", "--interval", "0.5"]
    device = start("device/app.py", *options, "--board", board.name)
    device.wait_for("No command for 1 s, deciding alone: ")
    for light in (100, 900, 100):
        board.set_light(light)
        board.led_becomes(light < 300)
    start("server/app.py", "--id", "room", "--broker", broker.url, "--threshold", "50").wait_for("MQTT connected!")
    board.led_becomes(False)


def test_without_a_broker_the_device_decides_as_well(start: Start, board: CounterFit) -> None:
    nowhere = f"mqtt://127.0.0.1:{free_port()}"
    start("device/app.py", "--broker", nowhere, "--board", board.name, "--alone", "1", "--threshold", "500")
    for light in (499, 500):
        board.set_light(light)
        board.led_becomes(light < 500)
