"""As if paho did not know `_create_socket()` any more: every connection uses paho's own loop.

    PYTHONPATH=tests/kit/ordinary_loop python3 run.py test

Python imports a module of this name when it starts; the tests, and each program that they start, find it there.
"""

import contextlib
from typing import Any


def forget_the_hook(kind: Any) -> None:
    if "_create_socket" in vars(kind):
        del kind._create_socket


with contextlib.suppress(ImportError):  # a Python without paho-mqtt, as run.py's own is
    import paho.mqtt.client as mqtt

    mqtt.Client.__init_subclass__ = classmethod(forget_the_hook)  # type: ignore[assignment]
