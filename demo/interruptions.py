"""Ctrl+C and its like."""

from __future__ import annotations

import signal
import sys

STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
"""SIGHUP comes when a terminal is closed; SIGBREAK is Windows' own."""


class Interruptions:
    """Turns the first of them into KeyboardInterrupt, and no other: nothing may come between us and the end of all.

    `with interruptions:` holds it back until the block is done, as it must not come between starting a program and
    knowing of it.
    """

    def __init__(self) -> None:
        self._came = self._held = False
        sys.unraisablehook = _unless_interrupted
        for number in STOPPING:
            signal.signal(number, self._interrupt)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)  # run.py has held them back until now

    def _interrupt(self, *_: object) -> None:
        self._came = True
        if not self._held:
            self._held = True
            raise KeyboardInterrupt

    def check(self) -> None:
        """KeyboardInterrupt if one came that was lost: Python ignores what is raised while it tidies up an import."""
        if self._came:
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


def _unless_interrupted(lost: sys.UnraisableHookArgs) -> None:
    """Python tells of an error that it ignores; of an interruption it need not, since check() finds it."""
    if not isinstance(lost.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
