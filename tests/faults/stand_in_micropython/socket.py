"""Runs in MicroPython: its module `socket`, with the name service of sitecustomize.py beside here."""

import os

from usocket import *
from usocket import getaddrinfo as real_getaddrinfo

NO_NAMES = os.getenv("FAULTS") + "/no-names"


def getaddrinfo(host, port):
    if host != "broker.test":
        return real_getaddrinfo(host, port)
    try:
        os.stat(NO_NAMES)
    except OSError:
        return real_getaddrinfo("127.0.0.1", port)
    raise OSError("[addrinfo error -3]")  # EAI_AGAIN, as MicroPython's Unix port says it
