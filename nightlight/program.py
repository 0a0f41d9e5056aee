"""How a script begins and ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
"""SIGHUP comes when a terminal is closed; SIGBREAK is Windows' own: how run.py ends its parts there."""

LONGEST_GOODBYE = 5.0  # seconds after which a program that was asked to end does, whatever hangs
LAST_WORDS = 1.0  # seconds that a program which has ended waits for a terminal to take what it has said


class BadOption(ValueError):
    """An option that cannot be, which only became clear on this machine."""


def begin() -> None:
    """To be called before a script's other imports, which take their time.

    From now on Ctrl+C and SIGTERM end it without a word; if Python or a package is not there, one line says so.
    """
    _on_stopping(lambda *_: os._exit(0))
    from nightlight import packages  # here, and not above: so that the line before comes as early as it can

    packages.check({"paho-mqtt 2": "paho.mqtt.enums", "ConfigArgParse": "configargparse"})


def run(main: Callable[[], None]) -> None:
    """Run a script's main(), and end the program as its user would expect.

    Exit status 0 on Ctrl+C and SIGTERM, 1 with one line on an error that nobody foresaw, 2 with one line
    for a bad option. Never a traceback.
    """
    import logging
    from pathlib import Path

    from nightlight import notices

    notices.start_printing()
    status: str | int | None = 0
    try:
        _on_stopping(_stop)
        main()
    except KeyboardInterrupt:
        pass
    except SystemExit as end:
        status = end.code
    except BadOption as error:
        script = "/".join(Path(sys.argv[0]).parts[-2:])
        print(f"{script}: {error} (--help tells more)", file=sys.stderr)
        status = 2
    except Exception as error:
        logging.getLogger("nightlight").debug("The program's error:", exc_info=True)
        notices.warn(f"The program has to stop: {error!r}. With --verbose it says more.")
        status = 1
    if not notices.finish_printing(LAST_WORDS):
        os._exit(status if isinstance(status, int) else 1)  # Python itself would wait for the terminal
    sys.exit(status)


def give_way() -> None:
    """Let the other programs on this machine finish what they are at before this one has its turn.

    For one of several servers: otherwise they interrupt the broker, and each other, for each single message. To be
    called before other threads are started. Linux only (sched(7), SCHED_BATCH); elsewhere nothing happens.
    """
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):  # forbidden, as in some containers
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _on_stopping(act: Callable[..., object]) -> None:
    for name in STOPPING:
        if signal.getsignal(name) != signal.SIG_IGN:  # as nohup leaves SIGHUP
            signal.signal(name, act)


def _stop(*_: object) -> None:
    """Once is enough: a second Ctrl+C must not come between us and the goodbye."""
    for name in STOPPING:
        signal.signal(name, signal.SIG_IGN)
    import threading

    end = threading.Timer(LONGEST_GOODBYE, os._exit, [0])
    end.daemon = True
    end.start()
    raise KeyboardInterrupt
