"""Switch: what a person wants of the LED: on, off, or what the server finds right."""

from __future__ import annotations

import time
from collections.abc import Callable

from nicegui.events import GenericEventArguments

from nightlight.messages import Override
from page.lamps import Lamp
from page.tag import Tag
from page.words import Words

WISHES = {"auto": None, "on": True, "off": False}
SPANS = ("until I change it", "for an hour", "until the morning")
HOUR = 3600.0


class Switch:
    """Three radio buttons, and how long that shall be. `send` says whether a wish could be sent."""

    def __init__(self, words: Words, send: Callable[[Override], bool]) -> None:
        self._words, self._send = words, send
        self._span = SPANS[0]
        self._refused = False
        with Tag("fieldset", class_="card switch", role="radiogroup", aria_label=words("Switch")):
            Tag("legend", words("Switch"))
            with Tag("label", class_="span"):
                Tag("span", words("How long"), class_="unseen")
                span = Tag("select")
                with span:
                    for text in SPANS:
                        Tag("option", words(text), value=text)
                span.on("change", self._choose_span, js_handler="event => emit(event.target.value)")
            self._buttons: dict[str, Tag] = {}
            with Tag("div", class_="choices"):
                for name, wish in WISHES.items():
                    with Tag("label", class_="choice"):
                        button = Tag("input", type="radio", name="switch", value=name)
                        Tag("span", words(name))
                    button.on("change", lambda wish=wish: self._wish(wish), args=[])
                    self._buttons[name] = button
            self._news = Tag("p", class_="fact", role="status")
        self._lamp = Lamp("")

    def show(self, lamp: Lamp, now: float, is_connected: bool) -> None:
        """Which button is chosen, and what has become of it."""
        self._lamp = lamp
        self._refused = self._refused and not is_connected
        wanted = lamp.wanted(now)
        for name, wish in WISHES.items():
            self._buttons[name].show(checked=wanted is wish or None)
        self._news.show(self._news_text(lamp, wanted, now), class_="fact problem" if self._refused else "fact")

    def _news_text(self, lamp: Lamp, wanted: bool | None, now: float) -> str:
        words = self._words
        if self._refused:
            return words("Not sent: there is no connection to the broker.")
        if wanted is None:
            return words("The server decides by the light.")
        if not lamp.is_obeyed(now):
            return words("asked; the server has not answered yet")
        if lamp.override.until is None:
            return words("You decide, until you choose auto.")
        return words("You decide until {time}; then it is auto again.", time=words.clock(lamp.override.until, now))

    def _choose_span(self, event: GenericEventArguments) -> None:
        self._span = event.args if event.args in SPANS else SPANS[0]
        wanted = self._lamp.wanted(time.time())
        if wanted is not None:
            self._wish(wanted)

    def _wish(self, led_on: bool | None) -> None:
        now = time.time()
        until = {SPANS[1]: now + HOUR, SPANS[2]: self._words.next_morning(now)}.get(self._span)
        self._refused = not self._send(Override(led_on, until if led_on is not None else None))
        if self._refused:
            self._put_back()
        self.show(self._lamp, now, is_connected=not self._refused)

    def _put_back(self) -> None:
        """The browser has marked another button by itself; the broker was not asked."""
        wanted = self._lamp.wanted(time.time())
        name = next(name for name, wish in WISHES.items() if wish is wanted)
        button = self._buttons[name]
        button.client.run_javascript(f"document.getElementById('{button.html_id}').checked = true")
