"""What a person sees of run.py in a terminal of 80 by 24 characters."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.demo.window import Window
from tests.kit.boards import CounterFitPage
from tests.kit.programs import ROOT, free_port, until

Open = Callable[..., Window]

AN_EXCHANGE = [
    "device | Light level: 0",
    "server | Message received: {'light': 0}",
    "server | Sending message: {'led_on': True}",
    "device | Message received: {'led_on': True}",
]


@pytest.fixture
def open_window() -> Iterator[Open]:
    """A window in which run.py starts everything; a reading every 0.2 s."""
    with ExitStack() as windows:

        def open_it(**environment: str) -> Window:
            environment["PYTHONPATH"] = str(ROOT / "tests/kit/without_page")
            ports = ("--broker-port", str(free_port()), "--board-port", str(free_port()))
            window = Window(sys.executable, ROOT / "run.py", *ports, "--interval", "0.2", **environment)
            return windows.enter_context(closing(window))

        yield open_it


@pytest.fixture
def window(open_window: Open) -> Window:
    return open_window()


def board_of(window: Window) -> CounterFitPage:
    """The board that the window names, when all has begun."""
    window.wait_for("  Open http")
    found = re.search(r"CounterFit is at http://127.0.0.1:(\d+)", "\n".join(window.scrolled_away + window.rows))
    assert found
    return CounterFitPage(int(found[1]))


def times(window: Window) -> int:
    """How often the newest exchange has come again."""
    found = re.fullmatch(r"       \| same again (once|(\d+) times), for \d+ s", window.rows[-2:][0])
    return int(found[2] or 1) if found else 0


def test_what_comes_again_is_counted_and_the_address_stays_in_view(window: Window) -> None:
    with closing(board_of(window)):
        until(lambda: times(window) >= 24, "24 readings of the same light")
        rows = window.rows
        assert re.fullmatch(r"  http://127.0.0.1:\d+   Ctrl\+C ends everything", rows[-1])
        assert set(AN_EXCHANGE) <= set(rows)
        assert not window.scrolled_away, "all that was said since the start is in view"


def test_from_the_start_it_says_how_to_end_it(window: Window) -> None:
    window.wait_for("broker |")
    assert window.rows[-1].endswith("  Ctrl+C ends everything")


def test_another_light_is_shown_at_once_with_all_that_follows_from_it(window: Window) -> None:
    with closing(board_of(window)) as board:
        for light, led_on in ((400, False), (100, True), (50, True)):
            until(lambda: times(window) >= 3, "the light steady")
            board.set_light(light)
            until(lambda: f"device | Light level: {light}" in window.rows, "the new light in view")  # noqa: B023
            until(lambda: times(window) >= 1, "all of it in view")
            assert sorted(window.rows[-6:-2]) == sorted(
                line.replace("0", str(light), 1).replace("True", str(led_on)) for line in AN_EXCHANGE
            )
            assert re.fullmatch(r"       \| same again \d+ times, for \d+ s", window.rows[-7]), "of the light before"
            assert re.fullmatch(r"  http://127.0.0.1:\d+   Ctrl\+C ends everything", window.rows[-1])


def test_a_warning_is_shown_at_once_and_its_second_line_stands_below_its_label(window: Window) -> None:
    with closing(board_of(window)) as board:
        for _ in range(2):  # also the second time, word for word the same
            until(lambda: times(window) >= 3, "the light steady")
            before = "\n".join(window.scrolled_away + window.rows).count("has no sensor")
            board.remove_sensor()
            until(
                lambda: "\n".join(window.scrolled_away + window.rows).count("has no sensor") > before,  # noqa: B023
                "the warning in view",
            )
            row = window.rows.index(f"device | CounterFit has no sensor on pin 0. Open {board.url} and")
            assert window.rows[row + 1] == "       | create it there. Trying again..."
            assert re.fullmatch(r"  http://127.0.0.1:\d+   Ctrl\+C ends everything", window.rows[-1])
            board.add_sensor()
            window.wait_for("device | The board answers.")


def test_ctrl_c_leaves_the_terminal_clean(window: Window) -> None:
    with closing(board_of(window)):
        until(lambda: times(window) >= 3, "the light steady")
        window.press_ctrl_c()
        assert window.wait() == 0
        *_, count, nothing, end = window.rows
        assert count.startswith("       | same again ")
        assert (nothing, end) == ("", "Everything has ended.")
        assert window.cursor == (len(window.rows), 0)


def test_a_window_that_changes_its_size_stays_readable(window: Window) -> None:
    with closing(board_of(window)) as board:
        until(lambda: times(window) >= 3, "the light steady")
        window.resize(40, 24)
        board.set_light(400)
        answer = "\ndevice | Message received: {'led_on':\n       | False}\n"
        until(lambda: answer in "\n".join(window.rows) and times(window) >= 3, "the light steady again")
        assert re.fullmatch(r"  http://127.0.0.1:\d+   Ctrl\+C ends", window.rows[-1])


def test_without_colours_if_so_wished(open_window: Open) -> None:
    coloured, plain = open_window(), open_window(NO_COLOR="1")
    for window in (coloured, plain):
        until(lambda: times(window) >= 1, "all of it in view")  # noqa: B023
    assert {"green", "cyan", "magenta", "brown"} < coloured.colours
    assert plain.colours == {"default"}
