"""A stand-in for the name service and the clock, which a test cannot change for one process alone.

Python imports it at the start of each program that has this folder on its PYTHONPATH. In the folder
that FAULTS names, the file `no-names` makes names fail, and the file `clock` holds by how many
seconds the clock is wrong. Without them, broker.test is this machine, and the clock is right.
"""

import datetime
import os
import socket
import time
from typing import Any

FOLDER = os.environ["FAULTS"]
NAME = "broker.test"  # reserved for tests (RFC 6761), so no real name service has it

real_getaddrinfo = socket.getaddrinfo
real_time = time.time


def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
    if host != NAME:
        return real_getaddrinfo(host, *arguments, **options)
    if os.path.exists(f"{FOLDER}/no-names"):  # noqa: PTH110 (pathlib would take a tenth of a second to import)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return real_getaddrinfo("127.0.0.1", *arguments, **options)


def wrong_time() -> float:
    """time.monotonic() is untouched: setting a clock does not move it."""
    try:
        with open(f"{FOLDER}/clock") as file:
            offset = float(file.read())
        open(f"{FOLDER}/clock-was-read", "w").close()
        return real_time() + offset
    except (OSError, ValueError):
        return real_time()


class WrongDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "WrongDatetime":
        return cls.fromtimestamp(wrong_time(), tz)

    @classmethod
    def utcnow(cls) -> "WrongDatetime":
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


socket.getaddrinfo = getaddrinfo
time.time = wrong_time
datetime.datetime = WrongDatetime  # type: ignore[misc]
