"""Grid: many lamps at a glance. A hundred and more fold into groups."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from nicegui import ui

from nightlight.link import Link
from nightlight.notices import printable
from page.face import presence_of, state_of
from page.frame import Frame
from page.group_card import GroupCards
from page.lamps import Heard, Lamp, Lamps, natural
from page.settings import PageSettings
from page.tag import Tag
from page.words import Words

MOST_TILES = 99  # lamps on one screen; more fold into groups
GROUP = 50  # lamps of one, where the ids themselves do not tell groups
FEW = 36  # lamps have room to be larger
CALM = 0.25  # seconds at least from one look at all of them to the next
SIGNS = {"on": "●", "off": "○", "unknown": "?", "silent": "…", "offline": "\N{MULTIPLICATION SIGN}"}

Groups = dict[str, list[Lamp]]


class Grid:
    """A view of all lamps, or of one group of them."""

    def __init__(self, group: str, words: Words, settings: PageSettings, lamps: Lamps, link: Link) -> None:
        self._group, self._words, self._served, self._lamps = group, words, settings.id, lamps
        self._seen_at = 0.0
        self._ids: list[str] = []
        self._tiles: dict[str, Tile | GroupTile] = {}
        self._frame = Frame(settings.id, words, settings, link, lamps.history)
        self._link = link
        with self._frame.main("grid-page"):
            self._cards = GroupCards(words, settings.rule, lamps, link)
            with Tag("div", class_="summary"):
                self._summary = Tag("p")
                self._back = Tag("a", words("all groups"), href="/", hidden=True)
            self._grid = Tag("div", class_="grid")
        ui.timer(0, self._frame.greet, once=True)

    def refresh(self, news: dict[str, list[Heard]], now: float) -> None:
        """All of them, but not more often than an eye can follow."""
        if 0 <= now - self._seen_at < CALM:
            return
        self._seen_at = now
        now = self._frame.show(now)
        lamps = list(self._lamps)
        groups = group_lamps(lamps, self._served) if len(lamps) > MOST_TILES else {}
        shown = groups.get(self._group, lamps)
        self._cards.show(None if shown is lamps else shown, now, self._link.is_open)
        self._back.show(hidden=None if self._group in groups else True)
        self._summary.show(summary(self._words, shown, now))
        is_folded = bool(groups) and self._group not in groups
        ids = list(groups) if is_folded else sorted((lamp.id for lamp in shown), key=natural)
        if ids != self._ids or not self._tiles:
            self._build(ids, is_folded)
        for id, tile in self._tiles.items():
            if isinstance(tile, GroupTile):
                tile.show(groups[id], now)
            else:
                tile.show(self._lamps[id], now)

    def _build(self, ids: list[str], is_folded: bool) -> None:
        """Another set of tiles: a lamp is new, or forgotten."""
        self._ids = ids
        self._grid.clear()
        self._grid.show(class_="grid folded" if is_folded else "grid few" if len(ids) <= FEW else "grid")
        with self._grid:
            if not ids:
                Tag("p", self._words("Nothing was heard yet. A lamp appears here by itself."), class_="fact")
            kind = GroupTile if is_folded else Tile
            self._tiles = {id: kind(id, self._words) for id in ids}


class Tile:
    """One lamp, small."""

    def __init__(self, id: str, words: Words) -> None:
        self._id, self._words = id, words
        with Tag("a", href=f"/lamp?id={quote(id, safe='')}") as self._tile:
            self._lamp = Tag("span", role="img")
            Tag("b", printable(id.rpartition("/")[2] or id), title=printable(id))
            self._light = Tag("span", class_="number")
            self._state = Tag("span", class_="fact")

    def show(self, lamp: Lamp, now: float) -> None:
        """Its light, its LED, and whether it is there."""
        words, state, presence = self._words, state_of(lamp), presence_of(lamp, now)
        self._tile.show(class_=f"tile {state} {presence}")
        self._lamp.show(
            class_=f"bulb {state}", aria_label=words("LED of {id}: {state}", id=printable(self._id), state=words(state))
        )
        self._light.show("-" if lamp.light is None else f"{lamp.light:,}")
        self._state.show(words(state) if presence == "online" else words(presence))


class GroupTile:
    """Many lamps in one: their number, and a sign for each."""

    def __init__(self, name: str, words: Words) -> None:
        self._words = words
        with Tag("a", href=f"/?group={quote(name, safe='')}", class_="tile group"):
            self._name = Tag("b")
            self._signs = Tag("span", class_="signs", aria_hidden="true")
            self._summary = Tag("span", class_="fact")

    def show(self, lamps: list[Lamp], now: float) -> None:
        """From which to which, how many are on, silent or offline, and a sign for each."""
        first, last = (printable(lamp.id) for lamp in (lamps[0], lamps[-1]))
        self._name.show(first if len(lamps) == 1 else self._words("{first} to {last}", first=first, last=last))
        self._summary.show(summary(self._words, lamps, now))
        self._signs.show("".join(SIGNS[sign_of(lamp, now)] for lamp in lamps))


def sign_of(lamp: Lamp, now: float) -> str:
    """What is to be seen first: whether it is there; then whether its LED is on."""
    presence = presence_of(lamp, now)
    return state_of(lamp) if presence == "online" else presence


def summary(words: Words, lamps: list[Lamp], now: float) -> str:
    """How many there are, and of what."""
    count = Counter(sign_of(lamp, now) for lamp in lamps)
    all_of_them = words("1 lamp") if len(lamps) == 1 else words("{count} lamps", count=len(lamps))
    parts = [all_of_them, words("{count} on", count=count["on"])]
    parts += [words(f"{{count}} {what}", count=count[what]) for what in ("silent", "offline") if count[what]]
    return " · ".join(parts)


def group_lamps(lamps: list[Lamp], served: str) -> Groups:
    """By what stands for the first of several `+`; what is too many, and all else, in the order of the ids."""
    levels = served.split("/")
    first = levels.index("+") if levels.count("+") > 1 else None
    blocks: dict[str, list[Lamp]] = {}
    for lamp in sorted(lamps, key=lambda lamp: natural(lamp.id)):
        name = lamp.id.split("/")[first] if first is not None else ""
        blocks.setdefault(name, []).append(lamp)
    groups: Groups = {}
    for name, block in blocks.items():
        size = MOST_TILES if name else GROUP
        for number, start in enumerate(range(0, len(block), size), start=1):
            groups[name if len(block) <= size else f"{name}/{number}"] = block[start : start + size]
    return groups
