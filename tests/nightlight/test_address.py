"""The broker's URL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.address import BrokerAddress


@pytest.mark.parametrize(
    ("url", "host", "port", "transport", "tls"),
    [
        ("mqtt://localhost", "localhost", 1883, "tcp", False),
        ("mqtt://192.168.1.20:1884", "192.168.1.20", 1884, "tcp", False),
        ("mqtt://localhost/", "localhost", 1883, "tcp", False),
        ("mqtts://broker.example.com", "broker.example.com", 8883, "tcp", True),
        ("ws://localhost", "localhost", 80, "websockets", False),
        ("ws://localhost:9001", "localhost", 9001, "websockets", False),
        ("wss://broker.example.com", "broker.example.com", 443, "websockets", True),
        ("mqtt://[::1]", "::1", 1883, "tcp", False),
        ("mqtt://[fe80::1%25eth0]:1884", "fe80::1%eth0", 1884, "tcp", False),
        ("MQTT://LocalHost", "localhost", 1883, "tcp", False),
    ],
)
def test_a_url_taken_apart(url: str, host: str, port: int, transport: str, tls: bool) -> None:
    address = BrokerAddress.parse(url)
    assert (address.host, address.port, address.transport, address.tls) == (host, port, transport, tls)


def test_user_and_password_may_hold_any_character() -> None:
    address = BrokerAddress.parse("mqtt://t%40m:p%23s%2Fs%3A%25@localhost")
    assert (address.user, address.password) == ("t@m", "p#s/s:%")
    assert "p#s" not in repr(address), "a password must not be shown"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("ws://h", "/mqtt"),
        ("ws://h/", "/mqtt"),
        ("ws://h/broker/ws", "/broker/ws"),
        ("wss://h/mqtt?key=1", "/mqtt?key=1"),
    ],
)
def test_the_path_of_a_websocket(url: str, path: str) -> None:
    assert BrokerAddress.parse(url).path == path


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "begins with mqtt://"),
        ("localhost", "begins with mqtt://"),
        ("localhost:1883", "begins with mqtt://"),
        ("192.168.1.20", "begins with mqtt://"),
        ("http://localhost", "begins with mqtt://"),
        ("mqtt:localhost", "begins with mqtt://"),
        ("mqtt://", "names a host"),
        ("mqtt://:1883", "names a host"),
        ("mqtt://a..b", "names a host"),
        ("mqtt://two words", "blank"),
        ("mqtt://localhost\n", "blank"),
        ("ws://user:12/secret@localhost", "%2F"),
        ("ws://user:12?secret@localhost", "%3F"),
        ("mqtt://" + "x" * 70, "names a host"),
        ("mqtt://localhost:0", "port"),
        ("mqtt://localhost:65536", "port"),
        ("mqtt://localhost:abc", "port"),
        ("mqtt://[::1", "IPv6"),
        ("mqtt://localhost/topic", "takes no path"),
        ("mqtt://user:secr#et@localhost", "%23"),
        ("mqtt://user:secr/et@localhost", "%2F"),
        ("ws://localhost/#x", "%23"),
    ],
)
def test_a_bad_url_is_explained(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        BrokerAddress.parse(url)
    assert "secr" not in str(error.value), "a password must not be shown"


@given(st.text() | st.text().map("mqtt://{}".format))
def test_any_text_is_an_address_or_explained(url: str) -> None:
    try:
        BrokerAddress.parse(url)
    except UnicodeError as error:
        raise AssertionError("not explained") from error
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST.", "127.0.0.1", "127.1.2.3", "[::1]", "10.0.0.5", "172.16.0.1", "192.168.1.20",
        "169.254.1.1", "[fd00::1]", "[fe80::1]", "raspberrypi", "raspberrypi.local", "pi.lan", "pi.home.arpa",
        "broker.internal", "Pi.Local.",
    ],
)  # fmt: skip
def test_a_private_broker(host: str) -> None:
    assert not BrokerAddress.parse(f"mqtt://{host}").is_public


@pytest.mark.parametrize(
    "host", ["test.mosquitto.org", "8.8.8.8", "[2001:4860::8888]", "broker.hivemq.com", "local.com"]
)
def test_a_public_broker(host: str) -> None:
    assert BrokerAddress.parse(f"mqtt://{host}").is_public


def test_an_address_as_a_person_reads_it() -> None:
    assert str(BrokerAddress.parse("mqtt://user:secret@[::1]")) == "[::1]:1883"
    assert str(BrokerAddress.parse("mqtt://user:secret@localhost")) == "localhost:1883"
