"""The nightlight as a whole: both scripts as processes, on real brokers, beside the real CounterFit."""

from __future__ import annotations

import http.server
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightlight.messages import BadMessage, Command, LedState, Message, Telemetry
from tests.kit.boards import CounterFit, SilentServer
from tests.kit.brokers import Broker, mosquitto
from tests.kit.programs import ROOT, Program, clean_environment, free_port, until
from tests.kit.stranger import Stranger
from tests.payloads import BAD_COMMAND, BAD_TELEMETRY

if sys.platform != "win32":
    from tests.kit.terminal import PausedTerminal

Start = Callable[..., Program]
needs_terminals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no terminals that a test can hold")


@pytest.fixture
def server(start: Start, broker: Broker) -> Program:
    server = start("server/app.py", "--id", "room", "--broker", broker.url)
    server.wait_for("MQTT connected!")
    return server


@pytest.fixture
def device(start: Start, broker: Broker, board: CounterFit) -> Program:
    """It never decides alone: what the LED does is the server's doing, or the test's, however long that takes."""
    options = ["--id", "room", "--broker", broker.url, "--board", board.name, "--alone", "never"]
    device = start("device/app.py", *options)
    device.wait_for("MQTT connected!")
    return device


def follows(board: CounterFit, *lights: int) -> None:
    """Move the light, and see the LED follow each time."""
    for light in lights or (0, 1000):
        board.set_light(light)
        board.led_becomes(light < 300)


# ---- the lesson ----


def test_the_flow_of_the_lesson_as_printed(start: Start, server: Program, broker: Broker, board: CounterFit) -> None:
    options = ["--id", "room", "--broker", broker.url, "--board", board.name]
    device = start("device/app.py", *options, "--interval", "3600")  # so that only changes are printed
    device.wait_for("Message received: {'led_on': False}")
    follows(board, 0, 400)
    until(lambda: len(device.lines) >= 7 and len(server.lines) >= 7)
    assert server.lines == [
        "MQTT connected!",
        "Message received: {'light': 1000}",
        "Sending message: {'led_on': False}",
        "Message received: {'light': 0}",
        "Sending message: {'led_on': True}",
        "Message received: {'light': 400}",
        "Sending message: {'led_on': False}",
    ]
    assert device.lines == [
        "MQTT connected!",
        "Light level: 1000",
        "Message received: {'led_on': False}",
        "Light level: 0",
        "Message received: {'led_on': True}",
        "Light level: 400",
        "Message received: {'led_on': False}",
    ]


def test_ctrl_c_ends_both_with_status_0(server: Program, device: Program, stranger: Stranger) -> None:
    assert server.interrupt() == 0
    assert device.interrupt() == 0
    stranger.wait_for("room/status", b"offline")


def test_sigterm_ends_both_with_status_0(server: Program, device: Program) -> None:
    assert server.terminate() == 0
    assert device.terminate() == 0


def test_ctrl_c_ends_them_without_broker_and_board(start: Start) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    server = start("server/app.py", "--broker", f"mqtt://{nowhere}")
    device = start("device/app.py", "--broker", f"mqtt://{nowhere}", "--board", f"counterfit://{nowhere}")
    server.wait_for("Is it running?")
    device.wait_for("Is it running?")
    device.wait_for("or name another --board.")
    assert server.interrupt() == 0
    assert device.interrupt() == 0


def test_from_any_folder_with_options_from_the_environment(
    start: Start, broker: Broker, board: CounterFit, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "some where else"
    elsewhere.mkdir()
    options = {"NIGHTLIGHT_ID": "küche/1", "NIGHTLIGHT_BROKER": broker.url}
    server = start("server/app.py", cwd=elsewhere, **options)
    server.wait_for("MQTT connected!")
    start("device/app.py", cwd=elsewhere, **options, NIGHTLIGHT_BOARD=board.name, NIGHTLIGHT_LED_PIN="5")
    follows(board)


def test_quiet_says_only_what_is_wrong(start: Start, broker: Broker, board: CounterFit, stranger: Stranger) -> None:
    server = start("server/app.py", "--id", "room", "--broker", broker.url, "--quiet")
    device = start("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name, "--quiet")
    stranger.wait_for("room/commands", b'{"led_on": false}')
    stranger.publish("room/telemetry", b"nonsense")
    server.wait_for("not JSON")
    assert len(server.lines) == 1
    assert device.lines == []


def test_verbose_shows_the_log_of_paho(start: Start, broker: Broker, stranger: Stranger) -> None:
    """Of all messages, too, which otherwise pass it by."""
    server = start("server/app.py", "--id", "room", "--broker", broker.url, "--verbose")
    server.wait_for("Sending CONNECT")
    server.wait_for("MQTT connected!")
    stranger.publish("room/telemetry", b'{"light": 80}')
    for line in ("Received PUBLISH", "Sending PUBLISH", "Received PUBACK"):
        server.wait_for(line)


def test_a_server_of_many_answers_each_on_its_own_topic(start: Start, broker: Broker, stranger: Stranger) -> None:
    server = start("server/app.py", "--id", "stadium/+", "--broker", broker.url, "--threshold", "500")
    server.wait_for("MQTT connected!")
    stranger.publish("stadium/seat-1/telemetry", b'{"light": 499}')
    stranger.publish("stadium/seat-2/telemetry", b'{"light": 500}')
    stranger.wait_for("stadium/seat-1/commands", b'{"led_on": true}')
    stranger.wait_for("stadium/seat-2/commands", b'{"led_on": false}')


def test_nobody_reads_what_it_prints(broker: Broker, stranger: Stranger, tmp_path: Path) -> None:
    """As in `python server/app.py | head`: the nightlight works on."""
    reading_end, writing_end = os.pipe()
    command = [sys.executable, str(ROOT / "server/app.py"), "--id", "room", "--broker", broker.url]
    with (tmp_path / "errors").open("w") as errors:
        server = subprocess.Popen(command, stdout=writing_end, stderr=errors, env=clean_environment())
    os.close(reading_end)
    os.close(writing_end)

    def ask() -> bool:
        stranger.publish("room/telemetry", b'{"light": 1}')
        return stranger.heard.count(("room/commands", b'{"led_on": true}')) >= 3

    until(ask, "three answers")
    server.terminate()
    assert server.wait(10) == 0
    assert (tmp_path / "errors").read_text() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_behind_the_output_changes_nothing(
    broker: Broker, board: CounterFit, server: Program, tmp_path: Path
) -> None:
    """As in `python device/app.py > file`, when the disk is full."""
    command = [
        sys.executable,
        str(ROOT / "device/app.py"),
        "--id",
        "room",
        "--broker",
        broker.url,
        "--board",
        board.name,
    ]
    with Path("/dev/full").open("w") as full, (tmp_path / "errors").open("w") as errors:
        device = subprocess.Popen(command, stdout=full, stderr=errors, env=clean_environment())
    follows(board)
    device.terminate()
    assert device.wait(10) == 0
    assert (tmp_path / "errors").read_text() == ""


@pytest.mark.skipif(not shutil.which("sh"), reason="no shell that could close it")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_it_works_on_where_there_is_nothing_to_print_to(
    broker: Broker, board: CounterFit, server: Program, tmp_path: Path, closed: str
) -> None:
    errors = "" if "2>" in closed else f"2>{tmp_path}/errors"
    script = [sys.executable, str(ROOT / "device/app.py"), "--id", "room", "--broker", broker.url]
    command = ["sh", "-c", f'exec "$@" {closed} {errors}', "sh", *script, "--board", board.name, "--alone", "never"]
    device = subprocess.Popen(command, env=clean_environment())
    follows(board)
    device.terminate()
    assert device.wait(10) == 0
    assert not errors or (tmp_path / "errors").read_text() == ""


def test_ctrl_c_twice_ends_it_just_as_well(device: Program, server: Program, stranger: Stranger) -> None:
    for program in (device, server):
        program.process.send_signal(signal.SIGINT)
        time.sleep(0.05)  # in the midst of its goodbye, or just after
        program.process.send_signal(signal.SIGINT)
        assert program.wait() == 0
    stranger.wait_for("room/status", b"offline")


def test_of_many_commands_for_a_slow_board_the_newest_wins(start: Start, broker: Broker, stranger: Stranger) -> None:
    """A stand-in for a board behind a slow network: each answer takes half a second."""
    led: list[bool] = []

    class SlowBoard(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(b'{"value": 5}')

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(b"OK")
            led.append(json.loads(body)["value"])

        def answer(self, body: bytes) -> None:
            time.sleep(0.5)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowBoard) as board:
        thread = threading.Thread(target=board.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"counterfit://127.0.0.1:{board.server_port}"
        device = start("device/app.py", "--id", "room", "--broker", broker.url, "--board", address)
        device.wait_for("Light level: 5")
        for number in range(201):
            stranger.post("room/commands", Command(led_on=number % 2 == 0).encode())
        until(lambda: device.text.count("Message received") == 201, "every command")
        until(lambda: led and led[-1], "the newest")
        assert len(led) < 20, "the others were passed over"
        device.kill()
        board.shutdown()
        thread.join()


# ---- how often ----


def test_steady_light_is_sent_once_an_interval(
    start: Start, broker: Broker, board: CounterFit, stranger: Stranger, tmp_path: Path
) -> None:
    """By the clock of the device, as its kept readings tell it."""
    options = ["--id", "room", "--broker", broker.url, "--board", board.name, "--interval", "1"]
    start("device/app.py", *options, "--offline", "keep", "--keep-in", str(tmp_path))

    def times() -> list[float]:
        return [json.loads(payload)["time"] for topic, payload in stranger.heard if topic == "room/telemetry"]

    until(lambda: len(times()) > 4, "five readings")
    pauses = [later - earlier for earlier, later in pairwise(times())]
    # The first of a session is due at once, and may follow one from before the connection.
    assert all(pause >= 0.99 for pause in pauses[1:]), pauses


def test_a_change_below_the_deadband_waits_for_the_interval(start: Start, broker: Broker, board: CounterFit) -> None:
    device = start("device/app.py", "--broker", broker.url, "--board", board.name, "--interval", "3600")
    device.wait_for("Light level: 1000")
    board.set_light(991)
    board.set_light(900)
    device.wait_for("Light level: 900")
    assert not device.says("Light level: 991")


# ---- strangers ----


def test_a_stranger_can_be_the_device(server: Program, stranger: Stranger) -> None:
    stranger.publish("room/telemetry", b'{ "light" : 80 }', qos=0)
    stranger.wait_for("room/commands", b'{"led_on": true}')
    stranger.publish("room/telemetry", b'{"light":400,"battery":"low"}', qos=2)
    stranger.wait_for("room/commands", b'{"led_on": false}')


def test_a_stranger_can_be_the_server(device: Program, board: CounterFit, stranger: Stranger) -> None:
    stranger.wait_for("room/telemetry", b'{"light": 1000}')
    stranger.publish("room/commands", b'{ "led_on" : true }', qos=0)
    board.led_becomes(True)
    stranger.publish("room/commands", b'{"led_on":false,"why":"noon"}', qos=2)
    board.led_becomes(False)


@pytest.fixture
def tools() -> Iterator[None]:
    if not shutil.which("mosquitto_pub"):
        pytest.skip("mosquitto-clients is not installed")
    yield


def test_mosquitto_pub_and_sub_can_be_the_device(tools: None, server: Program, broker: Broker) -> None:
    where = ["-h", "127.0.0.1", "-p", str(broker.port)]
    listener = Program("mosquitto_sub", *where, "-t", "room/commands", "-C", "2", "-v")
    answered: list[str] = []

    def ask() -> bool:
        # mosquitto_sub does not say when it has subscribed, so the question is put until it is heard.
        subprocess.run(["mosquitto_pub", *where, "-t", "room/telemetry", "-m", '{"light": 80}'], check=True)
        answered[:] = listener.lines
        return not listener.is_running

    until(ask, "two answers")
    assert listener.wait() == 0
    assert listener.lines == ['room/commands {"led_on": true}'] * 2


def test_mosquitto_pub_and_sub_can_be_the_server(
    tools: None, device: Program, broker: Broker, board: CounterFit
) -> None:
    where = ["-h", "127.0.0.1", "-p", str(broker.port)]
    listener = Program("mosquitto_sub", *where, "-t", "room/telemetry", "-C", "1")
    assert listener.wait() == 0
    assert listener.lines == ['{"light": 1000}']
    subprocess.run(["mosquitto_pub", *where, "-t", "room/commands", "-m", '{"led_on": true}'], check=True)
    board.led_becomes(True)


# ---- what comes back by itself ----


def test_neither_needs_the_broker_or_the_board_to_be_there_first(start: Start, tmp_path: Path) -> None:
    broker_port, board_port = free_port(), free_port()
    server = start("server/app.py", "--broker", f"mqtt://127.0.0.1:{broker_port}")
    device = start(
        "device/app.py",
        *("--broker", f"mqtt://127.0.0.1:{broker_port}", "--board", f"counterfit://127.0.0.1:{board_port}"),
    )
    device.wait_for("Is it running?")
    device.wait_for("CounterFit is not there")
    server.wait_for("Is it running?")
    with closing(mosquitto(tmp_path, port=broker_port)), closing(CounterFit(board_port)) as board:
        follows(board)


def test_the_broker_is_killed_and_comes_back(
    server: Program, device: Program, broker: Broker, board: CounterFit
) -> None:
    follows(board)
    for program in (server, device):
        program.lines.clear()
    broker.kill()
    server.wait_for("The connection is lost")
    device.wait_for("The connection is lost")
    broker.start()
    board.set_light(0)
    board.led_becomes(True, seconds=15)


def test_the_first_reading_after_the_broker_is_back_is_sent_at_once(
    start: Start, broker: Broker, board: CounterFit
) -> None:
    device = start("device/app.py", "--broker", broker.url, "--board", board.name, "--interval", "3600")
    device.wait_for("Light level: 1000")
    broker.restart()
    until(lambda: device.lines.count("Light level: 1000") == 2, "a reading in the new session")


def test_the_board_is_killed_and_comes_back(
    start: Start, server: Program, broker: Broker, own_board: CounterFit
) -> None:
    device = start("device/app.py", "--id", "room", "--broker", broker.url, "--board", own_board.name)
    own_board.led_becomes(True)
    own_board.kill()
    device.wait_for("CounterFit is not there")
    own_board.start()
    own_board.led_becomes(True)
    follows(own_board, 1000, 0)
    device.wait_for("The board answers.")


def test_the_board_hangs_and_recovers(start: Start, server: Program, broker: Broker, own_board: CounterFit) -> None:
    device = start("device/app.py", "--id", "room", "--broker", broker.url, "--board", own_board.name)
    own_board.led_becomes(True)
    own_board.kill()
    with SilentServer(own_board.port):
        device.wait_for("accepts the connection but does not answer")
    own_board.start()
    follows(own_board, 1000, 0)


def test_the_sensor_is_removed_and_comes_back(
    start: Start, server: Program, broker: Broker, own_board: CounterFit
) -> None:
    device = start("device/app.py", "--id", "room", "--broker", broker.url, "--board", own_board.name)
    own_board.led_becomes(True)
    own_board.remove_sensor()
    device.wait_for("CounterFit has no sensor on pin 0")
    own_board.add_sensor()
    follows(own_board, 1000, 0)


def test_the_server_is_killed_and_comes_back(
    start: Start, server: Program, device: Program, broker: Broker, board: CounterFit
) -> None:
    follows(board)
    server.kill()
    board.set_light(0)
    device.wait_for("Light level: 0", since=len(device.lines))
    start("server/app.py", "--id", "room", "--broker", broker.url)
    board.led_becomes(True, seconds=15)


def test_the_device_is_killed_and_comes_back(
    start: Start, server: Program, device: Program, broker: Broker, board: CounterFit, stranger: Stranger
) -> None:
    follows(board)
    device.kill()
    stranger.wait_for("room/status", b"offline")
    board.set_light(0)
    start("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name)
    board.led_becomes(True, seconds=15)


def test_two_devices_with_one_id_are_both_told(
    start: Start, broker: Broker, board: CounterFit, server: Program
) -> None:
    devices = [start("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name) for _ in range(2)]
    for device in devices:
        device.wait_for("the id 'room' seems to be in use twice")
        assert device.lines.count("MQTT connected!") < 8, "no tight loop"
    devices[0].kill()
    follows(board)


# ---- what strangers send ----


def test_bad_telemetry_gets_no_command_and_the_next_good_one_does(server: Program, stranger: Stranger) -> None:
    for payload in [*BAD_TELEMETRY.values(), b"x" * 15_000]:
        stranger.publish("room/telemetry", payload)
    stranger.publish("room/telemetry", b'{"light": 299}')
    stranger.wait_for("room/commands", b'{"led_on": true}')
    assert [topic for topic, _ in stranger.heard].count("room/commands") == 1
    server.wait_for("Ignored a message on room/telemetry: it is empty: b''")
    server.wait_for("Message received: {'light': 299}")
    assert server.text.count("Message received") == 1


def test_bad_commands_leave_the_led_as_it_is(device: Program, board: CounterFit, stranger: Stranger) -> None:
    stranger.publish("room/commands", b'{"led_on": true}')
    board.led_becomes(True)
    for payload in BAD_COMMAND.values():
        stranger.publish("room/commands", payload)
    device.wait_for("Ignored a message on room/commands: it is empty: b''")
    stranger.publish("room/commands", b'{"led_on": true}')
    until(lambda: device.lines.count("Message received: {'led_on': True}") == 2, "the next good one")
    assert not device.says("'led_on': False")
    assert board.led_on


@pytest.mark.parametrize("name", ["not UTF-8", "deeply nested", "text", "negative", "5000 digits", "list"])
def test_each_bad_message_is_one_line_with_topic_reason_and_first_bytes(
    server: Program, stranger: Stranger, name: str
) -> None:
    stranger.publish("room/telemetry", BAD_TELEMETRY[name])
    line = server.wait_for("Ignored")
    assert line.startswith("Ignored a message on room/telemetry: ")
    assert line.endswith(f": {BAD_TELEMETRY[name][:40]!r}")


def test_a_megabyte_is_ignored(start: Start, tmp_path: Path) -> None:
    """Only on Mosquitto: the embedded broker does not pass on more than 20 kB."""
    with closing(mosquitto(tmp_path)) as broker, closing(Stranger(broker.port, "room/commands")) as stranger:
        server = start("server/app.py", "--id", "room", "--broker", broker.url)
        server.wait_for("MQTT connected!")
        stranger.publish("room/telemetry", b'{"light": 5}' + b" " * 1_000_000)
        server.wait_for("it has 1,000,012 bytes")
        stranger.publish("room/telemetry", b'{"light": 5}')
        stranger.wait_for("room/commands", b'{"led_on": true}')


def test_what_was_retained_is_ignored(start: Start, broker: Broker, board: CounterFit, stranger: Stranger) -> None:
    stranger.publish("room/telemetry", b'{"light": 0}', retain=True)
    stranger.publish("room/commands", b'{"led_on": true}', retain=True)
    server = start("server/app.py", "--id", "room", "--broker", broker.url)
    server.wait_for("Ignored a message on room/telemetry: it was retained")
    device = start("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name)
    device.wait_for("Ignored a message on room/commands: it was retained")
    device.wait_for("Message received: {'led_on': False}")
    assert not board.led_on
    follows(board)


def is_good(kind: type[Message], payload: bytes) -> bool:
    try:
        kind.decode(payload)
    except BadMessage:
        return False
    return True


def test_whatever_is_sent_only_good_telemetry_is_answered(server: Program, stranger: Stranger) -> None:
    good = st.integers(0, 65_535).map(lambda light: Telemetry(light=light).encode())
    answers = 0

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.binary(max_size=50) | st.sampled_from(list(BAD_TELEMETRY.values())) | good, max_size=20))
    def send(payloads: list[bytes]) -> None:
        nonlocal answers
        for payload in [*payloads, b'{"light": 1}']:
            stranger.publish("room/telemetry", payload)
            answers += is_good(Telemetry, payload)
        until(lambda: [topic for topic, _ in stranger.heard].count("room/commands") >= answers, "the answers")
        assert [topic for topic, _ in stranger.heard].count("room/commands") == answers

    send()
    assert server.is_running
    assert server.lines.count("MQTT connected!") == 1


def test_whatever_is_sent_only_good_commands_are_obeyed(device: Program, stranger: Stranger, board: CounterFit) -> None:
    good = st.booleans().map(lambda on: Command(led_on=on).encode())
    obeyed = 0

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.binary(max_size=50) | st.sampled_from(list(BAD_COMMAND.values())) | good, max_size=20))
    def send(payloads: list[bytes]) -> None:
        nonlocal obeyed
        for payload in [*payloads, b'{"led_on": true}']:
            stranger.publish("room/commands", payload)
            obeyed += is_good(Command, payload)
        until(lambda: device.text.count("Message received: ") >= obeyed, "obedience")
        assert device.text.count("Message received: ") == obeyed

    send()
    assert device.is_running
    assert device.lines.count("MQTT connected!") == 1
    board.led_becomes(True)  # it says what it has received before it obeys


# ---- what the LED is ----


def test_the_device_tells_what_its_led_is_and_who_said_so(
    device: Program, board: CounterFit, stranger: Stranger, broker: Broker
) -> None:
    for on in (False, True):
        stranger.publish("room/commands", Command(on).encode())
        stranger.wait_for("room/led", LedState(on, by="server").encode())
        assert board.led_on is on
    with closing(Stranger(broker.port, "room/led")) as late:
        until(lambda: late.retained == [("room/led", b'{"led_on": true, "by": "server"}')], "the retained state")
    broker.restart()
    with closing(Stranger(broker.port, "room/led")) as again:
        told = ("room/led", b'{"led_on": true, "by": "server"}')
        until(lambda: told in again.heard + again.retained, "the same after a new connection")
        device.terminate()
        again.wait_for("room/led", b'{"led_on": false, "by": "device"}')


def test_a_device_that_starts_switches_its_led_off_and_says_so(
    start: Start, broker: Broker, board: CounterFit, stranger: Stranger
) -> None:
    """It may have been on since another program let go of it."""
    board.set_led(True)
    start("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name, "--alone", "never")
    stranger.wait_for("room/led", b'{"led_on": false, "by": "device"}')
    assert not board.led_on


def test_a_device_that_decides_alone_says_that_it_did(
    start: Start, broker: Broker, board: CounterFit, stranger: Stranger
) -> None:
    options = ["--id", "room", "--broker", broker.url, "--board", board.name, "--alone", "0.5"]
    start("device/app.py", *options)
    stranger.wait_for("room/led", b'{"led_on": false, "by": "device"}')
    board.set_light(0)
    stranger.wait_for("room/led", b'{"led_on": true, "by": "device"}')


# ---- a dusk ----


@pytest.mark.parametrize(("hysteresis", "flickers"), [("0", True), ("20", False)])
def test_a_flickering_dusk(start: Start, broker: Broker, stranger: Stranger, hysteresis: str, flickers: bool) -> None:
    start("server/app.py", "--id", "room", "--broker", broker.url, "--hysteresis", hysteresis).wait_for("MQTT")
    dusk = [306, 294, 303, 297] * 10
    for light in dusk:
        stranger.post("room/telemetry", Telemetry(light).encode())

    def commands() -> list[bytes]:
        return [payload for topic, payload in stranger.heard if topic == "room/commands"]

    until(lambda: len(commands()) == len(dusk), "every answer")
    changes = sum(before != after for before, after in pairwise(commands()))
    assert changes > 30 if flickers else changes == 1


# ---- many at once ----


def test_each_of_a_thousand_ids_gets_the_right_last_command_in_a_burst(start: Start, tmp_path: Path) -> None:
    """Ten readings of each, as fast as they go out: nothing is answered wrongly, and nothing said that was not done."""
    lines = ["listener {port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 10000"]
    with closing(mosquitto(tmp_path, *lines)) as broker, closing(Stranger(broker.port, "many/+/commands")) as stranger:
        server = start("server/app.py", "--id", "many/+", "--broker", broker.url)
        server.wait_for("MQTT connected!")
        chance = random.Random(1)
        newest: dict[str, int] = {}
        for number in range(10_000):
            newest[f"many/{number % 1000}"] = light = chance.randrange(600)
            stranger.post(f"many/{number % 1000}/telemetry", Telemetry(light).encode())
        right = {f"{id}/commands": Command(light < 300).encode() for id, light in newest.items()}
        # Looked at seldom, since each look keeps the stranger from hearing.
        until(lambda: dict(stranger.heard) == right, "the right last command for each", seconds=90, pause=0.3)
        until(lambda: server.text.count("Sending message") == len(stranger.heard), "what it says")


def test_a_command_that_finds_no_room_is_not_said_to_be_sent_but_counted(tmp_path: Path) -> None:
    """The real server, with room for five messages: more than that no broker here is slow enough to fill."""
    options = ["server/app.py", "--id", "room", "--broker"]
    with closing(mosquitto(tmp_path)) as broker, closing(Stranger(broker.port, "room/commands")) as stranger:
        code = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT)!r})
import nightlight.connection
nightlight.connection.MOST_UNSENT = 5
sys.argv = {[*options, broker.url]!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""
        with closing(Program(sys.executable, "-u", "-c", code)) as server:
            server.wait_for("MQTT connected!")
            for _ in range(500):
                stranger.post("room/telemetry", b'{"light": 5}')
            until(lambda: server.text.count("Message received") == 500, "every reading")
            server.wait_for("Not sent: the broker does not take messages as fast as they come.")

            def unsent() -> int:
                lines = [line for line in server.lines if line.startswith("Not sent: ")]
                more = [re.search(r"\(and ([\d,]+) more\)", line) for line in lines]
                return len(lines) + sum(int(count[1].replace(",", "")) for count in more if count)

            until(lambda: len(stranger.heard) + unsent() == 500, "each one sent, or counted")
            assert server.text.count("Sending message") == len(stranger.heard) < 500


@pytest.mark.parametrize("in_flight", [300, 1500])
def test_with_many_in_flight_the_server_goes_on_for_as_long_as_the_load(
    start: Start, tmp_path: Path, in_flight: int
) -> None:
    lines = ["listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 10000"]
    with closing(mosquitto(tmp_path, *lines)) as broker, closing(Stranger(broker.port, "room/commands")) as stranger:
        start("server/app.py", "--id", "room", "--broker", broker.url, "--quiet")
        sent = 0

        def ask() -> bool:
            stranger.publish("room/telemetry", b'{"light": 5}')
            return bool(stranger.heard)

        until(ask, "the server")
        stranger.publish("room/commands", b"marker")
        stranger.wait_for("room/commands", b"marker")
        stranger.heard.clear()
        while sent < 4_000:
            until(lambda: sent - len(stranger.heard) < in_flight, "an answer")  # noqa: B023 (used at once)
            stranger.post("room/telemetry", b'{"light": 5}')
            sent += 1
        until(lambda: len(stranger.heard) >= sent, "every answer")


# ---- a terminal that is paused ----


@needs_terminals
def test_a_paused_terminal_stops_nobody(broker: Broker, board: CounterFit) -> None:
    """Ctrl+S holds back whatever is printed; after Ctrl+Q it comes."""
    options = ["--id", "room", "--broker", broker.url, "--verbose"]
    of_device = [*options, "--board", board.name, "--alone", "never"]
    with (
        PausedTerminal(sys.executable, ROOT / "server/app.py", *options) as server,
        PausedTerminal(sys.executable, ROOT / "device/app.py", *of_device) as device,
    ):
        for _ in range(20):  # many more lines than a terminal has room for
            follows(board)
        for script in (server, device):
            script.resume_and_wait_for("MQTT connected!")
            assert script.end() == 0


@needs_terminals
def test_a_paused_terminal_keeps_nobody_from_ending(
    broker: Broker, board: CounterFit, stranger: Stranger, server: Program
) -> None:
    options = ["--id", "room", "--broker", broker.url, "--board", board.name, "--verbose"]
    with PausedTerminal(sys.executable, ROOT / "device/app.py", *options) as device:
        follows(board)
        assert device.end() == 0
    stranger.wait_for("room/status", b"offline")
