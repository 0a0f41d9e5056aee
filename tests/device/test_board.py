"""The board: CounterFit as it is, and as it is not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from device.board import Board, BoardName, open_board
from nightlight.messages import LedState
from nightlight.notices import Problem
from tests.kit.boards import CounterFit, SilentServer, fixed_answers
from tests.kit.programs import free_port, until

ON, OFF = LedState(led_on=True, by="server"), LedState(led_on=False, by="server")
OFF_AT_FIRST = LedState(led_on=False, by="device")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("counterfit", ("127.0.0.1", 5000)),
        ("counterfit://laptop", ("laptop", 5000)),
        ("counterfit://192.168.1.20:5050", ("192.168.1.20", 5050)),
        ("counterfit://[::1]:5050", ("[::1]", 5050)),
    ],
)
def test_the_name_of_a_counterfit(name: str, address: tuple[str, int]) -> None:
    assert BoardName.parse(name) == BoardName("counterfit", *address)


def test_it_reads_the_light_and_switches_the_led(board: CounterFit) -> None:
    ours = open_board(BoardName.parse(board.name), 0, 5)
    board.set_light(123)
    assert ours.read_light() == 123
    ours.set_led(ON)
    assert board.led_on
    ours.set_led(OFF)
    assert not board.led_on


@pytest.fixture
def trouble_with(warnings_said: Callable[[], list[str]]) -> Callable[..., str]:
    """What a board says that cannot be read; once, however often it is tried."""

    def trouble_with(name: str, light_pin: int = 0) -> str:
        board = open_board(BoardName.parse(name), light_pin, 5)
        assert board.read_light() is None
        board._next_try = 0
        assert board.read_light() is None
        [line] = warnings_said()
        return line

    return trouble_with


def test_a_missing_counterfit_is_said(trouble_with: Callable[..., str]) -> None:
    port = free_port()
    assert f"nothing answers at http://127.0.0.1:{port}" in trouble_with(f"counterfit://127.0.0.1:{port}")


def test_a_missing_sensor_is_said(board: CounterFit, trouble_with: Callable[..., str]) -> None:
    assert "no sensor on pin 7" in trouble_with(board.name, light_pin=7)


def test_a_counterfit_that_never_answers_is_said(trouble_with: Callable[..., str]) -> None:
    with SilentServer() as server:
        assert "does not answer" in trouble_with(f"counterfit://127.0.0.1:{server.port}")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"", "answers with an error (500)"),
        (200, b"<html>", "not a light level"),
        (200, b'{"value": "dark"}', "not a light level"),
        (200, b'{"value": null}', "not a light level"),
        (200, b'{"value": -5}', "not a light level"),
        (200, b'{"value": 70000}', "not a light level"),
        (200, b'{"value": 1e999}', "not a light level"),
        (200, b"[1]", "not a light level"),
        (200, b"{}", "not a light level"),
        (200, b"[" * 100_000, "not a light level"),
    ],
    ids=str,
)
def test_nonsense_instead_of_light_is_said(
    trouble_with: Callable[..., str], status: int, body: bytes, words: str
) -> None:
    with fixed_answers(status, body) as port:
        assert words in trouble_with(f"counterfit://127.0.0.1:{port}")


def test_the_led_is_set_again_when_the_board_is_back(own_board: CounterFit) -> None:
    ours = open_board(BoardName.parse(own_board.name), 0, 5)
    ours.set_led(ON)
    own_board.kill()
    assert ours.read_light() is None
    own_board.start()
    assert not own_board.led_on, "CounterFit forgets"
    until(lambda: ours.read_light() == 0, "the light")
    assert own_board.led_on


def test_a_command_while_the_board_is_away_is_obeyed_when_it_is_back(own_board: CounterFit) -> None:
    ours = open_board(BoardName.parse(own_board.name), 0, 5)
    own_board.kill()
    assert ours.read_light() is None
    ours.set_led(ON)
    own_board.start()
    until(lambda: ours.read_light() == 0, "the light")
    assert own_board.led_on


def test_an_led_that_was_on_is_off_when_the_board_is_closed(board: CounterFit) -> None:
    with open_board(BoardName.parse(board.name), 0, 5) as ours:
        ours.set_led(ON)
        assert board.led_on
    assert not board.led_on


class Wires:
    """A board of its own, whose cables can be pulled."""

    def __init__(self) -> None:
        self.light_sensor = self.led = self
        self.problem: Exception | None = None
        self.led_problem: Exception | None = None

    @property
    def light(self) -> int:
        if self.problem:
            raise self.problem
        return 80

    def on(self) -> None:
        if self.led_problem:
            raise self.led_problem

    off = on

    def find(self) -> str:
        return "wires"

    def find_led(self) -> str:
        return "on a wire"

    def explain(self, error: Exception) -> Problem:
        return Problem(str(error), "Mend it.")


def test_with_an_led_that_fails_the_light_is_still_read(warnings_said: Callable[[], list[str]]) -> None:
    wires = Wires()
    wires.led_problem = OSError("The LED is loose.")
    with Board(wires) as board:
        board.set_led(ON)
        board._next_try = 0
        assert board.read_light() == 80
    assert warnings_said() == ["The LED is loose. Mend it. Trying again..."]


def test_each_new_trouble_is_said_and_its_end(
    capsys: pytest.CaptureFixture[str], warnings_said: Callable[[], list[str]]
) -> None:
    wires = Wires()
    board = Board(wires)
    loose, gone, odd = OSError("Loose."), OSError("Gone."), OSError("Odd.")
    for problem in (loose, loose, odd, loose, odd, loose, gone, gone, None, gone):
        wires.problem = problem
        board._next_try = board._last_failure = 0
        assert board.read_light() == (None if problem else 80)
    assert warnings_said() == [
        "Loose. Mend it. Trying again...",
        "Gone. Mend it. Trying again...",
        "Gone. Mend it. Trying again...",
    ]
    assert capsys.readouterr().out == "The board answers.\n"


def test_a_cable_that_comes_and_goes_is_one_trouble(
    capsys: pytest.CaptureFixture[str], warnings_said: Callable[[], list[str]]
) -> None:
    wires = Wires()
    board = Board(wires)
    for turn in range(10):
        wires.problem = OSError("Loose.") if turn % 2 else None
        board._next_try = 0
        assert board.read_light() == (None if wires.problem else 80)
    assert len(warnings_said()) == 1
    assert capsys.readouterr().out == ""


def test_a_command_reaches_the_led_although_the_sensor_is_away() -> None:
    wires = Wires()
    switched: list[str] = []
    wires.on = lambda: switched.append("on")  # type: ignore[method-assign]
    wires.off = lambda: switched.append("off")  # type: ignore[method-assign]
    with Board(wires) as board:
        wires.problem = OSError("Loose.")
        assert board.read_light() is None
        board.set_led(ON)
        board.set_led(OFF)
        assert switched == ["on", "off"]


# ---- what the LED is ----


def test_what_the_led_is_is_told_when_it_has_been_switched() -> None:
    wires = Wires()
    told: list[LedState] = []
    with Board(wires) as board:
        board.when_switched = told.append
        assert board.read_light() == 80
        assert told == [OFF_AT_FIRST]
        wires.led_problem = OSError("The LED is loose.")
        board.set_led(ON)
        assert told == [OFF_AT_FIRST]
        wires.led_problem = None
        board._next_try = 0
        assert board.read_light() == 80
        assert told == [OFF_AT_FIRST, ON]
    assert told == [OFF_AT_FIRST, ON, LedState(led_on=False, by="device")]
