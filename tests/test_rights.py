"""docs/wire.md: the access list that it shows, and what each user may do with it."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nightlight.address import BrokerAddress
from nightlight.link import Link
from tests.kit.boards import CounterFit
from tests.kit.brokers import MOSQUITTO, Broker, mosquitto
from tests.kit.programs import ROOT, Program, until
from tests.kit.stranger import Stranger
from tests.test_docs import table

WIRE = ROOT / "docs/wire.md"

USERS = {"lamp": "device that keeps readings (`--offline keep`)", "judge": "server", "page": "page"}
"""Each user, and whose rights these are in docs/wire.md."""

TOPICS = {re.sub("<.*>", "my-room", row[0].strip("`")) for row in table(WIRE, "topic")}


def rights_in_wire_md(user: str) -> tuple[set[str], set[str]]:
    """The topics that this user has to be able to write, and to read."""
    rows = {row[0]: row[1:] for row in table(WIRE, "")}
    if user == "lamp":  # its row says `the same` as the one before
        cells = [" ".join(both) for both in zip(rows["device"], rows[USERS[user]], strict=True)]
    else:
        cells = rows[USERS[user]]
    write, read = ({f"my-room/{topic}" for topic in re.findall(r"`<id>/(\w+)`", cell)} for cell in cells)
    return write, read


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Mosquitto with the access list that the page shows, and with one user who may do all."""
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    tool = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
    passwords, rights = tmp_path / "passwords", tmp_path / "rights"
    passwords.touch(0o600)
    for user in [*USERS, "observer"]:
        subprocess.run([tool, "-b", passwords, user, f"{user}-secret"], check=True, capture_output=True)
    shown = re.search(r"^    user lamp\n(?:    .*\n|\n)+", WIRE.read_text(encoding="utf-8"), re.MULTILINE)
    assert shown
    rights.write_text(textwrap.dedent(shown[0]) + "\nuser observer\ntopic readwrite #\n")
    lines = ["listener {port} 127.0.0.1", "set_tcp_nodelay true", "allow_anonymous false"]
    with closing(mosquitto(tmp_path, *lines, f"password_file {passwords}", f"acl_file {rights}")) as broker:
        yield broker
        assert not re.search("error", broker.program.text, re.IGNORECASE), broker.program.text


def as_user(broker: Broker, user: str, *listen_to: str) -> Stranger:
    return Stranger(broker.port, *listen_to, user=user, password=f"{user}-secret")


def url_of(broker: Broker, user: str) -> str:
    return f"mqtt://{user}:{user}-secret@127.0.0.1:{broker.port}"


def test_the_nightlight_works_through_it(
    broker: Broker, start: Callable[..., Program], board: CounterFit, tmp_path: Path
) -> None:
    with closing(as_user(broker, "page", *TOPICS)) as page:
        server = start("server/app.py", "--id", "my-room", "--broker", url_of(broker, "judge"))
        server.wait_for("MQTT connected!")
        keep = ["--offline", "keep", "--keep-in", str(tmp_path)]
        options = ["--id", "my-room", "--board", board.name, *keep]
        device = start("device/app.py", *options, "--broker", url_of(broker, "lamp"))
        device.wait_for("MQTT connected!")
        for light in (100, 900):
            board.set_light(light)
            board.led_becomes(light < 300)
        page.wait_for("my-room/status", b"online")
        page.wait_for("my-room/led", b'{"led_on": false, "by": "server"}')
        assert {"my-room/telemetry", "my-room/commands"} <= {topic for topic, _ in page.heard}
        assert not device.says("does not pass on"), device.text


@pytest.mark.parametrize("user", ["", "lamp:wrong@"], ids=["no password", "a wrong one"])
def test_nobody_gets_in_with(broker: Broker, user: str) -> None:
    with Link(BrokerAddress.parse(f"mqtt://{user}127.0.0.1:{broker.port}")) as link:
        until(lambda: link.problem, "the refusal")
        assert not link.connections
        assert "does not accept" in str(link.problem)


@pytest.mark.parametrize("user", USERS)
def test_a_user_may_write_what_its_program_needs_and_no_more(broker: Broker, user: str) -> None:
    """The broker acknowledges what it then throws away; so somebody has to watch."""
    with closing(as_user(broker, "observer", "my-room/#")) as observer, closing(as_user(broker, user)) as client:
        for topic in TOPICS:
            client.publish(topic, "a word")
        observer.publish("my-room/end", "")
        observer.wait_for("my-room/end", b"")
        assert {topic for topic, payload in observer.heard if payload} == rights_in_wire_md(user)[0]


@pytest.mark.parametrize("user", USERS)
def test_a_user_may_read_what_its_program_needs_and_no_more(broker: Broker, user: str) -> None:
    allowed = rights_in_wire_md(user)[1]
    with closing(as_user(broker, "observer")) as observer, closing(as_user(broker, user, *TOPICS)) as client:
        for topic in TOPICS:
            observer.publish(topic, "a word")
        last = min(allowed)
        observer.publish(last, "the end")
        client.wait_for(last, b"the end")
        assert {topic for topic, _ in client.heard} == allowed
