"""Flow: the way of a reading and of a command, with a pulse at each real message, and the messages themselves."""

from __future__ import annotations

import json

from nicegui.events import GenericEventArguments

from page.face import presence_of
from page.lamps import LAST, Heard, Lamp
from page.tag import Tag
from page.words import Words

ANSWER_WITHIN = 3.0  # seconds in which a server that is there answers a reading
PULSES = ("telemetry", "commands", "led")


class Flow:
    """Light sensor, device, broker and server, with what travels between them."""

    def __init__(self, words: Words) -> None:
        self._words = words
        with Tag("section", class_="card flow"):
            Tag("h2", words("The flow"))
            with Tag("div", class_="way"):
                self._places: dict[str, Tag] = {}
                self._states: dict[str, Tag] = {}
                for name in ("board", "device", "broker", "server"):
                    with Tag("div", class_=f"place {name}") as self._places[name]:
                        if name == "board":
                            Tag("b", words("light sensor"))
                            Tag("b", words("LED"))
                        else:
                            Tag("b", words(name))
                            self._states[name] = Tag("span")
                for step in (1, 2, 3):
                    Tag("div", class_=f"lane up step{step}", aria_hidden="true")
                    Tag("div", class_=f"lane down step{step}", aria_hidden="true")
            with Tag("dl", class_="wire"):
                self._newest: dict[str, Tag] = {}
                for kind in ("telemetry", "commands"):
                    Tag("dt", f"{kind} {'→' if kind == 'telemetry' else '←'}")
                    self._newest[kind] = Tag("dd", words("nothing yet"))

    def show(self, lamp: Lamp, now: float, is_connected: bool, heard: list[Heard]) -> None:
        """Where it stops, the newest payloads, and a pulse for each of what was just `heard`."""
        words = self._words
        presence = presence_of(lamp, now)
        answers = lamp.is_answered(now, ANSWER_WITHIN)
        knows_server = lamp.light is not None and is_connected
        stopped = {
            "board": is_connected and presence != "online",
            "device": is_connected and presence == "offline",
            "broker": not is_connected,
            "server": knows_server and not answers and presence == "online",
        }
        for name, place in self._places.items():
            place.show(class_=f"place {name}{' stopped' if stopped[name] else ''}")
        self._states["device"].show(words(presence if lamp.messages and is_connected else "unknown"))
        self._states["broker"].show(words("connected" if is_connected else "lost"))
        self._states["server"].show(
            words("no answer" if stopped["server"] else "answers" if lamp.commanded_at and knows_server else "unknown")
        )
        for kind, payload in {message.kind: message.payload for message in lamp.messages}.items():
            if kind in self._newest:
                self._newest[kind].show(payload)
        if pulses := [message.kind for message in heard[-3:] if message.kind in PULSES and not message.problem]:
            place = self._places["board"]
            place.client.run_javascript(f"nightlight.pulse({json.dumps(pulses)})")


class Messages:
    """The last twenty, newest first, which can be held still and read."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._is_held = False
        self._shown: list[Heard] = []
        with Tag("details", class_="card messages", open=True):
            with Tag("summary"):
                Tag("h2", words("Last messages"))
            with Tag("label", class_="hold"):
                Tag("input", type="checkbox").on("change", self._hold, js_handler="event => emit(event.target.checked)")
                Tag("span", words("hold still"))
            with Tag("ol", tabindex=0, aria_label=words("Last messages")):
                self._rows = []
                for _ in range(LAST):
                    with Tag("li", hidden=True) as row:
                        self._rows.append((row, Tag("time"), Tag("code", class_="topic"), Tag("code"), Tag("i")))

    def show(self, lamp: Lamp, now: float) -> None:
        """What is new, unless it is held still."""
        newest = list(reversed(lamp.messages))
        if self._is_held or newest == self._shown:
            return
        self._shown = newest
        for (row, at, topic, payload, problem), heard in zip(self._rows, newest, strict=False):
            row.show(hidden=None, class_="ignored" if heard.problem else None)
            at.show(self._words.clock(heard.time, now))
            topic.show(heard.topic)
            payload.show(heard.payload)
            problem.show(self._words("ignored: {problem}", problem=heard.problem) if heard.problem else "")

    def _hold(self, event: GenericEventArguments) -> None:
        self._is_held = event.args is True
