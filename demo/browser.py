"""The browser of whoever sits before this machine, if there is one."""

from __future__ import annotations

import os
import subprocess
import sys


def open_in_browser(url: str) -> None:
    """Open a page there, and do not wait for it; nothing happens without a display: a text browser would disturb."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    # As a program of its own: what browsers print does not belong here, and Ctrl+C is not for them.
    subprocess.Popen(
        [sys.executable, "-m", "webbrowser", url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
    )
