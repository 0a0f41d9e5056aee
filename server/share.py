"""Share: which of several servers speaks for which group?

Each server says every second that it is here, and each group belongs to the one of them for which a hash of the
group's and the server's name is the highest (rendezvous hashing). So they all find the same without asking. Who
does not say so any longer, or whose last will says that it has gone, loses its groups to the next ones, and nobody
else's changes hands. A server that comes only listens at first: until it has heard every member, if others are
there; for a moment, if there is nobody.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from urllib.parse import quote

from nightlight.link import Link
from nightlight.messages import Presence

GONE_AFTER = 4.0  # seconds in which a server said nothing
ALONE_AFTER = 1.5  # seconds in which no other server was heard


class Share:
    """Who of the servers that share the groups is here."""

    def __init__(self, name: str, user: str | None, fresh: float, timer: Callable[[], float] = time.monotonic) -> None:
        """`name` is what these servers have in common. After `fresh` seconds one has heard every member.

        A server's own name is that of its user, if it has one, and otherwise by chance.
        """
        self.me = f"{name}/{quote(user, safe='') if user else secrets.token_hex(4)}"
        self._fresh = fresh
        self._timer = timer
        self._heard_at: dict[str, float] = {}
        self._began = timer()
        self._is_here = False  # whether we say so

    def begin(self) -> None:
        """There is a new connection: who else is there?"""
        self._heard_at.clear()
        self._began = self._timer()
        self._is_here = False

    def hear(self, server: str, presence: Presence) -> None:
        """A server is here, or has gone."""
        if server == self.me:
            return
        if presence.is_here:
            self._heard_at[server] = self._timer()
        else:
            self._heard_at.pop(server, None)

    def say(self, link: Link) -> None:
        """Each second: that we are here, as soon as we are."""
        now = self._timer()
        self._heard_at = {
            server: heard_at for server, heard_at in self._heard_at.items() if now - heard_at < GONE_AFTER
        }
        if not self._is_here:
            self._is_here = now - self._began > (self._fresh if self._heard_at else ALONE_AFTER)
        if self._is_here:
            link.publish(Presence.topic(self.me), Presence(is_here=True))

    def is_mine(self, group: str) -> bool:
        """Whether it is for this server to speak for the group."""
        return self._is_here and all(_rank(self.me, group) > _rank(server, group) for server in self._heard_at)


def _rank(server: str, group: str) -> bytes:
    return hashlib.blake2b(f"{server} {group}".encode(), digest_size=8).digest()
