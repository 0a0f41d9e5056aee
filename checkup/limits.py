"""What limits a broker that many devices share, and how each limit is raised. Needs nothing but Python.

The figures are those of Mosquitto 2.0.11 and 2.1.2 as they come, and were found by trying.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MANY = 10_000
"""Who has room for so many is told nothing more."""

OWN_FILES = 10
"""What a broker has open beside its connections: Mosquitto 9 with one listener, the embedded one 8."""

NEARLY = 0.9
"""What is so full is called full: a client more, and it may be."""

LISTENS, STANDS = "0A", "01"
"""States of a connection in /proc/net/tcp: TCP_LISTEN and TCP_ESTABLISHED of Linux's include/net/tcp_states.h."""


def raise_files_of(service: str) -> str:
    """How a service of systemd may open more files (systemd.exec(5), LimitNOFILE)."""
    return (
        f"sudo systemctl edit {service}, write the two lines [Service] and LimitNOFILE={2 * MANY}, and then enter"
        f" sudo systemctl restart {service}"
    )


RAISE_QUEUE = f"For more, write max_queued_messages {MANY} into mosquitto.conf, and start the broker again."
RAISE_FILES = f"For more, enter ulimit -n {2 * MANY} in a terminal, and start the broker there."
LOOK_THERE = (
    "There, grep 'open files' /proc/$(pidof mosquitto)/limits tells: each client is one. For more, enter there "
    + raise_files_of("mosquitto")
)


@dataclass(frozen=True)
class OpenFiles:
    """How many files a broker on this machine may open: each connection is one."""

    most: int
    connected: int  # how many clients are, now
    service: str = ""  # which service of systemd it is; empty if somebody has started it by hand

    @property
    def clients(self) -> int:
        """How many it has room for."""
        return max(0, self.most - OWN_FILES)

    @property
    def is_full(self) -> bool:
        return self.connected >= NEARLY * self.clients

    @property
    def remedy(self) -> str:
        """How it may open more."""
        return RAISE_FILES if not self.service else f"For more, enter {raise_files_of(self.service)}"

    def __str__(self) -> str:
        about = self.clients if self.clients < 100 else round(self.clients, -2)
        return f"about {about:,} find room, for it may open {self.most:,} files; {self.connected:,} are connected now"


def open_files(port: int) -> OpenFiles | None:
    """Those of the broker that listens on this port of this machine; None where that cannot be told.

    Only Linux tells, and it has to be a broker that is known here: Mosquitto, or the embedded one.
    """
    sockets = set(_sockets(port, LISTENS))
    hidden = []  # brokers of other users: nobody else is told what they have open
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            try:
                is_it = any(_target(file) in sockets for file in (process / "fd").iterdir())
            except PermissionError:
                if _is_broker(process):
                    hidden.append(process)
                continue
            if is_it:
                return read(process, port) if _is_broker(process) else None
    with suppress(OSError):
        return read(hidden[0], port) if sockets and len(hidden) == 1 else None
    return None


def _sockets(port: int, state: str) -> Iterator[str]:
    """Those of this port in this state, by the names that they have among a process's files (proc(5))."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == state and int(columns[1].rpartition(":")[2], 16) == port:
                    yield f"socket:[{columns[9]}]"


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:  # closed meanwhile
        return ""


def _is_broker(process: Path) -> bool:
    if (process / "comm").read_text().strip() == "mosquitto":
        return True
    return b"iotcore" in (process / "cmdline").read_bytes().split(b"\0")


def read(process: Path, port: int) -> OpenFiles | None:
    """What the process in this folder of /proc may open, if it is the broker on this port."""
    most = re.search(r"^Max open files +(\d+)", (process / "limits").read_text(), re.MULTILINE)
    service = re.search(r"/system\.slice/([^/\n]+)\.service$", (process / "cgroup").read_text(), re.MULTILINE)
    connected = sum(1 for _ in _sockets(port, STANDS))
    return OpenFiles(int(most[1]), connected, service[1] if service else "") if most else None
