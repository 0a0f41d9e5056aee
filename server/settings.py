"""The server's options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nightlight.link import Link
from nightlight.messages import (
    METHODS,
    GroupState,
    LedState,
    Message,
    Method,
    Override,
    Presence,
    Status,
    Telemetry,
)
from nightlight.program import give_way
from nightlight.settings import Settings, SettingsParser, explained, seconds
from server.devices import Devices
from server.groups import Groups
from server.share import Share


@dataclass(frozen=True)
class ServerSettings(Settings):
    """Those of both scripts, and:"""

    stale: float  # seconds
    group: Method | None
    fresh: float  # seconds
    share: str | None

    @property
    def topics(self) -> list[tuple[str, type[Message]]]:
        """What to listen to: topic filters, with the kind of message that is there.

        In this order comes what is retained, and what finds no room in the broker's queue is lost: of Mosquitto, as it
        comes, all beyond 1,020 messages. So the few that all depend on come first, and the status of each device last.
        """
        telemetry = Telemetry.topic(self.id)
        topics: list[tuple[str, type[Message]]] = [(Override.topic(self.id), Override)]
        if self.group:
            topics = [*self._topics_of_groups, *topics, (Status.topic(self.id), Status)]
        elif self.shares_readings:
            telemetry = f"$share/{self.share}/{telemetry}"
            if self.rule.hysteresis:  # which needs to know whether the LED is on
                topics.append((LedState.topic(self.id), LedState))
        return [(telemetry, Telemetry), *topics]

    @property
    def shares_readings(self) -> bool:
        return bool(self.share and not self.group)  # those of a group must come together in one place

    @property
    def _topics_of_groups(self) -> list[tuple[str, type[Message]]]:
        topics: list[tuple[str, type[Message]]] = []
        if groups := self.id.rpartition("+")[0].rstrip("/"):  # under '+' alone there is one, without a name
            topics += [(GroupState.topic(groups), GroupState), (Override.topic(groups), Override)]
        if self.share:
            topics.append((Presence.topic(f"{self.share}/+"), Presence))
        return topics


def open_devices(link: Link, settings: ServerSettings) -> Devices | Groups:
    """Each device decided for by itself, or all of a group at once."""
    if settings.share:
        give_way()  # the servers of a share may be on one machine, and the broker with them
    if not settings.group:
        return Devices(settings.rule, settings.stale, is_shared=bool(settings.share))
    share = None
    if settings.share:
        broker = settings.brokers[0]
        share = Share(settings.share, broker.user if broker.trust.ca else None, settings.fresh)
        link.say_at_the_end(Presence.topic(share.me), Presence(is_here=False))
    return Groups(settings.id, settings.group, settings.rule, settings.fresh, link, share)


def read_settings(arguments: Sequence[str] | None = None) -> ServerSettings:
    """The server's options, from the command line and the environment."""
    parser = SettingsParser(
        "server/app.py", "Listens to the light, decides whether it is dark, and answers.", wildcards=True
    )
    parser.add_argument("--stale", type=seconds(0.1, 1e9), default=30, help="seconds: an older reading is not answered")
    many = parser.add_argument_group("many devices").add_argument
    many("--group", choices=METHODS, help="one decision for all ids under the last '+' of --id")
    many("--fresh", type=seconds(0.1, 1e9), default=15, help="seconds: in a group an older reading does not count")
    many("--share", metavar="NAME", type=explained(_share_name), help="servers with the same NAME share the work")
    settings = ServerSettings(**parser.read(arguments))
    if settings.group and "+" not in settings.id:
        parser.error("argument --group: the ids of a group are under a '+' in --id, as in --id 'stadium/+'")
    return settings


def _share_name(text: str) -> str:
    """One level of a topic (MQTT 5 section 4.8.2)."""
    if not text or not text.isprintable() or set(text) & set("/+# "):
        raise ValueError(f"{text!r} is no name like 'stadium', without '/', '+', '#' and blanks")
    return text
