"""The Grove Base Hat, on a stand-in for the kernel's I2C bus and on gpiozero's own mock pins."""

from __future__ import annotations

import errno
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import gpiozero
import pytest
import smbus2.smbus2
from gpiozero.pins.mock import MockFactory

import device.board
import device.grove_hat
from checkup.findings import Finding
from device.board import COUNTERFIT, PI, Board, BoardName, find_board, open_board
from device.grove_hat import GroveLed, GroveLightSensor
from nightlight.messages import LedState
from tests.kit.pi import HATS, I2cBus, named_a_pi
from tests.kit.programs import ROOT, clean_environment

EACH_HAT = pytest.mark.parametrize("hat", HATS)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> I2cBus:
    """The bus of a Pi with the newer hat, in bright light."""
    bus = I2cBus()
    monkeypatch.setattr(smbus2.smbus2, "ioctl", bus.ioctl)
    monkeypatch.setattr(smbus2.smbus2, "os", bus.os)
    return bus


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    """The pins of a Pi."""
    factory = MockFactory()
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.close()


@pytest.fixture
def found(bus: I2cBus, pins: MockFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Finding]]:
    """What a check-up of this Pi finds."""
    monkeypatch.setattr(device.board, "BLINK", 0)
    return lambda: list(open_board(PI, 0, 5).questions())


# ---- the light sensor ----


@EACH_HAT
def test_each_hat_is_found_and_read(bus: I2cBus, hat: str) -> None:
    bus.hat, bus.light = hat, 412
    sensor = GroveLightSensor(0)
    assert sensor.light == 412
    bus.light = 0
    assert sensor.light == 0
    address, _ = HATS[hat]
    assert set(bus.asked[-5:]) == {(address, 0x30)}


@pytest.mark.parametrize("light", [0, 1, 255, 256, 999, 1000])
def test_the_low_byte_comes_first(bus: I2cBus, light: int) -> None:
    bus.light = light
    assert GroveLightSensor(0).light == light


def test_the_socket_chooses_the_register(bus: I2cBus) -> None:
    assert GroveLightSensor(7).light == 0, "only A0 is lit"
    assert bus.asked[-1] == (0x08, 0x37)


@EACH_HAT
def test_the_check_up_says_which_hat_and_where(bus: I2cBus, hat: str) -> None:
    bus.hat = hat
    assert (
        GroveLightSensor(0).find()
        == {
            "MM32": "Grove Base Hat (MM32) at address 0x08 of /dev/i2c-1",
            "STM32": "Grove Base Hat (STM32) at address 0x04 of /dev/i2c-1",
            "Zero": "Grove Base Hat for Raspberry Pi Zero (STM32) at address 0x04 of /dev/i2c-1",
        }[hat]
    )


def test_readings_that_scatter_are_steadied(bus: I2cBus) -> None:
    bus.light, bus.noise = 500, 20
    sensor = GroveLightSensor(0)
    levels = [sensor.light for _ in range(50)]
    assert statistics.stdev(levels) < 0.75 * 20 / 3**0.5, "20 / sqrt(3) is the deviation of a single reading"
    assert abs(statistics.mean(levels) - 500) < 5


class VirtualTime:
    """Passes only when somebody sleeps, so that a busy machine changes nothing."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_lamp_that_flickers_is_steadied(bus: I2cBus, monkeypatch: pytest.MonkeyPatch) -> None:
    time = bus.time = VirtualTime()
    monkeypatch.setattr(device.grove_hat, "time", time)
    bus.light, bus.flicker = 500, 100
    sensor = GroveLightSensor(0)
    levels = []
    for _ in range(100):
        time.now += 0.0137  # at any moment of a period
        levels.append(sensor.light)
    assert max(levels) - min(levels) < 0.2 * 200


def test_steadying_takes_less_than_100_ms(bus: I2cBus, monkeypatch: pytest.MonkeyPatch) -> None:
    time = bus.time = VirtualTime()
    monkeypatch.setattr(device.grove_hat, "time", time)
    sensor = GroveLightSensor(0)
    assert sensor.light == 1000
    bus.light, started = 0, time.now
    assert sensor.light == 0, "the first level after a change is the new one"
    assert time.now - started < 0.010


def test_a_single_wild_reading_is_left_out(bus: I2cBus) -> None:
    bus.light, bus.spike_every = 500, 5
    sensor = GroveLightSensor(0)
    assert {sensor.light for _ in range(30)} == {500}


def test_a_transfer_that_fails_now_and_then_is_no_trouble(bus: I2cBus) -> None:
    sensor = GroveLightSensor(0)
    assert sensor.light == 1000
    bus.fail_every = 4
    assert {sensor.light for _ in range(20)} == {1000}


def test_when_most_transfers_fail_it_cannot_be_read(bus: I2cBus) -> None:
    sensor = GroveLightSensor(0)
    assert sensor.light == 1000
    bus.fail_every = 1
    with pytest.raises(OSError, match="Remote I/O error"):
        _ = sensor.light


def test_a_hat_that_comes_back_may_be_another(bus: I2cBus) -> None:
    sensor = GroveLightSensor(0)
    assert sensor.light == 1000
    bus.hat = None
    for _ in range(2):
        with pytest.raises(OSError):
            _ = sensor.light
    bus.hat, bus.light = "STM32", 7
    assert sensor.light == 7


def test_what_is_no_hat_is_not_taken_for_one(bus: I2cBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HATS, "MM32", (0x08, 0x1234))
    with pytest.raises(OSError):
        _ = GroveLightSensor(0).light


def test_what_has_more_than_12_bits_is_no_reading(bus: I2cBus) -> None:
    bus.spike_every = 1
    bus.spikes = [0xFFFF]
    with pytest.raises(OSError, match="65535"):
        _ = GroveLightSensor(0).light


def test_a_little_over_full_scale_is_full_scale(bus: I2cBus) -> None:
    bus.spike_every = 1
    bus.spikes = [1003]
    assert GroveLightSensor(0).light == 1000


def test_no_file_stays_open(bus: I2cBus) -> None:
    sensor = GroveLightSensor(0)
    open_files = Path("/proc/self/fd")
    before = len(list(open_files.iterdir()))
    for turn in range(50):
        bus.hat = "MM32" if turn % 2 else None
        try:
            assert sensor.light == 1000
        except OSError:
            pass
    assert len(list(open_files.iterdir())) <= before + 1


# ---- the LED ----


def test_the_led_follows_and_its_pin_is_the_socket_s(pins: MockFactory) -> None:
    led = GroveLed(5)
    led.on()
    assert pins.pin(5).state
    led.off()
    assert not pins.pin(5).state
    led.on()
    assert pins.pin(5).state


def test_when_the_board_is_closed_its_led_is_off(bus: I2cBus, pins: MockFactory) -> None:
    with open_board(PI, 0, 5) as board:
        board.set_led(LedState(led_on=True, by="server"))
        assert pins.pin(5).state
    assert not pins.pin(5).state


def test_the_led_goes_off_at_the_end_although_the_hat_is_gone(bus: I2cBus, pins: MockFactory) -> None:
    with open_board(PI, 0, 5) as board:
        board.set_led(LedState(led_on=True, by="server"))
        bus.hat = None
        assert board.read_light() is None
    assert not pins.pin(5).state


# ---- what is wrong, in words ----


@pytest.mark.parametrize(
    ("wrong", "what", "remedy"),
    [
        ({"hat": None}, "neither at address 0x08 nor 0x04", "press the hat onto all 40 pins"),
        ({"opening_fails": errno.ENOENT}, "there is no /dev/i2c-1", "sudo raspi-config nonint do_i2c 0"),
        ({"opening_fails": errno.EACCES}, "may not use /dev/i2c-1", "sudo usermod -aG i2c $USER"),
        ({"opening_fails": errno.EIO}, "No Grove Base Hat", "press the hat"),
        ({"opening_fails": errno.ENODEV}, "/dev/i2c-1 cannot be used: No such device", "Is this a Raspberry Pi?"),
        ({"stuck": True}, "I2C bus 1 is stuck", "Unplug what else"),
        ({"claimed": True}, "Another driver has the hat's address", "/boot/firmware/config.txt"),
    ],
    ids=["no hat", "I2C off", "no permission", "I/O error", "no device", "stuck", "claimed"],
)
def test_what_is_wrong_with_the_bus(
    bus: I2cBus, found: Callable[[], list[Finding]], wrong: dict[str, object], what: str, remedy: str
) -> None:
    vars(bus).update(wrong)
    with named_a_pi():
        [finding] = found()
    assert (finding.subject, finding.ok) == ("board", False)
    assert what in finding.found
    assert remedy in finding.remedy

    vars(bus).update(vars(I2cBus()))
    assert all(finding.ok for finding in found()), "the remedy works"


def test_where_there_is_no_pi_nobody_is_sent_to_raspi_config(bus: I2cBus, found: Callable[[], list[Finding]]) -> None:
    bus.opening_fails = errno.ENOENT
    [finding] = found()
    assert finding.found == "This is no Raspberry Pi: there is no /dev/i2c-1."
    assert finding.remedy == "Leave out --board: then it is CounterFit."


def test_all_is_well(found: Callable[[], list[Finding]], pins: MockFactory) -> None:
    pin = pins.pin(5)
    assert [(finding.subject, finding.ok) for finding in found()] == [("board", True), ("light", True), ("LED", True)]
    assert [state.state for state in pin.states] == [False, *[True, False] * 3], "it has blinked three times"


class BusyPin:
    """What lgpio raises when another program has the pin, or the user may not have any (its own words)."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __call__(self, pin: int) -> None:
        raise Exception(self.words)


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        ("'GPIO busy'", "pin 5 is in use by another program", "sudo systemctl stop nightlight@$USER"),
        ("'can not open gpiochip'", "may not use the Pi's pins", "sudo usermod -aG gpio $USER"),
        ("'something else'", "pin 5 cannot be switched ('something else')", "Is this a Raspberry Pi?"),
    ],
)
def test_what_is_wrong_with_the_led(
    found: Callable[[], list[Finding]], monkeypatch: pytest.MonkeyPatch, words: str, what: str, remedy: str
) -> None:
    monkeypatch.setattr(gpiozero, "LED", BusyPin(words))
    *_, finding = found()
    assert (finding.subject, finding.ok) == ("LED", False)
    assert what in finding.found
    assert remedy in finding.remedy


def test_lgpio_gets_a_folder_of_its_own_that_ends_with_the_program(tmp_path: Path) -> None:
    """Lgpio is a stand-in that does what the real one does at its import: it goes to LG_WD and makes a pipe there."""
    (tmp_path / "lgpio.py").write_text(
        "import os; os.chdir(os.environ['LG_WD']); os.mkfifo('.lgd-nfy0'); print(os.getcwd()); raise ImportError('no')"
    )
    program = "\n".join(
        [
            "import os; from device.grove_hat import GroveLed",
            "try: GroveLed(5).on()",
            "except ImportError: print(os.getcwd())",
        ]
    )
    environment = clean_environment(PYTHONPATH=f"{tmp_path}:{ROOT}")
    environment.pop("GPIOZERO_PIN_FACTORY", None)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    folder, afterwards = ended.stdout.split()
    assert Path(afterwards) == tmp_path, "relative paths mean what they did before"
    assert Path(folder) != tmp_path
    assert not Path(folder).exists()


def test_without_lgpio_it_says_how_to_get_it(
    bus: I2cBus, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    monkeypatch.setenv("LG_WD", "/tmp")
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    *_, finding = open_board(PI, 0, 5).questions()
    assert "lacks lgpio" in finding.found
    assert "sudo apt install python3-lgpio" in finding.remedy


def test_an_led_that_cannot_be_had_is_one_line_and_the_light_goes_on_being_read(
    bus: I2cBus, pins: MockFactory, monkeypatch: pytest.MonkeyPatch, warnings_said: Callable[[], list[str]]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(gpiozero, "LED", BusyPin("'GPIO busy'"))
        board = open_board(PI, 0, 5)
        board.set_led(LedState(led_on=True, by="server"))
        for _ in range(3):
            board._next_try = 0
            assert board.read_light() == 1000
    assert len(warnings_said()) == 1
    board._next_try = 0
    assert board.read_light() == 1000
    assert pins.pin(5).state, "the other program has let go of it"


# ---- which board ----


def test_a_pi_with_a_hat_is_found_by_looking(bus: I2cBus) -> None:
    with named_a_pi():
        assert find_board() == PI


def test_other_machines_have_counterfit_and_their_bus_is_left_alone(bus: I2cBus) -> None:
    with named_a_pi("Some other board"):
        assert find_board() == COUNTERFIT
    assert not bus.asked


@pytest.mark.parametrize("wrong", [{"opening_fails": errno.ENOENT}, {"hat": None}], ids=["I2C off", "no hat"])
def test_a_pi_without_a_hat(bus: I2cBus, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object]) -> None:
    """Still a Pi, so that it says what is wrong; unless somebody has started a CounterFit on it."""
    vars(bus).update(wrong)
    with socket.socket() as counterfit, named_a_pi():
        counterfit.bind(("127.0.0.1", 0))
        elsewhere = BoardName("counterfit", *counterfit.getsockname())
        monkeypatch.setattr(device.board, "COUNTERFIT", elsewhere)
        assert find_board() == PI
        counterfit.listen()
        assert find_board() == elsewhere


def test_only_linux_has_a_pi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ValueError, match="for a Raspberry Pi"):
        BoardName.parse("pi")


@pytest.mark.parametrize(("light_pin", "led_pin"), [(8, 5), (0, 2), (0, 28)])
def test_sockets_that_a_hat_has_not(light_pin: int, led_pin: int) -> None:
    with pytest.raises(ValueError, match="they are"):
        open_board(PI, light_pin, led_pin)


def test_the_nouns_are_those_of_the_shims() -> None:
    """So that the lesson's lines work on a Pi as well, with another import."""
    from counterfit_shims_grove.grove_led import GroveLed as ShimLed  # noqa: PLC0415
    from counterfit_shims_grove.grove_light_sensor_v1_2 import GroveLightSensor as ShimSensor  # noqa: PLC0415

    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(ShimSensor) <= public(GroveLightSensor)
    assert public(ShimLed) <= public(GroveLed)
    assert isinstance(open_board(PI, 0, 5), Board)
