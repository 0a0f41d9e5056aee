"""A network of one's own, in which port 1883 is free. Linux only."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
"""From Linux' sockios.h and if.h."""


def command() -> list[str]:
    """What to put before a command, so that it and all that it starts are alone in a network, and end together.

    Among the processes, too, they see only each other.
    """
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *user, "--net", "--pid", "--mount-proc", "--fork", "--kill-child"]


def is_possible() -> bool:
    """Whether this system lets us."""
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    return subprocess.run([*command(), "true"], capture_output=True, check=False).returncode == 0


def bring_up() -> None:
    """Inside such a network: switch its only device on, `lo`."""
    with socket.socket() as anything:
        asked = fcntl.ioctl(anything, SIOCGIFFLAGS, struct.pack("16sh22x", b"lo", 0))
        flags = struct.unpack("16sh22x", asked)[1]
        fcntl.ioctl(anything, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))
