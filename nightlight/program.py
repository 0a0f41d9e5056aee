"""How a script begins and ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from nightlight.notices import warn

STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
"""SIGHUP comes when a terminal is closed; SIGBREAK is Windows' own: how run.py ends its parts there."""

LONGEST_GOODBYE = 5.0
"""Seconds after which a program that was asked to end does, whatever hangs."""


def run(main: Callable[[], None]) -> None:
    """Run a script's main(), and end the program as its user would expect.

    Exit status 0 on Ctrl+C and SIGTERM, 1 with one line on an error that nobody foresaw. Never a traceback.
    """
    for name in STOPPING:
        if signal.getsignal(name) != signal.SIG_IGN:  # as nohup leaves SIGHUP
            signal.signal(name, _stop)
    try:
        main()
    except KeyboardInterrupt:
        pass
    except Exception as error:
        logging.getLogger("nightlight").debug("The program's error:", exc_info=True)
        warn(f"The program has to stop: {error!r}. With --verbose it says more.")
        sys.exit(1)


def _stop(*_: object) -> None:
    """Once is enough: a second Ctrl+C must not come between us and the goodbye."""
    for name in STOPPING:
        signal.signal(name, signal.SIG_IGN)
    end = threading.Timer(LONGEST_GOODBYE, os._exit, [0])
    end.daemon = True
    end.start()
    raise KeyboardInterrupt


def wait_for_ctrl_c() -> None:
    """Keep the program running while the link's thread does the work."""
    while True:
        time.sleep(60)  # not Event.wait(): on Windows, Ctrl+C would not end that
