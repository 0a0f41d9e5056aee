"""The server's options."""

from __future__ import annotations

from argparse import Namespace

from nightlight.messages import MAX_LIGHT
from nightlight.rule import DEFAULT_THRESHOLD
from nightlight.settings import SettingsParser, seconds, whole_number


def read_settings() -> Namespace:
    """The server's options, from the command line and the environment."""
    parser = SettingsParser(
        "server/app.py", "Listens to the light, decides whether it is dark, and answers.", wildcards=True
    )
    parser.add_argument(
        "--threshold", type=whole_number(0, MAX_LIGHT), default=DEFAULT_THRESHOLD, help="it is dark below this light"
    )
    parser.add_argument("--stale", type=seconds(0.1, 1e9), default=30, help="seconds: an older reading is not answered")
    return parser.read()
