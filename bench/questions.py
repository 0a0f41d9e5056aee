"""A client that keeps asking servers, and knows of each answer what it answers."""

from __future__ import annotations

import re
import secrets
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence

from bench import raw

EVERY = 0.05  # seconds, from a question to the next
LOOK = 0.01  # seconds
ANSWER = re.compile(rb"([a-z-]+)/(\d{6})/commands")


class Questions:
    """Sends a reading every 50 ms to each of these ids, always of another device. It connects whenever it has to."""

    def __init__(self, port: int, ids: Sequence[str]) -> None:
        self._port = port
        self._asked: list[float] = []
        """When, by number."""
        self._answered: dict[str, deque[tuple[float, float]]] = {id: deque(maxlen=100) for id in ids}
        """When the last ones were asked, and answered."""
        self._garbage: deque[bytes] = deque()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._stay_connected, daemon=True)
        self._thread.start()

    def first_answer(self, id: str, since: float, patience: float) -> float:
        """Seconds from that moment to the first answer to what was asked after it; the patience if there is none."""
        while time.perf_counter() < since + patience:
            for asked, answered in list(self._answered[id]):
                if asked > since:
                    return answered - since
            time.sleep(LOOK)
        return patience

    def say(self, *garbage: bytes) -> None:
        """Send these to all. Returns when they are on their way."""
        self._garbage.extend(garbage)
        while self._garbage:
            time.sleep(LOOK)

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _stay_connected(self) -> None:
        while not self._is_over.is_set():
            try:
                with raw.connect(self._port, f"questions-{secrets.token_hex(6)}", "+/+/commands", 0) as connection:
                    self._ask(connection)
            except (OSError, EOFError):
                time.sleep(LOOK)

    def _ask(self, connection: socket.socket) -> None:
        """Until the connection ends, with OSError or EOFError."""
        rest = b""
        while not self._is_over.is_set():
            number, next_one = len(self._asked), time.perf_counter() + EVERY
            self._asked.append(time.perf_counter())
            for id in self._answered:
                for payload in list(self._garbage):
                    connection.sendall(raw.publish(f"{id}/garbage/telemetry", payload, 0, 0))
                connection.sendall(raw.publish(f"{id}/{number:06}/telemetry", b'{"light": 100}', 0, 0))
            self._garbage.clear()
            while (left := next_one - time.perf_counter()) > 0:
                if select.select([connection], [], [], left)[0]:
                    rest = self._listen(connection, rest)

    def _listen(self, connection: socket.socket, rest: bytes) -> bytes:
        """Note the answers; what may be the begin of another one."""
        more = connection.recv(1 << 16)
        if not more:
            raise EOFError
        now, data, end = time.perf_counter(), rest + more, 0
        for found in ANSWER.finditer(data):
            self._answered[found[1].decode()].append((self._asked[int(found[2])], now))
            end = found.end()
        return data[end:][-40:]
