"""The page of one lamp: all of it on one screen."""

from __future__ import annotations

from nicegui import ui

from nightlight.link import Link
from nightlight.messages import Override
from nightlight.notices import printable
from page.board import Board
from page.curve import LightCurve
from page.face import Face, on_or_off
from page.flow import Flow, Messages
from page.frame import Frame
from page.groups import Group
from page.lamps import Heard, Lamps
from page.settings import PageSettings
from page.sun import Sun
from page.switch import Switch
from page.tag import Tag
from page.words import Words


class LampPage:
    """A view of one lamp."""

    def __init__(
        self, id: str, words: Words, settings: PageSettings, lamps: Lamps, link: Link, board: Board | None
    ) -> None:
        self._id, self._words, self._lamps, self._link = id, words, lamps, link
        self._frame = Frame(printable(id), words, settings, link, lamps.history, id, board.url if board else "")
        with self._frame.main("lamp-page"):
            with Tag("div", class_="column"):
                self._face = Face(words)
                self._switch = Switch(words, self._send, lamps[id])
                self._sun = Sun(words, board) if board else None
            with Tag("div", class_="column"):
                self._curve = LightCurve(words, id, settings.rule, lamps.history, settings.history)
                self._flow = Flow(words)
                self._messages = Messages(words)
        ui.timer(0, self._load, once=True)

    def refresh(self, news: dict[str, list[Heard]], now: float) -> None:
        """All of it, as it was when the connection was lost if it is lost."""
        lamp, group = self._lamps[self._id], self._lamps.groups.of(self._id)
        now = self._frame.show(now)
        is_connected = self._link.is_open
        self._face.show(lamp, group, now, is_connected)
        self._switch.show(lamp, now, is_connected, self._auto_text(group, now))
        if self._sun:
            self._sun.show(lamp, now)
        self._curve.show(lamp, now)
        self._flow.show(lamp, now, is_connected, news.get(self._id, []))
        self._messages.show(lamp, now)

    def _auto_text(self, group: Group | None, now: float) -> str:
        """Who decides if nobody wants anything of this lamp."""
        words = self._words
        if not group:
            return words("The server decides by the light.")
        wanted, name = group.wanted(now), printable(group.name)
        if wanted is None:
            return words("The server decides for the group {group}.", group=name)
        return words("A person decides for the group {group}: {state}.", group=name, state=words(on_or_off(wanted)))

    async def _load(self) -> None:
        await self._frame.greet()
        await self._curve.load(self._lamps.now())

    def _send(self, override: Override) -> bool:
        return self._link.publish(Override.topic(self._id), override)
