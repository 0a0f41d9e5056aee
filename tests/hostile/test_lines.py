"""A text from the network never becomes a line of its own, nor anything that a terminal obeys."""

from __future__ import annotations

import queue
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from demo.network import online_ids
from demo.parts import Part
from nightlight.notices import LONGEST_MESSAGE, in_one_line
from tests.kit.boards import fixed_bytes
from tests.kit.brokers import embedded_broker, mosquitto
from tests.kit.pages import Page
from tests.kit.programs import ROOT, Program
from tests.kit.stranger import Stranger

Start = Callable[..., Program]

HOSTILE = "x\x1b[2J\x9b2J\r\nMQTT connected!\x0b\x0c\x85\u2028\u2029\u202e\u2066\u200b\ufeff\x00\x07\x7f\ud800"
AS_SHOWN = r"x\x1b[2J\x9b2J\r\nMQTT connected!\x0b\x0c\x85\u2028\u2029\u202e\u2066\u200b\ufeff\x00\x07\x7f\ud800"
NEW_LINE = r"\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "Light level: 80",
        "\u5367\u5ba4/\u706f\uff1a\u3000\u4eae",
        "\U0001f4a1 \U0001f469\u200d\U0001f680 \u2764\ufe0f",
        "Connexion refus\u00e9e\u00a0: d\u00e9j\u00e0 l\u00e0",
        "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
        r"C:\new\table",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert in_one_line(text) == text


def test_what_a_terminal_obeys_is_written_out() -> None:
    assert in_one_line(HOSTILE) == AS_SHOWN
    for number in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)):
        assert in_one_line(chr(number)).isprintable(), number


SPEAKER = """
import logging, sys
from nightlight import notices
notices.set_up(verbose=True)
text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
notices.say("say:", text)
notices.warn("warn: " + text)
logging.getLogger("paho").debug("Received PUBLISH '%s'", text)
logging.getLogger("asyncio").error("Task: " + text)
try:
    raise ValueError("\\nMQTT connected!\\n" + text)
except ValueError as error:
    logging.getLogger("nightlight").debug("The handler's error:", exc_info=True)
    notices.warn(f"Could not handle: {error!r}")
notices.warn("long: " + 9_999 * "x")
"""


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_each_message_is_one_line(stream: str) -> None:
    spoken = subprocess.run(
        [sys.executable, "-c", SPEAKER],
        input=HOSTILE.encode("utf-8", "surrogatepass"),
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    lines = getattr(spoken, stream).decode().replace("\r\n", "\n").split("\n")[:-1]
    assert all(line.isprintable() for line in lines)
    if stream == "stdout":
        assert lines == [f"say: {AS_SHOWN}"]
        return
    assert lines[:3] == [f"warn: {AS_SHOWN}", f"Received PUBLISH '{AS_SHOWN}'", f"Task: {AS_SHOWN}"]
    trace = [line for line in lines if line.startswith("    ")]
    assert lines[3:-2] == ["The handler's error:", *trace], "only a traceback has more lines, and they are indented"
    assert "    MQTT connected!" in trace
    assert trace[-2:] == [r"    x\x1b[2J\x9b2J\r", f"    {AS_SHOWN.partition(NEW_LINE)[2]}"]
    assert lines[-2].startswith("Could not handle: ValueError(")
    assert lines[-1] == f"long: {'x' * (LONGEST_MESSAGE - 6)}..."


def test_no_topic_forges_a_line_of_paho_s_log(start: Start) -> None:
    """The embedded broker passes on what Mosquitto does not: control characters in a topic."""
    with closing(embedded_broker()) as broker, closing(Stranger(broker.port, "room/last/commands")) as stranger:
        server = start("server/app.py", "--broker", broker.url, "--id", "room/+", "--verbose")
        server.wait_for("MQTT connected!")
        stranger.publish("room/x\x1b[2J\nMQTT connected! (forged)\u2028\u202e/telemetry", "{}")
        stranger.publish("room/last/telemetry", '{"light": 80}')
        stranger.wait_for("room/last/commands", b'{"led_on": true}')
        line = server.wait_for("(forged)")
        assert line.startswith("Received PUBLISH ")
        assert r"'room/x\x1b[2J\nMQTT connected! (forged)\u2028\u202e/telemetry'" in line
        assert all(line.isprintable() for line in server.lines)


def test_no_browser_forges_a_line_of_the_page_s_log(tmp_path: Path) -> None:
    with closing(mosquitto(tmp_path)) as broker, closing(Page(broker, tmp_path, "room", "--verbose")) as page:
        page.get(f"/_nicegui_ws/socket.io/?EIO=4&transport=polling&sid={quote(HOSTILE[:-1])}")
        line = page.program.wait_for("Invalid session")
        assert line.startswith(f"Invalid session {AS_SHOWN[:-6]}")
        assert len([line for line in page.program.lines if "Invalid session" in line]) == 1


def test_a_broker_s_endless_nonsense_is_one_short_line() -> None:
    """What paho raises holds all of it."""
    upgrade = (
        b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: \x1b[2J\nMQTT connected!\xff" + b"y" * 20_000 + b"\r\n\r\n"
    )
    topic = b"x/\xff\x1b[2J" + b"z" * 20_000
    packet = len(topic).to_bytes(2, "big") + topic
    length = bytes([len(packet) % 128 + 128, len(packet) // 128 % 128 + 128, len(packet) // 16384])
    publish = b"\x20\x02\x00\x00" + b"\x90\x03\x00\x01\x01" + b"\x30" + length + packet
    for scheme, answer in (("ws", upgrade.replace(b"\nMQTT", b"MQTT")), ("ws", upgrade), ("mqtt", publish)):
        with fixed_bytes(answer) as port:
            url = f"{scheme}://127.0.0.1:{port}"
            with closing(Program(sys.executable, ROOT / "server/app.py", "--broker", url)) as server:
                server.wait_for("Trying again...")
                assert all(line.isprintable() and len(line) < 400 for line in server.lines), server.text


def test_what_a_part_of_the_demo_prints_is_lines(tmp_path: Path) -> None:
    script = tmp_path / "part.py"
    script.write_text(f"import sys; sys.stdout.buffer.write({(HOSTILE[:-1] + chr(10)).encode()!r})")
    told: queue.Queue[str] = queue.Queue()
    part = Part("device", [sys.executable, str(script)], lambda name, line: told.put(line), is_needed=True)
    part.process.wait()
    first, second = told.get(timeout=30), told.get(timeout=30)
    assert (first, second) == (r"x\x1b[2J\x9b2J", AS_SHOWN.partition(NEW_LINE)[2][:-6]), (
        "a program's own lines are lines"
    )
    assert list(part.last_lines) == [first, second]
    assert part.process.stdout
    part.process.stdout.close()


def test_a_broker_that_sends_nonsense_does_not_end_the_demo() -> None:
    bad_topic = b"\x20\x02\x00\x00" + b"\x31\x0d\x00\x05\xff\xfe\xfd\xfc\xfbonline"
    with fixed_bytes(bad_topic) as port:
        assert online_ids(port, "+/status") == set()
