"""The server's options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nightlight.settings import Settings, SettingsParser, seconds


@dataclass(frozen=True)
class ServerSettings(Settings):
    """Those of both scripts, and:"""

    stale: float  # seconds


def read_settings(arguments: Sequence[str] | None = None) -> ServerSettings:
    """The server's options, from the command line and the environment."""
    parser = SettingsParser(
        "server/app.py", "Listens to the light, decides whether it is dark, and answers.", wildcards=True
    )
    parser.add_argument("--stale", type=seconds(0.1, 1e9), default=30, help="seconds: an older reading is not answered")
    return ServerSettings(**parser.read(arguments))
