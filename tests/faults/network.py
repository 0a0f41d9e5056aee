"""A network that can fail: a proxy between a script and its broker, or its board."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time

from tests.kit.programs import free_port

PACKET = 1460
"""Bytes: the most that one TCP segment carries over Ethernet."""


class Proxy:
    """Passes bytes on, until it is told to do worse.

    Whether it listens (refuse, welcome) and what it does with the bytes (stall, slow, lose, turn_away,
    flow) are independent of each other: two faults at once may each set one of them.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = free_port()
        self._connections: set[socket.socket] = set()
        self._forgotten: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self._closing = False
        self.accepted = 0
        self.lost = 0
        """How many packets lose() has swallowed."""
        self.flow()
        self.welcome()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    # ---- is there anybody? ----

    def refuse(self) -> None:
        """Close every connection, and listen no more."""
        listener, self._listener = self._listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)  # ends _accept()
            self._acceptor.join(5)
            listener.close()
        self.cut()

    def welcome(self) -> None:
        """Listen."""
        if not self._listener:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
            self._acceptor.start()

    def cut(self) -> None:
        """Close every connection; new ones are welcome."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Nothing arrives on the connections that there are, and nobody is told; new ones are welcome.

        As when a router between the two has been restarted.
        """
        self._forgotten |= self._connections

    def lead_to(self, target: int) -> None:
        """From now on something else is at the other end."""
        self._target = target
        self.cut()

    # ---- what becomes of the bytes? ----

    def flow(self) -> None:
        """All is well; what a stall has held back goes on."""
        self._stalls = self._turns_away = False
        self._loses_every = 0
        self._bytes_per_second: float | None = None

    def stall(self) -> None:
        """From now on nothing arrives, in either direction, and nobody is told."""
        self._stalls = True

    def slow(self, bytes_per_second: float) -> None:
        """Both directions of a connection share so much."""
        self._bytes_per_second = bytes_per_second

    def lose(self, every: int = 2) -> None:
        """Swallow every second packet's worth: worse than a real network, where TCP would send it again."""
        self._loses_every = every

    def turn_away(self) -> None:
        """Close every connection, and each new one as soon as it is there."""
        self._turns_away = True
        self.cut()

    def close(self) -> None:
        self._closing = True
        self.refuse()
        for thread in self._threads:
            thread.join(5)

    # ---- a thread that listens, and one for each connection ----

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._threads.append(threading.Thread(target=self._connect, args=(near,), daemon=True))
            self._threads[-1].start()

    def _connect(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            self._connections.add(near)
            try:
                self._wait_while_stalled(near)
                if self._turns_away or not self._listener:
                    return
                with socket.create_connection(("127.0.0.1", self._target)) as far:
                    self._connections.add(far)
                    try:
                        self._pass_on({near: far, far: near})
                    finally:
                        self._connections.discard(far)
            finally:
                self._connections.discard(near)

    def _pass_on(self, other: dict[socket.socket, socket.socket]) -> None:
        """Until one of the two ends it."""
        packets = dict.fromkeys(other, 0)
        while True:
            for source in select.select(list(other), [], [])[0]:
                self._wait_while_stalled(source)
                data = source.recv(PACKET)
                if not data:
                    return
                packets[source] += 1
                if self._loses_every and packets[source] % self._loses_every == 0:
                    self.lost += 1
                    continue
                self._send(other[source], data)

    def _send(self, target: socket.socket, data: bytes) -> None:
        """At once or, if the connection is slow, a tenth of a second's worth after the other."""
        while data and self._bytes_per_second:
            piece = max(1, int(self._bytes_per_second / 10))
            time.sleep(len(data[:piece]) / self._bytes_per_second)
            target.sendall(data[:piece])
            data = data[piece:]
        target.sendall(data)

    def _wait_while_stalled(self, connection: socket.socket) -> None:
        while (self._stalls or connection in self._forgotten) and not self._closing:
            time.sleep(0.01)
