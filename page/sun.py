"""Sun: the light of a virtual board, under a finger."""

from __future__ import annotations

import time

from nicegui import ui
from nicegui.events import GenericEventArguments

from page.board import BRIGHTEST, LED_PIN, LIGHT_PIN, Board, Found
from page.lamps import Lamp
from page.tag import Tag
from page.words import Words

LOOK = 2.0  # seconds from one look at the board to the next
IN_HAND = 1.5  # seconds after a movement in which the slider follows nobody else
EACH = 0.05  # seconds between two lights while it is dragged

MOON = """<svg viewBox="0 0 24 24" class="sky" aria-hidden="true">
<path d="M20 14A8.5 8.5 0 0 1 10 4a8.5 8.5 0 1 0 10 10z"/></svg>"""
SUN = """<svg viewBox="0 0 24 24" class="sky" aria-hidden="true"><circle cx="12" cy="12" r="5"/><path class="rays"
d="M12 1v4M12 19v4M1 12h4M19 12h4M4.2 4.2 7 7M17 17l2.8 2.8M4.2 19.8 7 17M17 7l2.8-2.8"/></svg>"""


class Sun:
    """A slider, and a day that plays in a minute; for what is missing on the board, a button that creates it."""

    def __init__(self, words: Words, board: Board) -> None:
        self._words, self._board = words, board
        self._found: Found | None = None
        self._moved_at = 0.0
        self._shown: int | None = None
        with Tag("section", class_="card sun", hidden=True) as self._card:
            with Tag("div", class_="row"):
                Tag("h2", words("The sun"))
                self._day = Tag("button", words("a day"), type="button").on("click", self._press_day)
            with Tag("div", class_="row slider"):
                ui.html(MOON, sanitize=False)
                self._slider = Tag("input", type="range", min=0, max=BRIGHTEST, step=1, aria_label=words("Light")).on(
                    "input", self._move, throttle=EACH, js_handler="event => emit(Number(event.target.value))"
                )
                ui.html(SUN, sanitize=False)
            self._missing = Tag("p", class_="fact problem", role="status")
            with Tag("div", class_="row"):
                self._sensor = Tag("button", words("Create the light sensor"), type="button", hidden=True)
                self._sensor.on("click", board.create_sensor, args=[])
                self._led = Tag("button", words("Create the LED"), type="button", hidden=True)
                self._led.on("click", board.create_led, args=[])
        ui.timer(LOOK, self._look)

    def show(self, lamp: Lamp, now: float) -> None:
        """The light that was measured, unless a finger has just moved the slider; `now` in seconds since the epoch."""
        if lamp.light not in (None, self._shown) and now - self._moved_at > IN_HAND:
            self._shown = lamp.light
            # Not as an attribute, which would be put back whenever the slider is drawn: it belongs to the finger.
            self._slider.client.run_javascript(
                f"document.getElementById('{self._slider.html_id}').value = {lamp.light}"
            )
        self._show_day()

    def _show_day(self) -> None:
        self._day.show(self._words("stop the day" if self._board.plays_a_day else "a day"))

    async def _look(self) -> None:
        found = await self._board.look()
        if found.answers or self._found:  # a board that never was there is another one, perhaps a Pi
            self._found = found
            self._card.show(hidden=None)
        words = self._words
        missing = ""
        if not found.answers:
            missing = words("CounterFit does not answer.")
        elif not found.has_sensor:
            missing = words("CounterFit has no light sensor on pin {pin}.", pin=LIGHT_PIN)
        elif not found.has_led:
            missing = words("CounterFit has no LED on pin {pin}.", pin=LED_PIN)
        self._missing.show(missing)
        self._slider.show(disabled=not (found.answers and found.has_sensor) or None)
        self._sensor.show(hidden=found.has_sensor or not found.answers or None)
        self._led.show(hidden=found.has_led or not found.answers or None)

    async def _move(self, event: GenericEventArguments) -> None:
        if not isinstance(event.args, int):
            return
        self._moved_at, self._shown = time.time(), event.args
        self._board.stop_the_day()
        await self._board.set_light(event.args)

    def _press_day(self) -> None:
        if self._board.plays_a_day:
            self._board.stop_the_day()
        else:
            self._board.play_a_day()
        self._show_day()
