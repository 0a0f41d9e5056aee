"""Runs in MicroPython: a stand-in for a board's module `network`. Its Wi-Fi is there, unless a file says otherwise."""

import os

STA_IF = 0
NO_WIFI = os.getenv("NO_WIFI")  # where there is a file of this name, there is no Wi-Fi


class WLAN:
    """What link.py needs of it. As on a Pico W, Wi-Fi that was lost has to be joined again."""

    PM_NONE = 0
    _status = 0

    def __init__(self, interface):
        pass

    def active(self, is_active):
        pass

    def config(self, pm):
        pass

    def connect(self, name, password):
        self._status = 3 if is_there() else -2  # CYW43_LINK_UP, CYW43_LINK_NONET

    def disconnect(self):
        self._status = 0

    def isconnected(self):
        if not is_there():
            self._status = min(self._status, 0)
        return self._status == 3

    def status(self):
        return self._status


def is_there():
    """The Wi-Fi."""
    try:
        os.stat(NO_WIFI or "")
        return False
    except OSError:
        return True
