"""The command line of both scripts."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import smbus2

import device.settings
import server.settings
from broker.locked import Locked
from device.board import BoardName
from nightlight import __version__
from nightlight.address import BrokerAddress
from nightlight.rule import Rule
from nightlight.trust import Trust
from tests.kit.pi import named_a_pi
from tests.kit.programs import ROOT, Program

Start = Callable[..., Program]
READ = {"device/app.py": device.settings.read_settings, "server/app.py": server.settings.read_settings}
BOTH = pytest.mark.parametrize("script", READ)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """As in read("device/app.py", "--id", "x"): the settings, as the script would read them."""

    def read(script: str, *options: str, **environment: str) -> Any:
        monkeypatch.setattr(sys, "argv", [script, *options])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return READ[script]()

    return read


@BOTH
def test_the_defaults(read: Callable[..., Any], script: str) -> None:
    settings = read(script)
    assert (settings.id, settings.qos) == ("nightlight", 1)
    [broker] = settings.brokers
    assert (broker.host, broker.port) == ("localhost", 1883)
    assert settings.rule == Rule(threshold=300, hysteresis=0)


def test_the_defaults_of_each(read: Callable[..., Any]) -> None:
    of_device = read("device/app.py")
    assert (of_device.light_pin, of_device.led_pin, of_device.interval, of_device.sample) == (0, 5, 5, 0.05)
    assert of_device.deadband == 10
    assert of_device.board is None, "it is found by looking, later"
    assert read("server/app.py").stale == 30


@BOTH
def test_options_are_decoded_into_what_they_stand_for(read: Callable[..., Any], script: str) -> None:
    settings = read(script, "--threshold", "500", "--hysteresis", "50", "--broker", "mqtts://broker.lan")
    assert settings.rule == Rule(500, 50)
    assert settings.brokers == (BrokerAddress("broker.lan", 8883, tls=True),)


@BOTH
@pytest.mark.parametrize(
    "options",
    [
        ["--broker", "mqtt://localhost", "--broker", "mqtt://localhost:1884"],
        ["--broker", "mqtt://localhost,mqtt://localhost:1884"],
        ["--broker=mqtt://localhost, mqtt://localhost:1884"],
    ],
)
def test_several_brokers_come_in_turn(read: Callable[..., Any], script: str, options: list[str]) -> None:
    both = (BrokerAddress("localhost", 1883), BrokerAddress("localhost", 1884))
    assert read(script, *options).brokers == both
    assert read(script, *options, NIGHTLIGHT_BROKER="mqtt://127.0.0.1").brokers == both


@BOTH
def test_several_brokers_in_the_environment(read: Callable[..., Any], script: str) -> None:
    for urls in ("mqtt://a.lan,ws://b.lan", "mqtt://a.lan ws://b.lan", "mqtt://a.lan\nws://b.lan"):
        assert [broker.host for broker in read(script, NIGHTLIGHT_BROKER=urls).brokers] == ["a.lan", "b.lan"]


@BOTH
def test_a_comma_in_a_password_begins_no_other_broker(read: Callable[..., Any], script: str) -> None:
    [broker] = read(script, "--broker", "mqtt://ada:a,b@localhost").brokers
    assert broker.password == "a,b"


def test_reading_them_opens_nothing(read: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even on a Pi, where the board is looked for: that is open_board()'s business."""

    def touched(*_: object, **__: object) -> None:
        raise AssertionError("reading the options has touched something")

    monkeypatch.setattr(socket, "create_connection", touched)
    monkeypatch.setattr(smbus2, "SMBus", touched)
    with named_a_pi():
        assert read("device/app.py").board is None
        assert read("device/app.py", "--board", "counterfit://laptop").board == BoardName("counterfit", "laptop")


@BOTH
def test_a_flag_wins_over_the_environment_which_wins_over_the_default(read: Callable[..., Any], script: str) -> None:
    environment = {"NIGHTLIGHT_ID": "from-environment", "NIGHTLIGHT_QOS": "2"}
    assert read(script, **environment).id == "from-environment"
    assert read(script, **environment).qos == 2
    assert read(script, "--id", "from-flag", **environment).id == "from-flag"


def test_a_server_may_serve_many(read: Callable[..., Any]) -> None:
    assert read("server/app.py", "--id", "stadium/+").id == "stadium/+"
    assert read("server/app.py", "--id", "+").id == "+"


@BOTH
def test_an_id_may_have_levels_and_any_letters(read: Callable[..., Any], script: str) -> None:
    for id in ("stadium/seat-7", "küche", "客厅", "a%b", "x" * 200):
        assert read(script, "--id", id).id == id


EITHER = [
    (["--threshold", "-1"], "65535"),
    (["--threshold", "65536"], "65535"),
    (["--threshold", "300.5"], "whole number"),
    (["--threshold", "dark"], "whole number"),
    (["--hysteresis", "-1"], "65535"),
    (["--commands", "in-order"], "--commands"),
    (["--id", ""], "empty"),
    (["--id", " "], "blank"),
    (["--id", "my room"], "blank"),
    (["--id", "room\t1"], "blank"),
    (["--id", "room\x00"], "blank"),
    (["--id", "a/#"], "#"),
    (["--id", "#"], "#"),
    (["--id", "$SYS"], "'$'"),
    (["--id", "a+"], "+"),
    (["--id", "a/b+/c"], "+"),
    (["--id", "x" * 2_000], "characters"),
    (["--broker", "localhost"], "mqtt://"),
    (["--broker", "http://localhost"], "mqtt://"),
    (["--broker", "mqtt://localhost:99999"], "port"),
    (["--broker", "mqtt://user:se#cret@localhost"], "%23"),
    (["--broker", "mqtt://test.mosquitto.org"], "choose one of your own"),
    (["--broker", "wss://8.8.8.8/mqtt"], "choose one of your own"),
    (["--qos", "3"], "--qos"),
    (["--qos", "one"], "--qos"),
    (["--colour", "red"], "--colour"),
    (["--i", "room"], "--i"),
    (["room"], "room"),
    (["--quiet", "--verbose"], "--quiet"),
    (["--brokr", "mqtt://user:secret@localhost"], "--brokr"),
    (["--brokr=mqtt://user:sec ret@p@localhost"], "--brokr"),
    (["--qos", "mqtt://user:secret@localhost"], "--qos"),
    (["--brokr", "user:secret@localhost"], "--brokr"),
    (["--brokr", "mqtt:/user:secret@localhost"], "--brokr"),
    (["--qos", "user:secret@localhost"], "--qos"),
    (["--id", "user:secret#@localhost"], "#"),
    (["--broker", "mqtt://user:x[secret]@localhost"], "%5B"),
    (["--broker", "mqtt://user:secret@h\u2100"], "host"),
    (["--broker", "mqtt://user:secret@a b"], "blank"),
    (["--broker", "mqtt://localhost", "--broker", "mqtt://user:secret@a b"], "blank"),
    (["--broker", "mqtt://localhost,mqtt://user:secret@h:0"], "port 0"),
    (["--broker", "mqtt://user:secret@localhost,mqtt://test.mosquitto.org"], "choose one of your own"),
]
OF_DEVICE = [
    (["--id", "stadium/+"], "+"),
    (["--interval", "0"], "seconds"),
    (["--interval", "-1"], "seconds"),
    (["--interval", "nan"], "seconds"),
    (["--interval", "inf"], "seconds"),
    (["--interval", "soon"], "number"),
    (["--sample", "0"], "seconds"),
    (["--sample", "1e9"], "seconds"),
    (["--deadband", "-1"], "65535"),
    (["--deadband", "0.5"], "whole number"),
    (["--light-pin", "-1"], "126"),
    (["--led-pin", "D5"], "whole number"),
    (["--board", "arduino"], "counterfit"),
    (["--board", "user:secret@localhost"], "counterfit"),
    (["--board", "counterfit://localhost:port"], "counterfit"),
    (["--board", "http://localhost:5000"], "counterfit"),
    (["--board", "counterfit://a..b"], "counterfit"),
    (["--board", "counterfit://two words"], "counterfit"),
    (["--stale", "30"], "--stale"),
    (["--alone", "soon"], "not a number"),
    (["--alone", "0"], "86400"),
    (["--offline", "perhaps"], "keep"),
    (["--offline", "keep", "--qos", "0"], "--qos 1 or 2"),
    (["--keep-at-most", "0"], "100000000"),
]
OF_SERVER = [
    (["--interval", "5"], "--interval"),
]


@pytest.mark.parametrize(
    ("script", "options", "words"),
    [(script, *bad) for script in READ for bad in EITHER]
    + [("device/app.py", *bad) for bad in OF_DEVICE]
    + [("server/app.py", *bad) for bad in OF_SERVER],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_option_ends_with_one_clear_line(
    read: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
    script: str,
    options: list[str],
    words: str,
) -> None:
    with pytest.raises(SystemExit) as end:
        read(script, *options)
    printed = capsys.readouterr()
    assert end.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    assert printed.err.startswith(f"{script}: ")
    assert words in printed.err
    assert "cret" not in printed.err, "a password must not be shown"


@BOTH
@pytest.mark.parametrize("name", ["NIGHTLIGHT_QOS", "NIGHTLIGHT_BROKER", "NIGHTLIGHT_QUIET"])
def test_a_bad_value_in_the_environment_ends_likewise(
    read: Callable[..., Any], capsys: pytest.CaptureFixture[str], script: str, name: str
) -> None:
    with pytest.raises(SystemExit) as end:
        read(script, **{name: "nonsense"})
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@BOTH
def test_the_default_id_is_welcome_on_a_broker_of_ones_own(read: Callable[..., Any], script: str) -> None:
    assert read(script, "--broker", "mqtt://192.168.1.20").id == "nightlight"
    assert read(script, "--broker", "mqtt://raspberrypi.local").id == "nightlight"
    assert read(script, "--broker", "mqtt://test.mosquitto.org", "--id", "nightlight-7f3a").id == "nightlight-7f3a"


@BOTH
def test_a_bad_value_in_the_environment_does_not_show_a_password(
    read: Callable[..., Any], capsys: pytest.CaptureFixture[str], script: str
) -> None:
    with pytest.raises(SystemExit):
        read(script, NIGHTLIGHT_QOS="mqtt://user:secret@localhost")
    assert "cret" not in capsys.readouterr().err


@BOTH
@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("mqtt://ada:pw@192.168.1.20", True),
        ("ws://ada:pw@laptop.local", True),
        ("mqtt://ada:pw@localhost", False),
        ("mqtt://ada:pw@127.0.0.1", False),
        ("mqtt://192.168.1.20", True),
        ("ws://laptop.local", True),
        ("mqtt://localhost", False),
        ("mqtts://192.168.1.20", False),
        ("mqtts://ada:pw@192.168.1.20", False),
        ("mqtt://localhost,mqtt://ada:pw@192.168.1.20", True),
    ],
)
def test_what_others_can_read_on_the_way_is_warned_of(
    read: Callable[..., Any], warnings_said: Callable[[], list[str]], script: str, url: str, warned: bool
) -> None:
    read(script, "--broker", url)
    lines = [line for line in warnings_said() if "unencrypted" in line]
    assert len(lines) == warned
    assert "pw" not in "".join(lines)


@pytest.mark.parametrize("options", [["--light-pin", "9"], ["--led-pin", "99"]])
def test_a_pin_that_the_board_has_not_ends_likewise(start: Start, options: list[str]) -> None:
    program = start("device/app.py", "--board", "pi", *options)
    assert program.wait() == 2
    [line] = program.lines
    assert line.startswith("device/app.py: argument --board: pi has no")


@BOTH
def test_the_version_is_told(start: Start, script: str) -> None:
    program = start(script, "--version")
    assert program.wait() == 0
    assert program.lines == [f"Nightlight {__version__}"]


@BOTH
def test_as_a_process_a_bad_option_ends_before_anything_connects(start: Start, script: str) -> None:
    program = start(script, "--qos", "7")
    assert program.wait() == 2
    assert len(program.lines) == 1


@BOTH
def test_help_explains_every_option(start: Start, tmp_path: Path, script: str) -> None:
    program = start(script, "--help", cwd=tmp_path)
    assert program.wait() == 0
    for words in (f"usage: {script}", "--broker URL", "--id", "--qos", "NIGHTLIGHT_", "mqtt://localhost"):
        assert words in program.text


@BOTH
def test_without_the_packages_it_says_how_to_install_them(script: str) -> None:
    """With -I -S, Python finds nothing but itself."""
    command = [sys.executable, "-I", "-S", str(ROOT / script)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "pip install -r requirements.txt" in ended.stderr
    assert "paho-mqtt 2, ConfigArgParse" in ended.stderr


# ---- whom to trust, and who we are ----


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """A folder as run.py lock makes it."""
    with Locked.changed(tmp_path / "locked", ["localhost"]) as locked:
        locked.add_device("kitchen")
    return tmp_path / "locked/devices/kitchen"


@BOTH
def test_a_folder_has_all_that_is_shown_to_a_broker(read: Callable[..., Any], script: str, credentials: Path) -> None:
    settings = read(script, "--broker", "mqtts://localhost", "--credentials", str(credentials))
    [broker] = settings.brokers
    password = (credentials / "password").read_text().strip()
    assert (broker.user, broker.password) == ("kitchen-device", password)
    assert broker.trust == Trust(credentials / "ca.pem", credentials / "cert.pem", credentials / "key.pem")
    assert password not in repr(settings)


@BOTH
def test_it_is_shown_to_each_broker(read: Callable[..., Any], script: str, credentials: Path) -> None:
    options = ["--broker", "mqtts://localhost", "--broker", "wss://localhost", "--credentials", str(credentials)]
    brokers = read(script, *options).brokers
    assert [(broker.transport, broker.user) for broker in brokers] == [
        ("tcp", "kitchen-device"),
        ("websockets", "kitchen-device"),
    ]
    assert {broker.trust.ca for broker in brokers} == {credentials / "ca.pem"}


@BOTH
def test_a_check_up_is_a_user_of_its_own(read: Callable[..., Any], script: str, credentials: Path) -> None:
    settings = read(script, "--broker", "mqtts://localhost", "--credentials", str(credentials), "--check")
    assert settings.brokers[0].user == "kitchen-device-check"


@BOTH
def test_a_password_from_a_file(read: Callable[..., Any], script: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    settings = read(script, "--broker", "mqtts://ada@broker.lan", "--password-file", str(file))
    assert (settings.brokers[0].user, settings.brokers[0].password) == ("ada", "s3cret")
    settings = read(script, NIGHTLIGHT_BROKER="mqtts://ada@broker.lan", NIGHTLIGHT_PASSWORD_FILE=str(file))
    assert settings.brokers[0].password == "s3cret"


@BOTH
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--broker", "mqtt://localhost", "--credentials", "{folder}"], "is not encrypted; write mqtts://"),
        (["--broker", "ws://localhost", "--ca", "{folder}/ca.pem"], "is not encrypted; write mqtts://"),
        (["--broker", "mqtts://a,mqtt://b", "--ca", "{folder}/ca.pem"], "mqtt://b:1883 is not encrypted"),
        (["--broker", "mqtts://a@localhost", "--credentials", "{folder}"], "leave out a user in the broker's URL"),
        (["--broker", "mqtts://localhost", "--credentials", "{folder}", "--ca", "x"], "leave out --ca"),
        (["--broker", "mqtts://localhost", "--credentials", "{folder}/.."], "no folder that run.py lock has made"),
        (["--broker", "mqtts://localhost", "--credentials", "/nowhere"], "it is not there"),
        (["--broker", "mqtts://localhost", "--ca", "/nowhere.pem"], "/nowhere.pem cannot be read"),
        (["--broker", "mqtts://localhost", "--key", "{folder}/key.pem"], "it goes with --cert"),
        (["--broker", "mqtts://localhost", "--password-file", "{folder}/password"], "the broker's URL names the user"),
        (["--broker", "mqtts://a:cret@b", "--password-file", "{folder}/password"], "the broker's URL names the user"),
        (["--broker", "mqtts://a@b", "--password-file", "{folder}/ca.pem2"], "cannot be read"),
    ],
)
def test_what_does_not_go_together(
    read: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
    script: str,
    credentials: Path,
    options: list[str],
    words: str,
) -> None:
    with pytest.raises(SystemExit) as end:
        read(script, *[option.format(folder=credentials) for option in options])
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert "cret" not in error


@BOTH
def test_a_folder_that_others_can_read_is_refused(
    read: Callable[..., Any], capsys: pytest.CaptureFixture[str], script: str, credentials: Path
) -> None:
    (credentials / "password").chmod(0o644)
    with pytest.raises(SystemExit):
        read(script, "--broker", "mqtts://localhost", "--credentials", str(credentials))
    assert f"Run: chmod 600 {credentials}/password" in capsys.readouterr().err
