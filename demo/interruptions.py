"""Ctrl+C and its like."""

from __future__ import annotations

import signal

STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
"""SIGHUP comes when a terminal is closed; SIGBREAK is Windows' own."""


class Interruptions:
    """Turns the first of them into KeyboardInterrupt, and no other: nothing may come between us and the end of all.

    `with interruptions:` holds it back until the block is done, as it must not come between starting a program and
    knowing of it.
    """

    def __init__(self) -> None:
        self._came = self._held = False
        for number in STOPPING:
            signal.signal(number, self._interrupt)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)  # run.py has held them back until now

    def _interrupt(self, *_: object) -> None:
        self._came = True
        if not self._held:
            self._held = True
            raise KeyboardInterrupt

    def hold(self) -> None:
        """Let none come any more."""
        self._held = True

    def __enter__(self) -> None:
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False
        if self._came:
            self._interrupt()
