"""Loop: waits for the network and lets paho's client work, with few system calls.

paho's own loop asks the system some eight times for each message. Here one read brings many messages, and all
that they are answered with goes out in one write. For that, the client's socket is put into a buffer where paho
makes it, which paho does not document: `Client._create_socket()`. Should a later paho not call that, or where the
socket is no plain one (TLS, WebSockets), paho's own loop does the work. tests/nightlight/test_loop.py fails if
that happens unnoticed.

At QoS 0 a message is a topic and a payload with a length before each, and nobody waits for it. paho makes some
fifteen objects for one and its answer, locks among them; here such messages pass paho by, both ways. All others, and
all that is about the connection, are paho's.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt

READ_AT_MOST = 16_384  # bytes at a time: some hundred messages, which are answered before the next are read
UNSENT_AT_MOST = 1_000_000  # bytes that wait for a slow network; then paho has to keep its packets

PUBLISH = 0x30  # how a message at QoS 0 begins, with 1 more if it is retained (MQTT 3.1.1 section 3.3.1)
HEAD = struct.Struct("!BBH")  # that byte, its length, the length of its topic


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

    def read(self) -> None:
        """Take in what the network has brought."""
        try:
            data = self._socket.recv(READ_AT_MOST)
        except BlockingIOError:
            return
        except OSError as error:
            self.end = error
            return
        self._read = self._read[self._position :] + data
        self._position, self._limit = 0, self._limit - self._position
        if not data:
            self.end = data

    def has_packet(self) -> bool:
        """Whether the next one is there: the whole of it, or as much as there is if it is large."""
        data, start = self._read, self._position
        if start < self._limit:  # a large one goes on
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

    def message(self) -> tuple[str, bytes, bool] | None:
        """Topic, payload, and whether it was retained, if this packet is a message at QoS 0; None if it is paho's."""
        data, body, end = self._read, self._body, self._limit
        kind = data[self._position]
        if kind not in (PUBLISH, PUBLISH + 1) or not body + 2 <= end <= len(data):
            return None
        payload = body + 2 + (data[body] << 8 | data[body + 1])
        if payload > end:
            return None
        try:
            topic = data[body + 2 : payload].decode()
        except UnicodeDecodeError:
            return None
        self._position = end
        return topic, data[payload:end], kind != PUBLISH

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
        if self.is_full:
            raise BlockingIOError
        self._unsent.append(data)
        self._unsent_bytes += len(data)
        return len(data)

    def flush(self) -> bool:
        """Whether all has been sent. An error shows when the socket is read the next time."""
        if self._unsent:
            data = b"".join(self._unsent)
            try:
                rest = data[self._socket.send(data) :]
            except BlockingIOError:
                rest = data
            except OSError:
                rest = b""
            self._unsent = [rest] if rest else []
            self._unsent_bytes = len(rest)
        return not self._unsent

    def close(self) -> None:
        """With that goes paho's last word, DISCONNECT."""
        self.flush()
        self._socket.close()


class Client(mqtt.Client):
    """paho's client, with a plain socket in a buffer."""

    def _create_socket(self) -> Any:
        connection = super()._create_socket()
        return BufferedSocket(connection) if type(connection) is socket.socket else connection


class Loop:
    """One thread calls turn() again and again; others may publish meanwhile, and wake it with that."""

    def __init__(self, client: mqtt.Client, on_message: Callable[[str, bytes, bool], None]) -> None:
        """`on_message` takes topic, payload, and whether it was retained, of messages at QoS 0."""
        self._client = client
        self._on_message = on_message
        self._thread = 0
        self._alarm, self._bell = socket.socketpair()
        for end in (self._alarm, self._bell):
            end.setblocking(False)
        # With a callback for this, paho leaves all writing to us: two threads at once are one too many for TLS.
        client.on_socket_register_write = self._ring

    def __enter__(self) -> Loop:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.on_socket_register_write = None
        self._alarm.close()
        self._bell.close()

    def turn(self, seconds: float) -> bool:
        """Wait for so long at most, and do what there is to do; False when the connection has ended."""
        connection: Any = self._client.socket()
        if not isinstance(connection, BufferedSocket):
            return self._client.loop(seconds) == mqtt.MQTT_ERR_SUCCESS
        self._thread = threading.get_ident()
        is_sent = not self._client.want_write() and connection.flush()
        try:
            ends: list[Any] = [connection, self._alarm]
            readable, _, _ = select.select(ends, [] if is_sent else ends[:1], [], seconds)
        except (OSError, ValueError):  # it was closed meanwhile
            return False
        if self._alarm in readable:
            self._alarm.recv(1000)
        if connection in readable:
            self._read(connection)
        if self._client.loop_misc() != mqtt.MQTT_ERR_SUCCESS:  # which also says so if reading has ended it
            return False
        self._client.loop_write()
        connection.flush()
        return self._client.socket() is connection

    def _read(self, connection: BufferedSocket) -> None:
        connection.read()
        while connection.has_packet():
            if message := connection.message():
                self._on_message(*message)
            elif self._client.loop_read() != mqtt.MQTT_ERR_SUCCESS:
                return
        if connection.end is not None:
            self._client.loop_read()  # which finds that out

    def send(self, topic: str, payload: bytes) -> bool | None:
        """Send a message at QoS 0; whether there is room for it. None if this one is for paho to send."""
        connection: Any = self._client.socket()
        name = topic.encode()
        length = 2 + len(name) + len(payload)
        is_ours = isinstance(connection, BufferedSocket) and threading.get_ident() == self._thread
        if not is_ours or length > 127:  # a length that one byte can hold
            return None
        if connection.is_full:
            return False
        connection.send(HEAD.pack(PUBLISH, length, len(name)) + name + payload)
        return True

    def _ring(self, *_: object) -> None:
        """Something is to be written. In the loop's own thread that will be done in any case."""
        if threading.get_ident() != self._thread:
            with suppress(OSError):
                self._bell.send(b"!")
