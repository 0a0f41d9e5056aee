"""Face: the lamp itself, glowing as its LED does, and what is known of it, in a few lines."""

from __future__ import annotations

from nicegui import ui

from nightlight.notices import printable
from page.groups import Group
from page.lamps import Lamp
from page.tag import Tag
from page.words import Words

BULB = """<svg viewBox="0 0 100 130" aria-hidden="true">
<path class="glass" d="M50 8a37 37 0 0 0-22 67c6 5 9 11 10 19h24c1-8 4-14 10-19A37 37 0 0 0 50 8z"/>
<path class="wire" d="M41 92V66l-6-8 8 4 7-6 7 6 8-4-6 8v26"/>
<path class="cap" d="M37 99h26v5H37zm2 9h22v5H39zm4 9h14c-1 4-4 6-7 6s-6-2-7-6z"/></svg>"""

DECIDED = {
    "server": "the server decided",
    "device": "the device decided alone",
    "person": "a person decided",
    "server for all": "the server decided (for the group)",
    "person for all": "a person decided (for the group)",
}
TOOK = {
    "light": "{ms} ms from light to LED",
    "switch": "{ms} ms from switch to LED",
    "group": "{ms} ms from the group's decision to LED",
}


class Face:
    """What one glance should tell."""

    def __init__(self, words: Words) -> None:
        self._words = words
        with Tag("section", class_="card face"):
            self._lamp = Tag("div", role="img", class_="lamp")
            with self._lamp:
                ui.html(BULB, sanitize=False)
            with Tag("div", class_="facts"):
                with Tag("p", class_="led"):
                    self._state = Tag("span", class_="state")
                    self._since = Tag("span", class_="unit")
                with Tag("p", class_="light"):
                    Tag("span", words("light"), class_="unit")
                    self._light = Tag("span", class_="number")
                self._measured, self._online, self._decided, self._took = (Tag("p", class_="fact") for _ in range(4))

    def show(self, lamp: Lamp, group: Group | None, now: float, is_connected: bool) -> None:
        """All that is known, or was when the connection was lost; `group` is what it is a member of."""
        is_true = is_connected and lamp.online is not False
        words, clock = self._words, self._words.clock
        state = words(state_of(lamp))
        self._lamp.show(
            aria_label=words("LED of {id}: {state}", id=printable(lamp.id), state=state),
            class_=f"lamp {state_of(lamp)}{'' if is_true else ' stale'}",
        )
        since = words("since {time}", time=clock(lamp.led_at, now)) if lamp.led_on is not None else ""
        self._state.show(state)
        self._since.show(since)
        self._light.show("-" if lamp.light is None else f"{lamp.light:,}")
        self._measured.show(
            words("no reading yet") if lamp.light is None else words("measured {time}", time=clock(lamp.light_at, now))
        )
        self._online.show(self._online_text(lamp, now), class_=f"fact presence {presence_of(lamp, now)}")
        self._decided.show(self._decided_text(lamp, group, now, is_true))
        self._took.show(self._took_text(lamp))

    def _online_text(self, lamp: Lamp, now: float) -> str:
        words, clock = self._words, self._words.clock
        if lamp.is_silent(now) and lamp.light is not None:
            return words("silent since {time}", time=clock(lamp.light_at, now))
        if lamp.online is None:
            return words("never heard" if not lamp.messages else "it does not say whether it is online")
        since = "since" if lamp.is_since_then else "since before"
        return words(f"{'online' if lamp.online else 'offline'} {since} {{time}}", time=clock(lamp.online_at, now))

    def _took_text(self, lamp: Lamp) -> str:
        if lamp.took is None:
            return ""
        return self._words(TOOK[lamp.followed], ms=round(1000 * lamp.took))

    def _decided_text(self, lamp: Lamp, group: Group | None, now: float, is_true: bool) -> str:
        words, decider = self._words, lamp.decided_by(now, group)
        if lamp.led_on is None or decider is None:
            return ""
        if lamp.by is None:
            return words("as commanded; this device does not report its LED")
        decided = words(DECIDED[decider])
        return decided if is_true else f"{decided} ({words('as last reported')})"


def state_of(lamp: Lamp) -> str:
    """The LED's state, in English: `on`, `off` or `unknown`."""
    return on_or_off(lamp.led_on)


def on_or_off(led_on: bool | None) -> str:
    """The word for it, in English; `unknown` where nobody has said so."""
    return "unknown" if led_on is None else "on" if led_on else "off"


def presence_of(lamp: Lamp, now: float) -> str:
    """Whether the device is there, in English: `offline`, `silent` or `online`."""
    return "offline" if lamp.online is False else "silent" if lamp.is_silent(now) else "online"
