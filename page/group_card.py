"""GroupCard: what is decided for a group, how, who was left out and why; and a switch for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from functools import partial
from heapq import nsmallest
from urllib.parse import quote

from nicegui import ui
from nicegui.events import GenericEventArguments

from nightlight.link import Link
from nightlight.messages import Override
from nightlight.notices import printable
from nightlight.rule import Rule
from page.census import Census, count
from page.face import BULB, on_or_off
from page.groups import Group
from page.lamps import Lamp, Lamps, natural
from page.switch import Switch
from page.tag import Tag
from page.words import Words

MOST_CARDS = 12  # on one page
MOST_NAMES = 100  # in one list; of more, the first are shown

MADE_OF = {
    "median": "median of {sensors}: light {light}; dark below {threshold}",
    "mean": "mean of {sensors}: light {light}; dark below {threshold}",
    "quorum": "quorum of {sensors}: dark for {dark}; dark below {threshold}",
}

DISAGREE = {
    False: "{count} disagree (light on the other side of {threshold}): probably broken",
    True: "most disagree: {count} (light on the other side of {threshold})",
}
"""By whether those are most of them. Then it is not they who are wrong: the decision is late, or a mean far off."""


class GroupCards:
    """A card for each group that was announced; nothing where there is none."""

    def __init__(self, words: Words, rule: Rule, lamps: Lamps, link: Link) -> None:
        self._words, self._rule, self._lamps, self._link = words, rule, lamps, link
        self._cards: dict[str, GroupCard] = {}
        self._all = Tag("div", class_="group-cards", hidden=True)
        self._more = Tag("p", class_="fact", hidden=True)

    def show(self, part: list[Lamp] | None, now: float, is_connected: bool) -> None:
        """All that there are; where only a `part` of the lamps is shown, the groups of these."""
        groups = {group.name: group for group in self._lamps.groups}
        members: dict[str, list[Lamp]] = {name: [] for name in groups}
        name_of = self._lamps.groups.name_of
        for lamp in self._lamps if groups else ():
            name = name_of(lamp.id)
            if name in members:
                members[name].append(lamp)
        names = sorted(groups if part is None else groups.keys() & {name_of(lamp.id) for lamp in part}, key=natural)
        self._more.show(self._words("and {count} more", count=number(names[MOST_CARDS:])),
                        hidden=None if len(names) > MOST_CARDS else True)  # fmt: skip
        names = names[:MOST_CARDS]
        if self._cards.keys() != set(names):
            self._build(names)
        for name in names:
            self._cards[name].show(groups[name], members[name], now, is_connected)

    def _build(self, names: list[str]) -> None:
        """Another set of cards: a group is new, or forgotten. The others stay as they are: somebody may use them."""
        self._all.show(hidden=None if names else True)
        for name in self._cards.keys() - names:
            self._cards.pop(name).section.delete()
        for place, name in enumerate(names):
            if name not in self._cards:
                with self._all:
                    self._cards[name] = GroupCard(name, self._words, self._rule, partial(self._send, name))
                self._cards[name].section.move(target_index=place)

    def _send(self, name: str, override: Override) -> bool:
        return self._link.publish(Override.topic(name), override)


class GroupCard:
    """One group at a glance. Names are in lists that who wants to see them opens."""

    def __init__(self, name: str, words: Words, rule: Rule, send: Callable[[Override], bool]) -> None:
        self._words, self._rule, self._name = words, rule, printable(name)
        self.section = Tag("section", class_="card group-card", aria_label=words("The group {group}", group=self._name))
        with self.section:
            self._lamp = Tag("div", role="img", class_="lamp")
            with self._lamp:
                ui.html(BULB, sanitize=False)
            with Tag("div", class_="facts"):
                Tag("h2", self._name)
                with Tag("p", class_="led"):
                    self._state = Tag("span", class_="state")
                    self._since = Tag("span", class_="unit")
                self._decided, self._made = (Tag("p", class_="fact") for _ in range(2))
                self._trouble = Tag("p", class_="fact problem", role="status")
            with Tag("div", class_="members"):
                self._members = Tag("p")
                self._lists = [Names(words) for _ in range(5)]
            self._switch = Switch(words, send, Group(name), self._name)

    def show(self, group: Group, members: Iterable[Lamp], now: float, is_connected: bool) -> None:
        """All that is known of it, or was when the connection was lost."""
        if not group.state:
            return
        words, clock = self._words, self._words.clock
        census = count(group, members, self._rule, now)
        is_true = is_connected and census.is_answered
        state = on_or_off(group.decision(now))
        self._lamp.show(
            aria_label=words("Decision for {group}: {state}", group=self._name, state=words(state)),
            class_=f"lamp {state}{'' if is_true else ' stale'}",
        )
        since = clock(group.since(now), now)
        self._state.show(words(state))
        self._since.show(words("since {time}" if group.is_since_then else "since before {time}", time=since))
        self._decided.show(words("the server decided" if group.wanted(now) is None else "a person decided"))
        self._made.show(self._made_text(group, census))
        self._trouble.show(
            "" if census.is_answered else words("No server answers. This was decided {time}.", time=since)
        )
        left_out = census.members - len(census.fresh)
        self._members.show(words("members: {count}, left out: {left_out}",
                                 count=f"{census.members:,}", left_out=f"{left_out:,}"))  # fmt: skip
        for names, (which, what) in zip(self._lists, self._lists_of(group, census, state), strict=True):
            names.show(which, what)
        self._switch.show(group, now, is_connected, words("The server decides by the light of all."))

    def _lists_of(self, group: Group, census: Census, state: str) -> list[tuple[list[Lamp], str]]:
        """Who does not count and why, and then who is not as the others, with what is said of them."""
        assert group.state
        words, seconds, threshold = self._words, f"{group.state.fresh:g}", f"{self._rule.threshold:,}"
        return [
            (census.offline, words("{count} offline", count=number(census.offline))),
            (
                census.silent,
                words("{count} silent: no reading for {seconds} s", count=number(census.silent), seconds=seconds),
            ),
            (census.unheard, words("{count} of which no reading was heard", count=number(census.unheard))),
            (
                census.disagree,
                words(DISAGREE[census.most_disagree], count=number(census.disagree), threshold=threshold),
            ),
            (
                census.differ,
                words("{count} whose LED is not (yet) {state}", count=number(census.differ), state=words(state)),
            ),
        ]

    def _made_text(self, group: Group, census: Census) -> str:
        assert group.state
        words, fresh = self._words, len(census.fresh)
        if census.light is None:
            return words("no sensor is fresh: what was decided last holds")
        sensors = words("1 fresh sensor") if fresh == 1 else words("{count} fresh sensors", count=f"{fresh:,}")
        light, dark, threshold = (f"{number:,}" for number in (census.light, census.dark, self._rule.threshold))
        return words(MADE_OF[group.state.by], sensors=sensors, light=light, dark=dark, threshold=threshold)


class Names:
    """How many lamps, and of what; opened, their names. The browser has none before, and never too many."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._is_open = False
        self._lamps: list[Lamp] = []
        self._rows: list[tuple[Tag, Tag]] = []
        with Tag("details", class_="names", hidden=True) as self._all:
            self._what = Tag("summary")
            self._list = Tag("ul")
            self._more = Tag("p", class_="fact", hidden=True)
        self._all.on("toggle", self._open, js_handler="event => emit(event.target.open)")

    def show(self, lamps: list[Lamp], what: str) -> None:
        """These; `what` says how many there are, and of what."""
        self._lamps = lamps
        self._what.show(what)
        self._all.show(hidden=None if lamps else True)
        if self._is_open:
            self._show_names()

    def _open(self, event: GenericEventArguments) -> None:
        self._is_open = event.args is True
        self._show_names()

    def _show_names(self) -> None:
        shown = nsmallest(MOST_NAMES, self._lamps, key=lambda lamp: natural(lamp.id)) if self._is_open else []
        with self._list:
            while len(self._rows) < len(shown):
                with Tag("li") as row:
                    self._rows.append((row, Tag("a")))
        for (row, name), lamp in zip(self._rows, shown, strict=False):
            name.show(printable(lamp.id.rpartition("/")[2]), href=f"/lamp?id={quote(lamp.id, safe='')}")
            row.show(hidden=None)
        for row, _ in self._rows[len(shown) :]:
            row.show(hidden=True)
        more = len(self._lamps) - len(shown)
        self._more.show(self._words("and {count} more", count=f"{more:,}"), hidden=None if more else True)


def number(of: Sized) -> str:
    """How many."""
    return f"{len(of):,}"
