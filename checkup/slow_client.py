"""How much does a broker keep for a client that is slow? MQTT 3.1.1 by hand: paho would acknowledge at once.

The client sends messages to itself, and acknowledges none before the last is on its way. What the broker has no room
for, it drops, and tells nobody.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from typing import NamedTuple

from nightlight.address import BrokerAddress

MESSAGES = 2_000  # twice as many as Mosquitto keeps as it comes
MOST_BYTES = 200_000  # of all of them together
SILENCE = 1.0  # seconds without a packet, after which nothing is waited for any more
WITHIN = 3.0  # seconds for all of it

CONNECT, CONNACK, PUBLISH, PUBACK = 0x10, 0x20, 0x30, 0x40
SUBSCRIBE, SUBACK, DISCONNECT = 0x82, 0x90, 0xE0
QOS_1 = 0x02
KEEP_ALIVE = 60  # seconds
LAST = b"last"


class Kept(NamedTuple):
    """What has become of the messages."""

    sent: int
    arrived: int


def try_out(broker: BrokerAddress, name: str, topic: str) -> Kept | None:
    """Be slow, with this client id. None if no message comes through, or not in time."""
    try:
        with socket.create_connection((broker.host, broker.port), SILENCE) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not broker.tls:
                return _try_out(SlowClient(plain), broker, name, topic)
            with broker.trust.context().wrap_socket(plain, server_hostname=broker.host) as secure:
                return _try_out(SlowClient(secure), broker, name, topic)
    except OSError:
        return None


def _try_out(client: SlowClient, broker: BrokerAddress, name: str, topic: str) -> Kept:
    client.connect(name, broker.user, broker.password)
    client.subscribe(topic)
    kept = Kept(client.send_many(topic), client.catch_up(topic))
    client.disconnect()
    return kept


class SlowClient:
    """It reads and acknowledges when it is told to. OSError if the broker is silent, or hangs up."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._end = time.monotonic() + WITHIN
        self._read = bytearray()
        self._arrived = 0
        self._owed: list[bytes] = []  # the messages to acknowledge, by their identifiers

    def connect(self, name: str, user: str | None, password: str | None) -> None:
        flags = 0x02 | (user is not None) << 7 | (password is not None) << 6  # 0x02: a clean session
        texts = [_text(text) for text in (name, user, password) if text is not None]
        self._send(CONNECT, _text("MQTT"), bytes([4, flags]), _number(KEEP_ALIVE), *texts)
        self._wait_for(CONNACK)

    def subscribe(self, topic: str) -> None:
        self._send(SUBSCRIBE, _number(1), _text(topic), bytes([1]))
        self._wait_for(SUBACK)

    def send_many(self, topic: str) -> int:
        """Send messages until the broker has them all; how many. What arrives meanwhile is not acknowledged."""
        count = min(MESSAGES, MOST_BYTES // len(_message(topic, 1)))
        self._socket.sendall(b"".join(_message(topic, packet) for packet in range(1, count + 1)))
        for _ in range(count):
            self._wait_for(PUBACK)
        return count

    def catch_up(self, topic: str) -> int:
        """Acknowledge all, up to one more message: the broker keeps their order (section 4.6). How many came before."""
        self._acknowledge()
        self._socket.sendall(_message(topic, MESSAGES + 1, LAST))
        while not self._wait_for(PUBLISH).endswith(LAST):
            self._acknowledge()
        return self._arrived - 1

    def disconnect(self) -> None:
        with suppress(OSError):
            self._send(DISCONNECT)

    def _acknowledge(self) -> None:
        self._socket.sendall(b"".join(_packet(PUBACK, identifier) for identifier in self._owed))
        self._owed.clear()

    def _send(self, kind: int, *parts: bytes) -> None:
        self._socket.sendall(_packet(kind, *parts))

    def _wait_for(self, wanted: int) -> bytes:
        """The next packet of this kind, without its first byte and its length."""
        while True:
            first, body = self._next()
            kind = first & 0xF0
            if kind == PUBLISH:
                self._arrived += 1
                if first & QOS_1:
                    after_topic = 2 + int.from_bytes(body[:2], "big")
                    self._owed.append(body[after_topic : after_topic + 2])
            if kind == wanted:
                return body

    def _next(self) -> tuple[int, bytes]:
        """The next packet: its first byte, and what follows its length (section 2.2)."""
        first, length, shift = self._take(1)[0], 0, 0
        while True:
            digit = self._take(1)[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80 or shift > 21:
                return first, self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._read) < count:
            self._socket.settimeout(max(0.01, min(SILENCE, self._end - time.monotonic())))
            more = self._socket.recv(65_536)
            if not more:
                raise ConnectionError
            self._read += more
        taken = bytes(self._read[:count])
        del self._read[:count]
        return taken


def _packet(first: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    left, length = len(body), bytearray()
    while left > 0x7F:
        length.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([first, *length, left]) + body


def _message(topic: str, identifier: int, payload: bytes = b"check-up") -> bytes:
    return _packet(PUBLISH | QOS_1, _text(topic), _number(identifier), payload)


def _text(text: str) -> bytes:
    return _number(len(text.encode())) + text.encode()


def _number(number: int) -> bytes:
    return struct.pack("!H", number)
