"""The connection to the broker, and what it says when something is wrong."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import trustme

from nightlight import connection
from nightlight import link as link_module
from nightlight.address import BrokerAddress
from nightlight.link import Link
from nightlight.messages import Command, LedState, Telemetry
from tests.faults.network import Proxy
from tests.kit.boards import SilentServer
from tests.kit.brokers import Broker, mosquitto
from tests.kit.programs import PATIENCE, free_port, until
from tests.kit.stranger import Stranger

OpenLink = Callable[..., Link]


@pytest.fixture
def open_link() -> Iterator[OpenLink]:
    """As in open_link("mqtt://localhost", device_id="x"): a link that is closed with the test."""
    with ExitStack() as links:
        yield lambda url, **options: links.enter_context(Link(BrokerAddress.parse(url), **options))


@pytest.fixture
def warned(warnings_said: Callable[[], list[str]]) -> Callable[[str], bool]:
    """As in warned("refused"): whether a problem has been said in these words."""
    return lambda words: any(words in line for line in warnings_said())


def connected(link: Link, times: int = 1) -> None:
    until(lambda: link.connections >= times, "the connection")


# ---- what works ----


def test_messages_go_both_ways(broker: Broker, stranger: Stranger) -> None:
    received: list[tuple[str, Telemetry]] = []
    link = Link(BrokerAddress.parse(broker.url))
    link.subscribe("stadium/+/telemetry", Telemetry, lambda *message: received.append(message))
    with link:
        connected(link)
        stranger.publish("stadium/seat-7/telemetry", b'{"light": 80}')
        until(lambda: received == [("stadium/seat-7/telemetry", Telemetry(light=80))])
        assert link.publish("stadium/seat-7/commands", Command(led_on=True))
        stranger.wait_for("stadium/seat-7/commands", b'{"led_on": true}')


def test_without_a_connection_nothing_is_sent_or_kept(open_link: OpenLink) -> None:
    link = open_link(f"mqtt://127.0.0.1:{free_port()}")
    assert not link.publish("room/telemetry", Telemetry(light=80))


def test_it_connects_when_the_broker_comes_and_again_after_each_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    received: list[Command] = []
    link = Link(BrokerAddress.parse(f"mqtt://127.0.0.1:{port}"), device_id="room")
    link.subscribe("room/commands", Command, lambda topic, command: received.append(command))
    with link, closing(mosquitto(tmp_path, port=port)) as broker:
        for session in (1, 2, 3):
            connected(link, session)
            with closing(Stranger(port)) as stranger:
                stranger.publish("room/commands", b'{"led_on": true}')
                until(lambda count=session: len(received) == count, "a command after the restart")  # type: ignore[misc]
            if session < 3:
                broker.restart()
    assert capsys.readouterr().out.count("MQTT connected!") == 3


def test_status_says_whether_the_device_is_there(broker: Broker, stranger: Stranger) -> None:
    with Link(BrokerAddress.parse(broker.url), device_id="room"):
        stranger.wait_for("room/status", b"online")
        with closing(Stranger(broker.port, "room/status")) as late:
            until(lambda: late.retained == [("room/status", b"online")], "the retained status")
    stranger.wait_for("room/status", b"offline")


def test_a_server_has_no_status(broker: Broker, stranger: Stranger, open_link: OpenLink) -> None:
    connected(open_link(broker.url))
    stranger.publish("sentinel", b"")
    stranger.wait_for("sentinel", b"")
    assert [topic for topic, _ in stranger.heard] == ["sentinel"]


def test_two_servers_do_not_disturb_each_other(broker: Broker, open_link: OpenLink) -> None:
    first, second = open_link(broker.url), open_link(broker.url)
    connected(first)
    connected(second)
    assert first.publish("room/commands", Command(led_on=True))
    assert (first.connections, second.connections) == (1, 1)


@pytest.mark.parametrize("id", ["stadium/seat-7", "a%2Fb", "küche", "/客厅", "x" * 300, "a,b:c;'\"{}"])
def test_any_id_is_welcome(broker: Broker, stranger: Stranger, open_link: OpenLink, id: str) -> None:
    connected(open_link(broker.url, device_id=id))
    stranger.wait_for(f"{id}/status", b"online")


@pytest.mark.parametrize("id", ["客厅", "💡/1"])
def test_an_id_may_begin_with_any_letter_but_not_on_the_embedded_broker(
    tmp_path: Path, open_link: OpenLink, id: str
) -> None:
    """Rumqttd 0.20 panics when a topic begins with a letter outside ASCII; run.py says so before it starts."""
    with closing(mosquitto(tmp_path)) as broker, closing(Stranger(broker.port, "#")) as stranger:
        connected(open_link(broker.url, device_id=id))
        stranger.wait_for(f"{id}/status", b"online")


# ---- bad messages, bad handlers ----


def test_a_bad_message_is_one_line_and_the_next_good_one_arrives(
    broker: Broker, stranger: Stranger, warnings_said: Callable[[], list[str]]
) -> None:
    received: list[Telemetry] = []
    link = Link(BrokerAddress.parse(broker.url))
    link.subscribe("room/telemetry", Telemetry, lambda topic, telemetry: received.append(telemetry))
    with link:
        connected(link)
        stranger.publish("room/telemetry", b'{"light": "dark", "note": "' + b"x" * 100 + b'"}')
        stranger.publish("room/telemetry", b'{"light": 80}')
        until(lambda: received == [Telemetry(light=80)])
    [line] = warnings_said()
    assert "room/telemetry" in line
    assert "'light' is not a whole number" in line
    assert """b'{"light": "dark", "note": "xxxxx""" in line
    assert len(line) < 200


def test_a_flood_of_bad_messages_is_summed_up(
    broker: Broker, stranger: Stranger, warnings_said: Callable[[], list[str]]
) -> None:
    received = threading.Event()
    link = Link(BrokerAddress.parse(broker.url))
    link.subscribe("room/telemetry", Telemetry, lambda *_: received.set())
    with link:
        connected(link)
        for number in range(500):
            stranger.post("room/telemetry", f"nonsense {number}")
        stranger.publish("room/telemetry", b'{"light": 80}')
        assert received.wait(PATIENCE)
        until(lambda: "more)" in "".join(warnings_said()), "the sum")

    def counted() -> int:
        sums = [re.search(r"\(and ([\d,]+) more\)$", line) for line in warnings_said()]
        return len(sums) + sum(int(more[1].replace(",", "")) for more in sums if more)

    until(lambda: counted() == 500, "every bad message counted")
    assert len(warnings_said()) < 20


def test_a_retained_message_is_ignored_with_one_line(
    broker: Broker, stranger: Stranger, warned: Callable[[str], bool]
) -> None:
    stranger.publish("room/commands", b'{"led_on": true}', retain=True)
    received: list[Command] = []
    link = Link(BrokerAddress.parse(broker.url), device_id="room")
    link.subscribe("room/commands", Command, lambda topic, command: received.append(command))
    with link:
        until(lambda: warned("it was retained"))
        stranger.publish("room/commands", b'{"led_on": false}')
        until(lambda: received == [Command(led_on=False)])


def test_an_error_in_a_handler_is_said_and_ends_nothing(
    broker: Broker, stranger: Stranger, warned: Callable[[str], bool]
) -> None:
    received: list[int] = []

    def handler(topic: str, telemetry: Telemetry) -> None:
        received.append(10 // telemetry.light)

    link = Link(BrokerAddress.parse(broker.url))
    link.subscribe("room/telemetry", Telemetry, handler)
    with link:
        connected(link)
        stranger.publish("room/telemetry", b'{"light": 0}')
        stranger.publish("room/telemetry", b'{"light": 5}')
        until(lambda: received == [2])
        assert warned("ZeroDivisionError")
        assert link.connections == 1


# ---- what is wrong, in one line ----


def test_a_name_that_is_not_found_is_said(open_link: OpenLink, warned: Callable[[str], bool]) -> None:
    open_link("mqtt://no-such-broker.invalid")
    until(lambda: warned("name is not found: no-such-broker.invalid"))


def test_a_refused_connection_is_said(open_link: OpenLink, warnings_said: Callable[[], list[str]]) -> None:
    port = free_port()
    open_link(f"mqtt://127.0.0.1:{port}")
    until(warnings_said, "the first attempt")
    [line] = warnings_said()
    assert f"no broker listens at 127.0.0.1:{port}" in line


def test_a_trouble_that_lasts_is_said_once(open_link: OpenLink, warnings_said: Callable[[], list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as no_broker:
        open_link(f"mqtt://127.0.0.1:{no_broker.getsockname()[1]}")
        for _ in range(4):
            no_broker.accept()[0].close()
    [line] = warnings_said()
    assert "ends the connection before answering" in line


def test_a_broker_that_never_answers_is_said(open_link: OpenLink, warned: Callable[[str], bool]) -> None:
    with SilentServer() as server:
        open_link(f"mqtt://127.0.0.1:{server.port}")
        until(lambda: warned("accepts the connection but never answers"))


def test_nobody_at_that_address_is_said(
    open_link: OpenLink, warned: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in: here is no network that swallows packets, so the system call says what it would say."""

    def swallow(*_: object, **__: object) -> socket.socket:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", swallow)
    open_link("mqtt://192.168.255.254")
    until(lambda: warned("Nobody answers at 192.168.255.254:1883"))


def test_what_is_no_broker_is_said(open_link: OpenLink, warned: Callable[[str], bool]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as web_server:

        def answer() -> None:
            connection, _ = web_server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        open_link(f"mqtt://127.0.0.1:{web_server.getsockname()[1]}")
        until(lambda: warned("Is it an MQTT broker?") or warned("not MQTT"))
        thread.join()


@pytest.mark.parametrize(
    ("code", "words"),
    [(2, "Try another --id"), (3, "refuses the connection: Server unavailable")],
)
def test_a_refusal_is_said(open_link: OpenLink, warned: Callable[[str], bool], code: int, words: str) -> None:
    """A stand-in: Mosquitto never answers with these codes of MQTT 3.1.1 section 3.2.2.3, other brokers do."""
    with socket.create_server(("127.0.0.1", 0)) as broker:
        open_link(f"mqtt://127.0.0.1:{broker.getsockname()[1]}", device_id="room")
        connection, _ = broker.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(bytes([0x20, 2, 0, code]))
            until(lambda: warned(words))


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Broker]:
    """A Mosquitto that wants a user and a password."""
    if not shutil.which("mosquitto_passwd"):
        pytest.skip("mosquitto is not installed")
    port, passwords = free_port(), tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "teacher", "secret"], check=True)
    settings = (f"listener {port} 127.0.0.1", "allow_anonymous false", f"password_file {passwords}")
    with closing(mosquitto(tmp_path, *settings, port=port)) as broker:
        yield broker


def test_the_right_password_is_accepted(guarded: Broker, open_link: OpenLink) -> None:
    connected(open_link(f"mqtt://teacher:secret@127.0.0.1:{guarded.port}"))


@pytest.mark.parametrize(
    ("user", "words"), [("teacher:wrong@", "the user 'teacher' or its password"), ("", "without a user")]
)
def test_a_wrong_password_is_said(
    guarded: Broker, open_link: OpenLink, warned: Callable[[str], bool], user: str, words: str
) -> None:
    open_link(f"mqtt://{user}127.0.0.1:{guarded.port}")
    until(lambda: warned(words))
    assert not warned("wrong")


def test_it_works_once_the_password_is_right(
    guarded: Broker, open_link: OpenLink, warned: Callable[[str], bool]
) -> None:
    link = open_link(f"mqtt://teacher:secret@127.0.0.1:{guarded.port}")
    connected(link)
    guarded.restart()
    connected(link, times=2)
    assert warned("The connection is lost")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(tmp_path: Path, authority: trustme.CA) -> Iterator[tuple[int, int]]:
    """The ports of a Mosquitto with TLS, plain and over WebSockets."""
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    tcp, websockets = free_port(), free_port()
    keys = [f"certfile {tmp_path}/server.pem", f"keyfile {tmp_path}/server.pem"]
    lines = ["per_listener_settings false", "allow_anonymous true"]
    lines += [f"listener {tcp} 127.0.0.1", *keys]
    lines += [f"listener {websockets} 127.0.0.1", "protocol websockets", *keys]
    with closing(mosquitto(tmp_path, *lines, port=tcp)):
        yield tcp, websockets


@pytest.mark.parametrize("scheme", ["mqtts", "wss"])
def test_tls_that_the_system_trusts(
    secure: tuple[int, int], tmp_path: Path, open_link: OpenLink, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    connected(open_link(f"{scheme}://localhost:{secure[scheme == 'wss']}"))


@pytest.mark.parametrize("scheme", ["mqtts", "wss"])
def test_tls_that_is_not_trusted_is_said(
    secure: tuple[int, int], open_link: OpenLink, warned: Callable[[str], bool], scheme: str
) -> None:
    open_link(f"{scheme}://localhost:{secure[scheme == 'wss']}")
    until(lambda: warned("certificate is not trusted"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "SSL_CERT_FILE names authority.pem: it cannot be read (No such file or directory)"),
        (b"-----BEGIN PRIVATE KEY-----", "there is no certificate in it. Name the authority's certificate"),
        (trustme.CA().cert_pem.bytes(), "the authority in it has not signed this broker's certificate"),
    ],
    ids=["missing", "a key", "another authority"],
)
def test_a_wrong_ssl_cert_file_is_said(
    secure: tuple[int, int],
    tmp_path: Path,
    open_link: OpenLink,
    warned: Callable[[str], bool],
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("authority.pem").unlink()
    if content:
        Path("authority.pem").write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", "authority.pem")
    open_link(f"mqtts://localhost:{secure[0]}")
    until(lambda: warned(words))


def test_a_certificate_for_another_name_is_said(
    secure: tuple[int, int],
    tmp_path: Path,
    open_link: OpenLink,
    warned: Callable[[str], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    open_link(f"mqtts://127.0.0.1:{secure[0]}")
    until(lambda: warned("not trusted: IP address mismatch"))


def test_tls_to_a_plain_port_is_said(broker: Broker, open_link: OpenLink, warned: Callable[[str], bool]) -> None:
    open_link(f"mqtts://127.0.0.1:{broker.port}")
    until(lambda: warned("does not speak TLS. Is it the right port"))


def test_plain_mqtt_to_a_tls_port_is_said(
    secure: tuple[int, int], open_link: OpenLink, warned: Callable[[str], bool]
) -> None:
    open_link(f"mqtt://localhost:{secure[0]}")
    until(lambda: warned("Does it want mqtts:// or ws://?"))


def test_websockets(tmp_path: Path, open_link: OpenLink) -> None:
    tcp, websockets = free_port(), free_port()
    lines = ["allow_anonymous true", f"listener {tcp} 127.0.0.1"]
    lines += [f"listener {websockets} 127.0.0.1", "protocol websockets"]
    with closing(mosquitto(tmp_path, *lines, port=tcp)), closing(Stranger(tcp, "#")) as stranger:
        link = open_link(f"ws://127.0.0.1:{websockets}", device_id="room")
        connected(link)
        assert link.publish("room/telemetry", Telemetry(light=80))
        stranger.wait_for("room/telemetry", b'{"light": 80}')


# paho-mqtt 2.2.0 leaves the socket of a WebSocket that nobody agrees to to Python, which closes it at once.
@pytest.mark.filterwarnings(
    "ignore:unclosed <:ResourceWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)
def test_websockets_to_a_plain_port_is_said(broker: Broker, open_link: OpenLink, warned: Callable[[str], bool]) -> None:
    open_link(f"ws://127.0.0.1:{broker.port}")
    until(lambda: warned("WebSockets") or warned("No way to"))


# ---- a network that fails ----


def test_a_cut_is_mended(proxy: Proxy, open_link: OpenLink, warned: Callable[[str], bool]) -> None:
    link = open_link(proxy.url, device_id="room")
    connected(link)
    proxy.cut()
    connected(link, times=2)
    assert warned("The connection is lost")


def test_readings_that_could_not_be_delivered_do_not_come_late(
    proxy: Proxy, open_link: OpenLink, stranger: Stranger
) -> None:
    link = open_link(proxy.url)
    connected(link)
    proxy.stall()
    for light in range(30):
        link.publish("room/telemetry", Telemetry(light=light))
    proxy.cut()
    proxy.flow()
    connected(link, times=2)
    link.publish("room/telemetry", Telemetry(light=500))
    stranger.wait_for("room/telemetry", b'{"light": 500}')
    stranger.publish("sentinel", b"")
    stranger.wait_for("sentinel", b"")
    assert [payload for topic, payload in stranger.heard if topic == "room/telemetry"] == [b'{"light": 500}']


def test_a_silent_connection_is_noticed_within_30_s(
    proxy: Proxy, open_link: OpenLink, warned: Callable[[str], bool]
) -> None:
    link = open_link(proxy.url, device_id="room")
    connected(link)
    proxy.stall()
    until(lambda: warned("silent for too long"), "noticing it", seconds=30)
    proxy.flow()
    connected(link, times=2)


def test_an_id_that_is_used_twice_is_said_by_both_without_a_tight_loop(
    broker: Broker, open_link: OpenLink, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Proxy(broker.port)) as one, closing(Proxy(broker.port)) as other:
        open_link(one.url, device_id="room")
        open_link(other.url, device_id="room")

        said = "the id 'room' seems to be in use twice"
        until(lambda: len({record.thread for record in caplog.records if said in record.getMessage()}) == 2)
        assert one.accepted + other.accepted < 20


def test_a_busy_connection_is_not_called_silent(proxy: Proxy, open_link: OpenLink, stranger: Stranger) -> None:
    """It takes longer to send all of them than a silent broker would have; but something is acknowledged meanwhile."""
    link = open_link(proxy.url)
    connected(link)
    proxy.slow(1500)  # bytes a second, there and back
    for light in range(400):
        assert link.publish("room/telemetry", Telemetry(light=light))
    stranger.wait_for("room/telemetry", b'{"light": 399}', seconds=60)
    assert link.connections == 1


def test_what_the_broker_does_not_take_is_not_said_to_be_sent(
    proxy: Proxy, open_link: OpenLink, warnings_said: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST_UNSENT", 30)
    link = open_link(proxy.url)
    connected(link)
    proxy.stall()
    assert sum(link.publish("room/commands", Command(led_on=True)) for _ in range(100)) == 30
    said = "Not sent: the broker does not take messages as fast as they come."
    until(lambda: f"{said} (and 68 more)" in warnings_said(), "the sum")
    assert warnings_said().count(said) == 1


def test_each_acknowledgement_is_for_its_own_message() -> None:
    """Those of QoS 1 overtake those of QoS 2, and may come before the thread that has published waits for them."""
    ours = connection.Connection(BrokerAddress("localhost", 1883), "x", 2, {}, lambda: None)
    arrived: list[str] = []
    ours._wait_for(1, lambda: arrived.append("telemetry"))
    ours._wait_for(2, lambda: arrived.append("led"))
    ours._arrived(2)
    assert (arrived, ours.waiting) == (["led"], 1)
    ours._arrived(3)
    ours._wait_for(3, lambda: arrived.append("early"))
    ours._settle(3)
    ours._arrived(1)
    assert (arrived, ours.waiting) == (["led", "early", "telemetry"], 0)


def test_what_waited_when_a_connection_ended_is_said_to_be_unsent(
    proxy: Proxy, open_link: OpenLink, warnings_said: Callable[[], list[str]]
) -> None:
    link = open_link(proxy.url)
    connected(link)
    proxy.stall()
    for _ in range(120):
        assert link.publish("room/commands", Command(led_on=True))
    proxy.cut()
    proxy.flow()
    connected(link, times=2)
    assert "Not sent: 100 messages that still waited when the connection ended." in warnings_said()


def test_a_link_that_is_closed_while_a_name_is_looked_up_does_not_connect_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slow name server is not to be had here, so the look-up itself is a stand-in; and the broker only listens."""
    asked, answer = threading.Event(), threading.Event()
    look_up = socket.getaddrinfo

    def slowly(host: str, *arguments: object, **options: object) -> object:
        if host != "slow.test":
            return look_up(host, *arguments, **options)  # type: ignore[arg-type]
        asked.set()
        answer.wait(PATIENCE)
        return look_up("127.0.0.1", *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with socket.create_server(("127.0.0.1", 0)) as broker:
        link = Link(BrokerAddress("slow.test", broker.getsockname()[1]), device_id="room")
        with link:
            assert asked.wait(PATIENCE)
        answer.set()
        link._thread.join(PATIENCE)
        connection, _ = broker.accept()
        with connection:
            assert connection.recv(1000) == b"", "not even CONNECT"
    assert capsys.readouterr().out == ""


def test_brokers_are_tried_in_turn_and_the_last_good_one_first(broker: Broker, open_link: OpenLink) -> None:
    with closing(Proxy(broker.port)) as first, closing(Proxy(broker.port)) as second:
        first.refuse()
        addresses = [BrokerAddress.parse(network.url) for network in (first, second)]
        with Link(*addresses) as link:
            connected(link)
            assert second.accepted == 1
            first.welcome()
            second.cut()
            connected(link, times=2)
            assert (first.accepted, second.accepted) == (0, 2)
            assert link.broker == addresses[1]
            second.refuse()
            connected(link, times=3)
            assert first.accepted == 1
            assert link.broker == addresses[0]


def test_one_that_fell_silent_comes_last(broker: Broker) -> None:
    with (
        closing(Proxy(broker.port)) as first,
        closing(Proxy(broker.port)) as second,
        Link(BrokerAddress.parse(first.url), BrokerAddress.parse(second.url)) as link,
    ):
        connected(link)
        first.stall()
        connected(link, times=2)
        assert (first.accepted, second.accepted) == (1, 1)


def test_there_is_a_pause_after_a_round_and_none_between_brokers(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[int, int]] = []

    def pauses() -> Iterator[float]:
        while True:
            tried.append((first.accepted, second.accepted))
            yield 0.01

    monkeypatch.setattr(link_module, "_growing_pauses", pauses)
    with closing(Proxy(broker.port)) as first, closing(Proxy(broker.port)) as second:
        first.turn_away()
        second.turn_away()
        with Link(*[BrokerAddress.parse(network.url) for network in (first, second)]) as link:
            until(lambda: len(tried) >= 3, "three rounds")
            second.flow()
            connected(link)
            rounds = len(tried)
            first.flow()
            second.refuse()
            connected(link, times=2)
            assert len(tried) == rounds, "it has paused although there was another broker"
    assert tried[:3] == [(1, 1), (2, 2), (3, 3)]


def test_a_link_says_of_each_broker_once_what_is_wrong_and_which_one_it_has(
    broker: Broker, capsys: pytest.CaptureFixture[str], warnings_said: Callable[[], list[str]]
) -> None:
    with closing(Proxy(broker.port)) as first, closing(Proxy(broker.port)) as second:
        first.turn_away()
        second.turn_away()
        here, there = (BrokerAddress.parse(network.url) for network in (first, second))
        with Link(here, there) as link:
            until(lambda: second.accepted >= 3, "three rounds")
            second.flow()
            connected(link)
            one, other = warnings_said()
            assert (str(here) in one, one.endswith(f"Trying {there}...")) == (True, True)
            assert (str(there) in other, other.endswith(f"Trying {here}...")) == (True, True)
            assert capsys.readouterr().out == f"MQTT connected!\nBroker: {there}\n"


def test_two_with_one_id_that_push_each_other_out_pause_however_many_brokers_they_know(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, warned: Callable[[str], bool]
) -> None:
    taken = []

    def pauses() -> Iterator[float]:
        while True:
            taken.append(broker)
            yield 0.01

    monkeypatch.setattr(link_module, "_growing_pauses", pauses)
    with closing(Proxy(broker.port)) as first, closing(Proxy(broker.port)) as second:
        addresses = [BrokerAddress.parse(network.url) for network in (first, second)]
        with Link(*addresses, device_id="room"), Link(*addresses, device_id="room"):
            until(lambda: warned("seems to be in use twice"))
            until(lambda: first.accepted + second.accepted > 30, "many attempts")
            assert first.accepted + second.accepted < 2 * len(taken), "nearly each after a pause"


# ---- what the broker keeps ----


def test_what_is_kept_is_sent_when_it_is_new_and_again_after_each_connect(
    proxy: Proxy, open_link: OpenLink, stranger: Stranger
) -> None:
    link = open_link(proxy.url, device_id="room")
    link.keep("room/led", LedState(led_on=False, by="device"))
    connected(link)
    on = LedState(led_on=True, by="server")
    for _ in range(3):
        link.keep("room/led", on)
    stranger.wait_for("room/led", on.encode())
    proxy.cut()
    connected(link, times=2)
    expected = [LedState(led_on=False, by="device").encode(), on.encode(), on.encode()]
    until(lambda: [payload for topic, payload in stranger.heard if topic == "room/led"] == expected)
    with closing(Stranger(proxy.port, "room/led")) as late:
        until(lambda: late.retained == [("room/led", on.encode())])


def test_a_device_that_is_there_contradicts_a_forged_offline(
    broker: Broker, open_link: OpenLink, stranger: Stranger
) -> None:
    connected(open_link(broker.url, device_id="room"))
    stranger.wait_for("room/status", b"online")
    for _ in range(3):
        heard = len(stranger.heard)
        stranger.publish("room/status", b"offline", retain=True)
        stranger.wait_for("room/status", b"online", since=heard)
    with closing(Stranger(broker.port, "room/status")) as late:
        until(lambda: late.retained == [("room/status", b"online")], "the retained status")


# ---- what strangers call themselves ----


def test_an_id_that_is_too_long_is_ignored_with_a_short_line(
    tmp_path: Path, open_link: OpenLink, warnings_said: Callable[[], list[str]]
) -> None:
    received: list[str] = []
    with closing(mosquitto(tmp_path)) as broker, closing(Stranger(broker.port)) as stranger:
        link = Link(BrokerAddress.parse(broker.url))
        link.subscribe("+/telemetry", Telemetry, lambda topic, telemetry: received.append(topic))
        with link:
            connected(link)
            for length in (1_001, 60_000, 1_000):
                stranger.publish(f"{'x' * length}/telemetry", b'{"light": 80}')
            until(lambda: received)
    assert [len(topic) for topic in received] == [1_010]
    assert "its id has more than 1,000 characters" in warnings_said()[0]
    assert all(len(line) < 300 for line in warnings_said())
