"""A network that can fail: a proxy between a script and its broker."""

from __future__ import annotations

import contextlib
import select
import socket
import threading


class Proxy:
    """Passes bytes on, until it is told to stall (no byte, no close) or to cut (close everything)."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._closing = False
        self._connections: list[socket.socket] = []
        self.accepted = 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def stall(self) -> None:
        """From now on nothing arrives, in either direction, and nobody is told."""
        self._flows.clear()

    def flow(self) -> None:
        """What was held back goes on, and so does the rest."""
        self._flows.set()

    def cut(self) -> None:
        """Close every connection; new ones are welcome."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closing = True
        self._flows.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join(5)
        self._socket.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            thread = threading.Thread(target=self._pass_on, args=(near,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _pass_on(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as far:
            self._connections += [near, far]
            other = {near: far, far: near}
            while True:
                for source in select.select([near, far], [], [])[0]:
                    self._flows.wait()
                    data = source.recv(65_536)
                    if not data:
                        return
                    other[source].sendall(data)
