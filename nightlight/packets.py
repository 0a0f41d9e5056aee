"""BufferedSocket: what goes over a connection, packet by packet; and how a message becomes one.

MQTT 3.1.1's packets begin with a byte that says of what kind they are, and a length. Those of messages at QoS 0 and 1
are read and made here. Of all others only the end is looked for: paho reads and makes them.
"""

from __future__ import annotations

import socket
import struct

READ_AT_MOST = 16_384  # bytes at a time: some hundred messages, which are answered before the next are read
UNSENT_AT_MOST = 1_000_000  # bytes that wait for a slow network; then paho has to keep its packets

PUBLISH, AT_QOS_1, RETAINED, AGAIN = 0x30, 0x02, 0x01, 0x08
"""The first byte of a message, and what is added to it (MQTT 3.1.1 section 3.3.1)."""
MESSAGES = {PUBLISH | qos | retained for qos in (0, AT_QOS_1, AT_QOS_1 | AGAIN) for retained in (0, RETAINED)}
PUBACK = 0x40  # says that one at QoS 1 has arrived, whose number follows (MQTT 3.1.1 section 3.4)
HEAD = struct.Struct("!BBH")  # a packet's first byte, its length, and the length of a topic, or a number


class BufferedSocket:
    """A socket that is read in large pieces, of which paho gets packet by packet, and written by flush().

    It never waits.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.fileno, self.setblocking, self.setsockopt = (
            connection.fileno,
            connection.setblocking,
            connection.setsockopt,
        )
        self.end: OSError | bytes | None = None
        """How it has ended: an error, or nothing more to read."""
        self._socket = connection
        self._read = b""
        self._position = self._body = self._limit = 0  # in what was read: the next packet, its body, and its end
        self._unsent: list[bytes | bytearray] = []
        self._unsent_bytes = 0

    def read(self) -> bool:
        """Take in what the network has brought; whether it has brought something."""
        try:
            data = self._socket.recv(READ_AT_MOST)
        except BlockingIOError:
            return False
        except OSError as error:
            self.end = error
            return False
        self._read = self._read[self._position :] + data
        self._position, self._limit = 0, self._limit - self._position
        if not data:
            self.end = data
        return bool(data)

    def has_packet(self) -> bool:
        """Whether the next one is there: the whole of it, or as much as there is if it is large."""
        data, start = self._read, self._position
        if start < self._limit:  # a large one goes on
            self._body = len(data)  # no message begins here
            return start < len(data)
        length = 0
        for place, at in enumerate(range(start + 1, min(start + 5, len(data)))):  # MQTT 3.1.1 section 2.2.3
            length |= (data[at] & 127) << 7 * place
            if data[at] < 128 or place == 3:  # paho judges a length that never ends
                self._body, end = at + 1, at + 1 + length
                is_there = end <= len(data) or length > READ_AT_MOST
                self._limit = end if is_there else start
                return is_there
        return False

    def message(self) -> tuple[str, bytes, bool, int] | None:
        """Topic, payload, whether it was retained, and its number, if this packet is a message at QoS 0 or 1.

        At QoS 0 the number is 0. None, and the packet stays, if it is for paho to read.
        """
        data, body, end = self._read, self._body, self._limit
        kind = data[self._position]
        if kind not in MESSAGES or not body + 2 <= end <= len(data):
            return None
        payload = topic_end = body + 2 + (data[body] << 8 | data[body + 1])
        number = 0
        if kind & AT_QOS_1:
            payload += 2
            number = int.from_bytes(data[topic_end:payload], "big")
        if payload > end or (kind & AT_QOS_1 and not number):
            return None
        try:
            topic = data[body + 2 : topic_end].decode()
        except UnicodeDecodeError:
            return None
        self._position = end
        return topic, data[payload:end], bool(kind & RETAINED), number

    def arrived(self) -> int:
        """The number of the message that has arrived, if this packet says so; otherwise 0, and the packet stays."""
        data, body, end = self._read, self._body, self._limit
        if data[self._position] != PUBACK or not body + 2 == end <= len(data):
            return 0
        self._position = end
        return data[body] << 8 | data[body + 1]

    def recv(self, most: int) -> bytes:
        """For paho: of the packet whose turn it is."""
        position = self._position
        end = min(position + most, self._limit, len(self._read))
        if position < end:
            self._position = end
            return self._read[position:end]
        if isinstance(self.end, OSError):
            raise self.end
        if self.end is None:
            raise BlockingIOError
        return self.end

    @property
    def is_full(self) -> bool:
        return self._unsent_bytes > UNSENT_AT_MOST

    def send(self, data: bytes | bytearray) -> int:
        """For paho."""
        if self.is_full:
            raise BlockingIOError
        self.add(data)
        return len(data)

    def add(self, data: bytes | bytearray) -> None:
        """Send it with the next flush()."""
        self._unsent.append(data)
        self._unsent_bytes += len(data)

    @property
    def is_flushed(self) -> bool:
        return not self._unsent

    def flush(self) -> bool:
        """Whether something has been sent. An error shows when the socket is read the next time."""
        if not self._unsent:
            return False
        data = b"".join(self._unsent)
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(data)
        rest = data[sent:]
        self._unsent = [rest] if rest else []
        self._unsent_bytes = len(rest)
        return sent > 0

    def close(self) -> None:
        """With that goes paho's last word, DISCONNECT."""
        self.flush()
        self._socket.close()


def publish(topic: str, payload: bytes, qos: int, retain: bool, number: int) -> bytes:
    """The packet of a message at QoS 0 or 1. Its number, 1 to 65535, is not on the wire at QoS 0."""
    name = topic.encode()
    kind = PUBLISH | qos << 1 | retain
    length = 2 + len(name) + 2 * qos + len(payload)
    head = HEAD.pack(kind, length, len(name)) if length < 128 else _long_head(kind, length, len(name))
    return head + name + (number.to_bytes(2, "big") if qos else b"") + payload


def puback(number: int) -> bytes:
    """The packet that says that the message with this number has arrived."""
    return HEAD.pack(PUBACK, 2, number)


def _long_head(kind: int, length: int, length_of_topic: int) -> bytes:
    """With a length that takes more than one byte (MQTT 3.1.1 section 2.2.3)."""
    head = bytearray([kind])
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    head.append(length)
    return bytes(head) + length_of_topic.to_bytes(2, "big")
