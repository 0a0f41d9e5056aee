"""Frame: what all pages have around them: a heading, links, and what is wrong."""

from __future__ import annotations

from urllib.parse import quote

from nicegui import ui

from nightlight.link import Link
from page.history import History
from page.settings import PageSettings
from page.tag import Tag
from page.words import Words


class Frame:
    """The heading with its links, and a line that says what is wrong with the connection or the disk."""

    def __init__(
        self,
        title: str,
        words: Words,
        settings: PageSettings,
        link: Link,
        history: History,
        id: str = "",
        board: str = "",
    ) -> None:
        """With an `id` it is the page of that lamp, with a `board` of one that CounterFit stands in for."""
        self._words, self._link, self._history = words, link, history
        self._lost_at: float | None = None
        page = ui.context.client.page
        page.language = "zh-CN" if words.language == "zh" else "en-US"  # this page's text is built before another's
        ui.page_title(words("{id} - Nightlight", id=title))
        with Tag("header"):
            Tag("h1", title)
            with Tag("nav", aria_label=words("Nightlight")):
                if id and "+" in settings.id:
                    Tag("a", words("all lamps"), href="/")
                if id:
                    Tag("a", words("CSV"), href=f"/history.csv?id={quote(id)}", download=True)
                if board:
                    Tag("a", words("CounterFit"), href=board, target="_blank", rel="noreferrer")
        self._problem = Tag("p", role="alert", class_="trouble", hidden=True)

    def main(self, name: str) -> Tag:
        """What is in the frame goes into this one's `with` block."""
        return Tag("main", class_=name)

    def show(self, now: float) -> float:
        """Say what is wrong. Returns the time of which the rest is known: now, or when the connection was lost."""
        words = self._words
        problem = ""
        if self._link.is_open:
            self._lost_at = None
            if self._history.problem:
                problem = words("The history {problem}", problem=self._history.problem)
        elif not self._link.connections and not self._link.problem:
            problem = words("Connecting to the broker {broker} ...", broker=self._link.broker)
        else:
            self._lost_at = self._lost_at or now
            since = words.clock(self._lost_at, now)
            problem = words("No connection to the broker {broker} since {time}.", broker=self._link.broker, time=since)
        self._problem.show(problem, hidden=None if problem else True)
        return self._lost_at or now

    async def greet(self) -> None:
        """Learn where the browser is."""
        try:
            name, minutes = await ui.run_javascript("nightlight.begin()", timeout=3)
            self._words.set_zone(str(name), int(minutes))
        except (TimeoutError, TypeError, ValueError):
            pass  # it has gone, or answers with nonsense: then this machine's zone
