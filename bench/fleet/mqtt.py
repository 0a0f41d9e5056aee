"""As much of MQTT 3.1.1 as a device needs, over a socket that somebody else waits for.

paho-mqtt (by its external-loop functions) and gmqtt carry two thousand connections in one process as well. A reading
and its command at QoS 1 take paho about 180 microseconds of the processor, gmqtt 125 and this 40. What measures a
server on the same machine has to leave it the processor.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Protocol

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, PINGREQ, DISCONNECT = 1, 2, 3, 4, 8, 12, 14
"""The kinds of packets that matter here (MQTT 3.1.1 section 2.2.1). The others take no more than being skipped."""

HIGHEST_IDENTIFIER = 65_535


class Party(Protocol):
    """Whose connection it is."""

    name: str
    """Its client id."""
    last_will: tuple[str, bytes] | None
    """A topic, and what the broker shall publish there, retained, if the connection breaks."""

    def opened(self, connection: Connection) -> None:
        """The broker has let us in."""

    def heard(self, topic: str, payload: bytes) -> None:
        """A message has come."""

    def closed(self) -> None:
        """It has ended, if it ever was open."""


class Connection:
    """Reads and writes packets, and never waits. OSError when the broker has ended it."""

    def __init__(
        self,
        party: Party,
        family: socket.AddressFamily,
        address: tuple[str | int, ...],
        keep_alive: int,
        user: str | None = None,
        password: str | None = None,
    ) -> None:
        """`address` is a number and not a name: looking it up would wait. `keep_alive` is in seconds."""
        self.party = party
        self.refusal = 0
        """Why the broker does not let us in (MQTT 3.1.1 section 3.2.2.3), or 0."""
        self.is_open = False
        self.unacknowledged = 0
        """How many of our messages the broker has yet to take."""
        self.socket = socket.socket(family)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(address)
        self._identifier = 0
        self._read = bytearray()
        self._unsent = bytearray(_connect(party.name, party.last_will, keep_alive, user, password))

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool = False) -> None:
        body = _text(topic.encode())
        if qos:
            self.unacknowledged += 1
            body += self._next_identifier()
        self._unsent += _packet(PUBLISH, body + payload, qos << 1 | retain)

    def subscribe(self, topic: str, qos: int) -> None:
        self._unsent += _packet(SUBSCRIBE, self._next_identifier() + _text(topic.encode()) + bytes([qos]), 0b0010)

    def ping(self) -> None:
        self._unsent += _packet(PINGREQ, b"")

    def say_goodbye(self) -> None:
        """So that the broker does not publish the last will."""
        self._unsent += _packet(DISCONNECT, b"")

    @property
    def wants_to_write(self) -> bool:
        return bool(self._unsent)

    def write(self) -> None:
        """Send as much as the socket takes now."""
        try:
            del self._unsent[: self.socket.send(self._unsent)]
        except BlockingIOError:
            pass

    def read(self) -> None:
        """Take what has come, and tell the party."""
        try:
            came = self.socket.recv(65_536)
        except BlockingIOError:
            return
        if not came:
            raise ConnectionResetError("the broker has ended the connection")
        self._read += came
        for first, body in _packets(self._read):
            self._take(first >> 4, first & 0b1111, body)

    def _take(self, kind: int, flags: int, body: bytes) -> None:
        if kind == PUBLISH:
            start = 2 + int.from_bytes(body[:2], "big")
            topic = body[2:start].decode()
            if flags & 0b0110:
                self._unsent += _packet(PUBACK, body[start : start + 2])
                start += 2
            self.party.heard(topic, body[start:])
        elif kind == PUBACK:
            self.unacknowledged -= 1
        elif kind == CONNACK:
            self.refusal = body[1]
            if self.refusal:
                raise ConnectionRefusedError
            self.is_open = True
            self.party.opened(self)

    def _next_identifier(self) -> bytes:
        self._identifier = self._identifier % HIGHEST_IDENTIFIER + 1
        return struct.pack("!H", self._identifier)


def _packets(read: bytearray) -> Iterator[tuple[int, bytes]]:
    """The whole packets at the beginning of `read`, and off it: the first byte of each, and its body."""
    start = 0
    while (head := _length(read, start + 1)) and head[1] + head[0] <= len(read):
        length, body = head
        yield read[start], bytes(read[body : body + length])
        start = body + length
    del read[:start]


def _length(read: bytearray, at: int) -> tuple[int, int] | None:
    """The length that is written there, and where what has it begins (MQTT 3.1.1 section 2.2.3); None if not whole."""
    length = shift = 0
    for at in range(at, min(at + 4, len(read))):  # noqa: B020, PLR1704
        length |= (read[at] & 0x7F) << shift
        if read[at] < 0x80:
            return length, at + 1
        shift += 7
    return None


def _packet(kind: int, body: bytes, flags: int = 0) -> bytes:
    length, rest = bytearray(), len(body)
    while rest >= 0x80:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    length.append(rest)
    return bytes([kind << 4 | flags]) + length + body


def _text(encoded: bytes) -> bytes:
    return struct.pack("!H", len(encoded)) + encoded


def _connect(
    name: str, last_will: tuple[str, bytes] | None, keep_alive: int, user: str | None, password: str | None
) -> bytes:
    """MQTT 3.1.1 section 3.1: a clean session."""
    flags, body = 0b0000_0010, _text(name.encode())
    if last_will:
        topic, payload = last_will
        flags |= 0b0010_1100  # retained, QoS 1
        body += _text(topic.encode()) + _text(payload)
    if user is not None:
        flags |= 0b1000_0000
        body += _text(user.encode())
        if password is not None:
            flags |= 0b0100_0000
            body += _text(password.encode())
    return _packet(CONNECT, _text(b"MQTT") + bytes([4, flags]) + struct.pack("!H", keep_alive) + body)
