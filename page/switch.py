"""Switch: what a person wants of the LED: on, off, or what the server finds right."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from nicegui.events import GenericEventArguments

from nightlight.messages import Override
from page.tag import Tag
from page.words import Words

WISHES = {"auto": None, "on": True, "off": False}
SPANS = ("until I change it", "for an hour", "until the morning")
HOUR = 3600.0


class Switched(Protocol):
    """What a person may switch: a lamp, or a group of them."""

    override: Override

    def wanted(self, now: float) -> bool | None:
        """What a person wants; None if that is left to the rule."""

    def is_obeyed(self, now: float) -> bool:
        """Whether the server has said so, or nobody wants anything."""


class Switch:
    """Three radio buttons, and how long that shall be. `send` says whether a wish could be sent."""

    def __init__(self, words: Words, send: Callable[[Override], bool], switched: Switched, group: str = "") -> None:
        """`group` is the name of what is switched, if that is a group."""
        self._words, self._send, self._switched = words, send, switched
        self._span = SPANS[0]
        self._refused = False
        name = words("Switch for all of {group}", group=group) if group else words("Switch")
        with Tag("fieldset", class_="card switch", role="radiogroup", aria_label=name):
            Tag("legend", words("Switch for all" if group else "Switch"))
            with Tag("label", class_="span"):
                Tag("span", words("How long"), class_="unseen")
                span = Tag("select")
                with span:
                    for text in SPANS:
                        Tag("option", words(text), value=text)
                span.on("change", self._choose_span, js_handler="event => emit(event.target.value)")
            self._buttons: dict[str, Tag] = {}
            with Tag("div", class_="choices"):
                for value, wish in WISHES.items():
                    with Tag("label", class_="choice"):
                        button = Tag("input", type="radio", name=name, value=value)
                        Tag("span", words(value))
                    button.on("change", lambda wish=wish: self._wish(wish), args=[])
                    self._buttons[value] = button
            self._news = Tag("p", class_="fact", role="status")
        self._auto = ""

    def show(self, switched: Switched, now: float, is_connected: bool, auto: str) -> None:
        """Which button is chosen, and what has become of it. `auto` says who decides if nobody wants anything."""
        self._switched, self._auto = switched, auto
        self._refused = self._refused and not is_connected
        wanted = switched.wanted(now)
        for name, wish in WISHES.items():
            self._buttons[name].show(checked=wanted is wish or None)
        self._news.show(self._news_text(wanted, now), class_="fact problem" if self._refused else "fact")

    def _news_text(self, wanted: bool | None, now: float) -> str:
        words, until = self._words, self._switched.override.until
        if self._refused:
            return words("Not sent: there is no connection to the broker.")
        if wanted is None:
            return self._auto
        if not self._switched.is_obeyed(now):
            return words("asked; the server has not answered yet")
        if until is None:
            return words("You decide, until you choose auto.")
        return words("You decide until {time}; then it is auto again.", time=words.clock(until, now))

    def _choose_span(self, event: GenericEventArguments) -> None:
        self._span = event.args if event.args in SPANS else SPANS[0]
        wanted = self._switched.wanted(time.time())
        if wanted is not None:
            self._wish(wanted)

    def _wish(self, led_on: bool | None) -> None:
        now = time.time()
        until = {SPANS[1]: now + HOUR, SPANS[2]: self._words.next_morning(now)}.get(self._span)
        self._refused = not self._send(Override(led_on, until if led_on is not None else None))
        if self._refused:
            self._put_back()
        self.show(self._switched, now, not self._refused, self._auto)

    def _put_back(self) -> None:
        """The browser has marked another button by itself; the broker was not asked."""
        wanted = self._switched.wanted(time.time())
        name = next(name for name, wish in WISHES.items() if wish is wanted)
        button = self._buttons[name]
        button.client.run_javascript(f"document.getElementById('{button.html_id}').checked = true")
