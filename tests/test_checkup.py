"""--check: on a machine where all is well, and on broken ones, each with its cause and a remedy that works."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from checkup import limits, many, questions
from nightlight.address import BrokerAddress
from server.settings import read_settings
from tests.faults.network import Proxy
from tests.kit.boards import CounterFit, SilentServer, dripping_server, fixed_answers, fixed_bytes
from tests.kit.brokers import MOSQUITTO, Broker, embedded_broker, mosquitto
from tests.kit.pi import DeviceOnPi
from tests.kit.programs import PATIENCE, ROOT, Program, clean_environment, free_port, until
from tests.kit.stranger import Stranger

Start = Callable[..., Program]
EVERYTHING = ["Python", "board", "light", "LED", "broker", "port", "login", "message", "server"]


class CheckUp:
    """One run of a script with --check --json."""

    def __init__(self, script: str, *options: str, prefix: tuple[str, ...] = (), **environment: str) -> None:
        started = time.monotonic()
        self.ended = subprocess.run(
            [*prefix, sys.executable, ROOT / script, "--check", "--json", *options],
            env=clean_environment(PYTHONWARNINGS="error", **environment),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        self.took = time.monotonic() - started
        assert self.ended.stderr == "", self.ended.stderr
        answer = json.loads(self.ended.stdout)
        self.findings: list[dict[str, Any]] = answer["findings"]
        assert self.ended.returncode == (0 if answer["ok"] else 1)
        assert answer["ok"] == all(finding["ok"] for finding in self.findings)

    @property
    def subjects(self) -> list[str]:
        return [finding["subject"] for finding in self.findings]

    @property
    def crosses(self) -> list[dict[str, Any]]:
        return [finding for finding in self.findings if not finding["ok"]]

    def about(self, subject: str) -> dict[str, Any]:
        """What it says of this subject."""
        [finding] = [finding for finding in self.findings if finding["subject"] == subject]
        return finding

    def finds(self, subject: str, cause: str, remedy: str) -> None:
        """There is one cross, and this is it."""
        [cross] = self.crosses
        assert cross["subject"] == subject
        assert cause in cross["found"]
        assert remedy in cross["remedy"]

    def is_well_with(self, subject: str) -> bool:
        return subject in self.subjects and not any(cross["subject"] == subject for cross in self.crosses)


@pytest.fixture
def check(broker: Broker, board: CounterFit) -> Callable[..., CheckUp]:
    """A check-up of the device called `room`; later options win over these."""

    def check(*options: str, **more: Any) -> CheckUp:
        return CheckUp("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name, *options, **more)

    return check


@pytest.fixture
def server(start: Start, broker: Broker) -> Program:
    server = start("server/app.py", "--id", "room", "--broker", broker.url)
    server.wait_for("MQTT connected!")
    return server


def server_check(broker: Broker, *options: str, **more: Any) -> CheckUp:
    return CheckUp("server/app.py", "--broker", broker.url, *options, **more)


# ---- all is well ----


def test_all_is_well(check: Callable[..., CheckUp], server: Program, board: CounterFit) -> None:
    found = check()
    assert found.subjects == EVERYTHING
    assert not found.crosses
    by_subject = {finding["subject"]: finding["found"] for finding in found.findings}
    assert f"CounterFit answers at {board.url}" in by_subject["board"]
    assert by_subject["light"] == "1000"
    assert "{'light': 1000} with {'led_on': False}" in by_subject["server"]
    assert "ms" in by_subject["message"]


def test_people_see_ticks_and_a_last_line(broker: Broker, board: CounterFit, server: Program, start: Start) -> None:
    checked = start("device/app.py", "--check", "--id", "room", "--broker", broker.url, "--board", board.name)
    assert checked.wait() == 0
    assert [line.split()[:2] for line in checked.lines[:-2]] == [["✓", subject] for subject in EVERYTHING]
    assert checked.lines[-1] == "All is well."


def test_people_see_a_cross_and_what_to_do(start: Start) -> None:
    nowhere = f"mqtt://127.0.0.1:{free_port()}"
    checked = start("server/app.py", "--check", "--broker", nowhere)
    assert checked.wait() == 1
    cross = next(number for number, line in enumerate(checked.lines) if line.startswith("✗ port"))
    assert checked.lines[cross + 1].split()[0] == "→"
    assert "Put right what has a cross" in checked.lines[-1]


def test_a_terminal_without_these_signs_gets_others(start: Start) -> None:
    checked = start("server/app.py", "--check", "--broker", "mqtt://nowhere.internal", PYTHONIOENCODING="ascii")
    assert checked.wait() == 1
    assert checked.lines[0].startswith("ok Python")
    assert checked.says("NO broker")


def test_what_only_a_person_can_judge_has_a_question_mark(broker: Broker, start: Start) -> None:
    checked = start("server/app.py", "--check", "--broker", broker.url)
    assert checked.wait() == 0
    assert checked.says("? device")
    assert checked.lines[-1] == "Nothing is wrong, but what has a ? is open."


def test_ctrl_c_ends_it_and_says_that_it_was_not_all(own_board: CounterFit, start: Start) -> None:
    checked = start("device/app.py", "--check", "--broker", "mqtt://nowhere.internal", "--board", own_board.name)
    until(lambda: own_board.led_on)
    assert checked.interrupt() == 1
    assert checked.lines[-1] == "Interrupted: not everything has been checked."
    assert not own_board.led_on


def test_quiet_shows_only_crosses(start: Start) -> None:
    checked = start("server/app.py", "--check", "--quiet", "--broker", "mqtt://nowhere.internal")
    assert checked.wait() == 1
    assert checked.lines[0].startswith("✗ broker")


def test_the_server_s_own(broker: Broker, start: Start, board: CounterFit) -> None:
    found = server_check(broker, "--id", "room")
    assert found.subjects == ["Python", "broker", "port", "login", "message", "device"]
    assert not found.crosses
    assert "none is online with the id 'room': has it the same --id" in found.findings[-1]["found"]
    start("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name).wait_for("MQTT connected!")
    for id in ("room", "+"):
        assert "'room' is online" in server_check(broker, "--id", id).about("device")["found"]


def test_it_changes_nothing(
    check: Callable[..., CheckUp], server: Program, board: CounterFit, start: Start, broker: Broker, stranger: Stranger
) -> None:
    device = start("device/app.py", "--id", "room", "--broker", broker.url, "--board", board.name)
    device.wait_for("Message received")
    assert not check().crosses
    assert not server_check(broker, "--id", "room").crosses
    assert not board.led_on
    assert device.is_running
    assert device.lines.count("MQTT connected!") == 1, "it has not taken the device's place"
    with closing(Stranger(broker.port, "#")) as late:
        late.publish("marker", b"")
        late.wait_for("marker", b"")
        told = sorted(topic for topic, _ in late.retained if not topic.startswith("$"))
        assert told == ["room/led", "room/status"], "what the device itself says"


# ---- broken machines: the board ----


def test_no_counterfit(check: Callable[..., CheckUp], server: Program, board: CounterFit) -> None:
    port = free_port()
    check("--board", f"counterfit://127.0.0.1:{port}").finds(
        "board", f"nothing answers at http://127.0.0.1:{port}", "python device/virtual_board.py"
    )
    with closing(CounterFit(port)):
        assert not check("--board", f"counterfit://127.0.0.1:{port}").crosses, "the remedy works"


def test_no_sensor_on_the_pin(check: Callable[..., CheckUp], server: Program, own_board: CounterFit) -> None:
    own_board.remove_sensor()
    check("--board", own_board.name).finds("board", "no sensor on pin 0", f"Open {own_board.url} and create it")
    own_board.add_sensor()
    assert not check("--board", own_board.name).crosses, "the remedy works"


def test_no_led_on_the_pin(check: Callable[..., CheckUp], server: Program, board: CounterFit) -> None:
    check("--led-pin", "6").finds("LED", "CounterFit has no LED on pin 6", f"Open {board.url} and create it")


def test_a_sensor_of_another_kind(check: Callable[..., CheckUp], server: Program, own_board: CounterFit) -> None:
    """A Button is what CounterFit's page offers first."""
    own_board.remove_sensor()
    own_board.add_sensor("Button")
    check("--board", own_board.name).finds("board", "The sensor on pin 0 of CounterFit is no light sensor", "Light")
    own_board.remove_sensor()
    own_board.add_sensor()
    assert not check("--board", own_board.name).crosses, "the remedy works"


def test_a_counterfit_that_hangs(check: Callable[..., CheckUp]) -> None:
    with SilentServer() as board:
        found = check("--board", f"counterfit://127.0.0.1:{board.port}")
    found.finds("board", "does not answer", "Restart it")


@pytest.mark.parametrize(
    ("bus", "cause", "remedy"),
    [
        ({"hat": None}, "No Grove Base Hat answers", "press the hat onto all 40 pins"),
        ({"opening_fails": 2}, "I2C is switched off", "sudo raspi-config nonint do_i2c 0"),
        ({"opening_fails": 13}, "may not use /dev/i2c-1", "sudo usermod -aG i2c $USER"),
        ({"stuck": True}, "bus 1 is stuck", "Unplug"),
    ],
    ids=["no hat", "I2C off", "no permission", "stuck"],
)
def test_a_pi_without_its_hat(broker: Broker, bus: dict[str, Any], cause: str, remedy: str) -> None:
    """The Pi is a stand-in; see tests/kit/pi.py."""
    options = ["--check", "--quiet", "--board", "pi", "--broker", broker.url]
    with closing(DeviceOnPi(*options, **bus)) as pi:
        assert pi.wait() == 1
    assert pi.lines[0].startswith("✗ board")
    assert cause in pi.lines[0]
    assert remedy in pi.lines[1]


def test_a_pi_where_all_is_well(broker: Broker, server: Program) -> None:
    with closing(DeviceOnPi("--check", "--id", "room", "--broker", broker.url, light=100)) as pi:
        assert pi.wait() == 0
    assert pi.says("✓ board    Grove Base Hat (MM32) at address 0x08 of /dev/i2c-1")
    assert pi.says("✓ light    100")
    assert pi.says("✓ server   it answers {'light': 100} with {'led_on': True}")
    assert pi.lines[-1] == "LED at the end: off"


def test_i2c_is_off_for_real(check: Callable[..., CheckUp]) -> None:
    """Through the real smbus2 and the real kernel, which has no such bus."""
    check("--board", "pi", "--i2c-bus", "251").finds("board", "there is no /dev/i2c-251", "Leave out --board")


@pytest.fixture
def forbidden_bus() -> Iterator[str]:
    """The number of a /dev/i2c-... that belongs to somebody else."""
    number = "250"
    file = Path(f"/dev/i2c-{number}")
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("setpriv")):
        pytest.skip("only root can put a file into /dev, and setpriv is needed to be less than root")
    file.touch()
    os.chown(file, 65534, 65534)
    file.chmod(0o600)
    yield number
    file.unlink()


def test_no_permission_for_real(forbidden_bus: str) -> None:
    """Through the real smbus2 and the real kernel; no broker is needed for that."""
    found = CheckUp(
        *("device/app.py", "--board", "pi", "--i2c-bus", forbidden_bus, "--broker", "mqtt://nowhere.internal"),
        prefix=("setpriv", "--bounding-set", "-dac_override,-dac_read_search"),
    )
    board, broker = found.crosses
    assert f"may not use /dev/i2c-{forbidden_bus}" in board["found"]
    assert "sudo usermod -aG i2c $USER" in board["remedy"]
    assert broker["subject"] == "broker"


# ---- broken machines: the way to the broker ----


def test_no_such_name() -> None:
    found = CheckUp("server/app.py", "--broker", "mqtt://nowhere.internal")
    found.finds("broker", "name is not found: nowhere.internal", "Is it spelled right")


def test_a_name_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that swallows questions is not to be had here, so the look-up itself is a stand-in."""
    over = threading.Event()

    def swallow(*_: object, **__: object) -> list[object]:
        over.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", swallow)
    monkeypatch.setattr(questions, "FOR_THE_BROKER", 0.1)
    settings = read_settings(["--id", "room", "--broker", "mqtt://laptop"])
    _, finding = questions.CheckUp(settings, board=None).findings()
    over.set()
    assert (finding.subject, finding.ok) == ("broker", False)


def test_no_broker(tmp_path: Path) -> None:
    port = free_port()
    url = f"mqtt://127.0.0.1:{port}"
    CheckUp("server/app.py", "--broker", url).finds("port", f"no broker listens at 127.0.0.1:{port}", "Is it running?")
    with closing(mosquitto(tmp_path, port=port)):
        assert not CheckUp("server/app.py", "--broker", url).crosses, "the remedy works"


def test_each_of_several_brokers_is_asked(broker: Broker, start: Start) -> None:
    port = free_port()
    with closing(start("server/app.py", "--id", "room", "--broker", broker.url)):
        found = CheckUp("server/app.py", "--id", "room", "--broker", f"mqtt://127.0.0.1:{port},{broker.url}")
    found.finds("port", f"no broker listens at 127.0.0.1:{port}", "Is it running?")
    assert found.subjects == ["Python", "broker", "port", "broker", "port", "login", "message", "device"]


def test_a_broker_that_never_answers() -> None:
    with SilentServer() as broker:
        found = CheckUp("server/app.py", "--broker", f"mqtt://127.0.0.1:{broker.port}")
    found.finds("login", "accepts the connection but never answers", "Is it an MQTT broker?")


def test_the_board_s_page_is_no_broker(board: CounterFit) -> None:
    found = CheckUp("server/app.py", "--broker", f"mqtt://127.0.0.1:{board.port}")
    assert [cross["subject"] for cross in found.crosses] == ["login"]
    assert "MQTT" in found.crosses[0]["found"] + found.crosses[0]["remedy"]


def test_tls_where_there_is_none(tmp_path: Path) -> None:
    with closing(mosquitto(tmp_path)) as broker:
        found = CheckUp("server/app.py", "--broker", f"mqtts://127.0.0.1:{broker.port}")
        found.finds("TLS", "does not speak TLS", "should it be mqtt://")
        assert not CheckUp("server/app.py", "--broker", broker.url).crosses, "the remedy works"


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Broker]:
    """A Mosquitto whose certificate, made out to localhost, comes from an authority that nobody knows."""
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    keys = [f"{kind} {tmp_path}/server.pem" for kind in ("certfile", "keyfile")]
    port = free_port()
    with closing(mosquitto(tmp_path, f"listener {port} 127.0.0.1", "allow_anonymous true", *keys, port=port)) as broker:
        yield broker


def test_an_untrusted_certificate(secure: Broker, tmp_path: Path) -> None:
    url = f"mqtts://localhost:{secure.port}"
    found = CheckUp("server/app.py", "--broker", url, SSL_CERT_FILE="")
    found.finds("TLS", "certificate is not trusted", "name the authority that signed it: --ca authority.pem")
    found = CheckUp("server/app.py", "--broker", url, "--ca", str(tmp_path / "authority.pem"), SSL_CERT_FILE="")
    assert not found.crosses, "the remedy works"
    assert found.is_well_with("TLS")


def test_a_certificate_for_another_name(secure: Broker, tmp_path: Path) -> None:
    trusted = str(tmp_path / "authority.pem")
    found = CheckUp("server/app.py", "--broker", f"mqtts://127.0.0.1:{secure.port}", SSL_CERT_FILE=trusted)
    found.finds("TLS", "certificate is not trusted", "just as it is in the certificate")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Broker]:
    """A Mosquitto that lets in Ada with her password, and allows her the id `room`."""
    passwords, rights = tmp_path / "passwords", tmp_path / "rights"
    if MOSQUITTO:
        tool = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
        subprocess.run([tool, "-b", "-c", passwords, "ada", "s3cret"], check=True, capture_output=True)
    rights.write_text("user ada\ntopic readwrite room/#\n")
    lines = ["listener {port} 127.0.0.1", f"password_file {passwords}", f"acl_file {rights}"]
    with closing(mosquitto(tmp_path, *lines)) as broker:
        yield broker


@pytest.mark.parametrize(
    ("user", "cause", "remedy"),
    [
        ("ada:wrong@", "the user 'ada' or its password", "Check both"),
        ("", "a client without a user", "Write --broker mqtt://user:password@127.0.0.1:"),
    ],
    ids=["wrong password", "none"],
)
def test_a_wrong_password(guarded: Broker, user: str, cause: str, remedy: str) -> None:
    url = f"mqtt://{user}127.0.0.1:{guarded.port}"
    found = CheckUp("server/app.py", "--id", "room", "--broker", url)
    found.finds("login", f"does not accept {cause}", remedy)
    assert "wrong" not in found.ended.stdout, "no password is shown"
    right = f"mqtt://ada:s3cret@127.0.0.1:{guarded.port}"
    assert not CheckUp("server/app.py", "--id", "room", "--broker", right).crosses, "the remedy works"


def test_a_server_without_rights_learns_which_it_needs(guarded: Broker) -> None:
    """A broker that throws away what its access list does not allow cannot be told from one that allows just enough."""
    url = f"mqtt://ada:s3cret@127.0.0.1:{guarded.port}"
    found = CheckUp("server/app.py", "--id", "hall", "--broker", url)
    assert not found.crosses
    message = found.about("message")["found"]
    assert "did not come back" in message
    assert "to read hall/telemetry, /override and /status, and to write hall/commands" in message


def test_a_server_that_may_do_what_a_server_needs_is_well(tmp_path: Path, start: Start, board: CounterFit) -> None:
    rights = tmp_path / "rights"
    narrow = ["topic read +/telemetry", "topic read +/status", "topic read +/led", "topic write +/commands"]
    rights.write_text("\n".join(narrow) + "\nuser bob\ntopic readwrite #\n")
    passwords = tmp_path / "passwords"
    if MOSQUITTO:
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "bob", "s"], check=True, capture_output=True)
    lines = ["listener {port} 127.0.0.1", "allow_anonymous true", f"password_file {passwords}", f"acl_file {rights}"]
    with closing(mosquitto(tmp_path, *lines)) as broker:
        at = f"127.0.0.1:{broker.port}"
        device = start("device/app.py", "--id", "room", "--board", board.name, "--broker", f"mqtt://bob:s@{at}")
        device.wait_for("MQTT connected!")
        for id in ("room", "+"):
            found = CheckUp("server/app.py", "--id", id, "--broker", f"mqtt://{at}")
            assert not found.crosses
            assert "'room' is online" in found.about("device")["found"]


# ---- a broker for many devices ----


def many_check(broker: Broker, *options: str, **more: Any) -> CheckUp:
    return server_check(broker, "--id", "stadium/+", *options, **more)


def mosquitto_with(tmp_path: Path, *settings: str) -> Broker:
    return mosquitto(tmp_path, "listener {port} 127.0.0.1", "allow_anonymous true", *settings)


def allow_files(broker: Broker, most: int) -> None:
    """Let the broker open so many, each client being one."""
    subprocess.run(["prlimit", f"--pid={broker.program.process.pid}", f"--nofile={most}"], check=True)


@contextmanager
def many_clients(broker: Broker, most: int) -> Iterator[int]:
    """As many as are let in."""
    with ExitStack() as clients:
        for number in range(most):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", broker.port), PATIENCE))
            client.sendall(b"\x10\x0e\0\4MQTT\4\2\0\x3c\0\2%02d" % number)  # CONNECT
            try:
                is_let_in = client.recv(4) == b"\x20\x02\0\0"  # CONNACK
            except ConnectionError:
                is_let_in = False
            if not is_let_in:
                yield number
                return
        yield most


def test_one_device_s_server_is_not_asked_about_many(broker: Broker) -> None:
    assert not {"queue", "clients"} & set(server_check(broker, "--id", "room").subjects)


@pytest.mark.parametrize(
    ("settings", "least"), [([], 1000), (["max_queued_messages 50"], 50)], ids=["as it comes", "50"]
)
def test_how_many_messages_wait_for_a_slow_client(tmp_path: Path, settings: list[str], least: int) -> None:
    """And as many again as are on their way to it, which Mosquitto 2.1 counts otherwise than 2.0."""
    with closing(mosquitto_with(tmp_path, *settings)) as broker:
        found = many_check(broker)
    assert not found.crosses
    queue = found.about("queue")
    [kept] = re.findall(r"keeps ([\d,]+) of 2,000 messages", queue["found"])
    assert least < int(kept.replace(",", "")) <= least + 2 * 20
    assert "max_queued_messages 10000 into mosquitto.conf" in queue["remedy"]


def test_the_remedy_works(tmp_path: Path) -> None:
    with closing(mosquitto_with(tmp_path, "max_queued_messages 10000")) as broker:
        queue = many_check(broker).about("queue")
    assert queue["found"] == "2,000 messages can wait for a slow client, and none is lost"
    assert not queue["remedy"]


def test_more_devices_than_messages_that_wait(tmp_path: Path) -> None:
    """Not even the check-up hears of all: what is retained waits in the same queue."""
    with closing(mosquitto_with(tmp_path, "max_queued_messages 5", "max_inflight_messages 5")) as broker:
        with closing(broker.listen()) as devices:
            for number in range(30):
                devices.publish(f"stadium/{number}/status", b"online", retain=True)
        many_check(broker).finds("queue", "devices are online, but", "For more, write max_queued_messages")


def test_it_leaves_nothing_and_nobody_else_hears_the_many_messages(tmp_path: Path) -> None:
    with closing(mosquitto_with(tmp_path)) as broker:
        everybody = [f"stadium/+/{topic}" for topic in ("telemetry", "commands", "led", "status", "override")]
        with closing(broker.listen(*everybody)) as page:
            many_check(broker)
            page.publish("stadium/marker/telemetry", b"")
            page.wait_for("stadium/marker/telemetry", b"")
            assert len(page.heard) == 2, "the echo of one command, and the marker"
        with closing(broker.listen("#")) as late:
            late.publish("marker", b"")
            late.wait_for("marker", b"")
            assert not late.retained


def test_whether_the_broker_hands_readings_to_one_of_several_servers(tmp_path: Path) -> None:
    """tests/test_cluster.py has a broker that does not."""
    with closing(mosquitto_with(tmp_path)) as broker:
        share = server_check(broker, "--id", "room", "--share", "work").about("share")
        assert share["found"] == "it knows $share, and hands each reading to one of the servers"
        for options in ([], ["--share", "work", "--group", "median"]):
            assert "share" not in server_check(broker, "--id", "stadium/+", *options).subjects


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
def test_how_many_clients_find_room(tmp_path: Path, kind: str) -> None:
    started = embedded_broker() if kind == "embedded" else mosquitto_with(tmp_path)
    with closing(started) as broker, closing(broker.listen("#")):
        allow_files(broker, 64)
        found = many_check(broker)
        assert not found.crosses
        clients = found.about("clients")
        assert clients["found"].startswith("room for about 54: the broker may open 64 files")
        assert clients["found"].endswith("; 1 are connected now")
        assert "enter ulimit -n 20000 in a terminal, and start the broker there" in clients["remedy"]


def test_a_broker_that_is_nearly_full(tmp_path: Path) -> None:
    with closing(mosquitto_with(tmp_path)) as broker, many_clients(broker, 50):
        allow_files(broker, 64)
        many_check(broker).finds("clients", "nearly full: room for about 54", "ulimit -n 20000")


@pytest.mark.parametrize("script", ["server/app.py", "device/app.py"])
def test_a_full_broker_says_so_to_whoever_is_left_out(tmp_path: Path, script: str, board: CounterFit) -> None:
    options = ["--board", board.name] if script == "device/app.py" else []
    with closing(mosquitto_with(tmp_path)) as broker:
        allow_files(broker, 64)
        with many_clients(broker, 99) as let_in:
            assert 50 < let_in < 60
            found = CheckUp(script, "--broker", broker.url, *options)
    found.finds("login", "no room for another client: room for about 54", "ulimit -n 20000")


def test_a_service_is_given_more_files_by_systemd(tmp_path: Path) -> None:
    """No systemd runs here, so what Linux says of its service is a stand-in."""
    (tmp_path / "limits").write_text("Max open files            1024                 524288               files\n")
    (tmp_path / "cgroup").write_text("0::/system.slice/mosquitto.service\n")
    files = limits.read(tmp_path, port=1)
    assert files
    assert "sudo systemctl edit mosquitto, write the two lines [Service] and LimitNOFILE=20000" in files.remedy
    assert str(files).startswith("room for about 1,000: the broker may open 1,024 files")


def test_a_broker_elsewhere_is_not_guessed_at(tmp_path: Path) -> None:
    with closing(mosquitto_with(tmp_path)) as broker, closing(Proxy(broker.port)) as way:
        found = CheckUp("server/app.py", "--id", "stadium/+", "--broker", f"mqtt://127.0.0.1:{way.port}")
    assert not found.crosses
    clients = found.about("clients")
    assert "cannot be told from here" in clients["found"]
    assert "grep 'open files' /proc/$(pidof mosquitto)/limits" in clients["remedy"]
    assert "sudo systemctl edit mosquitto" in clients["remedy"]


def test_strangers_are_left_alone() -> None:
    """What its queue holds is not tried at a broker that they share."""
    [found] = many.room(BrokerAddress("broker.invalid", 1883), "topic", online=0, is_here=False)
    assert (found.subject, found.ok) == ("queue", True)
    assert "strangers" in found.found


# ---- broken machines: the other side, and Python ----


def test_no_server(check: Callable[..., CheckUp], start: Start, broker: Broker) -> None:
    remedy = f"python server/app.py --id room --broker {broker.url}"
    check().finds("server", "No server answers the readings of 'room'", remedy)
    start("server/app.py", "--id", "room", "--broker", broker.url).wait_for("MQTT connected!")
    assert not check().crosses, "the remedy works"


def test_a_server_that_answers_nonsense(check: Callable[..., CheckUp], stranger: Stranger) -> None:
    stop = threading.Event()

    def answer() -> None:
        while not stop.wait(0.1):
            stranger.publish("room/commands", b'{"led_on": "yes"}')

    thread = threading.Thread(target=answer)
    thread.start()
    found = check()
    stop.set()
    thread.join()
    found.finds("server", "sends no command: 'led_on' is neither true nor false", "Which program")


@pytest.mark.parametrize("script", ["device/app.py", "server/app.py"])
def test_missing_packages(script: str) -> None:
    """With -I -S, Python finds nothing but itself."""
    command = [sys.executable, "-I", "-S", str(ROOT / script), "--check"]
    for options in ([], ["--json"]):
        ended = subprocess.run([*command, *options], capture_output=True, encoding="utf-8", check=False)
        assert ended.returncode == 1
        assert ended.stderr == ""
        assert "lacks paho-mqtt 2, ConfigArgParse" in ended.stdout
        if options:
            assert json.loads(ended.stdout)["findings"][0]["subject"] == "Python"
        assert "pip install -r requirements.txt" in ended.stdout


def test_a_slow_board_does_not_make_it_take_longer(broker: Broker) -> None:
    """Each answer takes most of the time that the device waits for one."""
    with fixed_answers(200, b'{"value": 100}', delay=1.5) as port:
        found = CheckUp("device/app.py", "--board", f"counterfit://127.0.0.1:{port}", "--broker", broker.url)
    assert found.subjects[:4] == EVERYTHING[:4]
    assert found.took < 15


def test_a_board_that_never_comes_to_an_end() -> None:
    """It sends a byte a second, so that each single wait is short."""
    with dripping_server() as port:
        found = CheckUp("device/app.py", "--board", f"counterfit://127.0.0.1:{port}", "--broker", "mqtt://x.internal")
    assert "accepts the connection but does not answer" in found.crosses[0]["found"]
    assert found.took < 15


def test_a_broker_that_lets_in_and_ends(tmp_path: Path) -> None:
    with fixed_bytes(b"\x20\x02\x00\x00") as port:  # CONNACK: accepted
        found = CheckUp("server/app.py", "--broker", f"mqtt://127.0.0.1:{port}")
    found.finds("login", "ends the connection before answering", "Is it an MQTT broker?")


def test_a_user_who_may_only_do_what_a_device_needs(tmp_path: Path, start: Start, board: CounterFit) -> None:
    rights = tmp_path / "rights"
    device = ["topic write room/telemetry", "topic read room/commands", "topic readwrite room/status"]
    rights.write_text("\n".join(["user ada", *device, "user bob", "topic readwrite #", ""]))
    passwords = tmp_path / "passwords"
    for user, new in (("ada", ["-c"]), ("bob", [])):
        if MOSQUITTO:
            subprocess.run(["mosquitto_passwd", "-b", *new, passwords, user, "s"], check=True, capture_output=True)
    lines = ["listener {port} 127.0.0.1", f"password_file {passwords}", f"acl_file {rights}"]
    with closing(mosquitto(tmp_path, *lines)) as broker:
        at = f"127.0.0.1:{broker.port}"
        server = start("server/app.py", "--id", "room", "--broker", f"mqtt://bob:s@{at}")
        server.wait_for("MQTT connected!")
        options = ["--id", "room", "--board", board.name, "--broker", f"mqtt://ada:s@{at}"]
        found = CheckUp("device/app.py", *options)
    assert not found.crosses
    assert found.findings[-2]["subject"] == "message"
    assert "it answers" in found.findings[-1]["found"]


def test_when_everything_is_broken_it_takes_less_than_15_seconds() -> None:
    """A board and a broker that both accept the connection and then say nothing: nothing takes longer."""
    with SilentServer() as board, SilentServer() as broker:
        found = CheckUp(
            *("device/app.py", "--board", f"counterfit://127.0.0.1:{board.port}"),
            *("--broker", f"mqtts://127.0.0.1:{broker.port}"),
        )
    assert [cross["subject"] for cross in found.crosses] == ["board", "TLS"]
    assert found.took < 15
