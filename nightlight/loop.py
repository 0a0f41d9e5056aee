"""Loop: waits for the network and lets paho's client work, with few system calls.

paho's own loop asks the system some eight times for each message. Here one read brings many messages, and all
that they are answered with goes out in one write: a server answers three times as many. For that, the client's
socket is put into a buffer where paho makes it, which paho does not document: `Client._create_socket()`. Should a
later paho not call that, or where the socket is no plain one (TLS, WebSockets), paho's own loop does the work.
tests/nightlight/test_loop.py fails if that happens unnoticed.

paho makes seven objects for each message that it sends, with a lock for whoever waits for it. At QoS 0 nobody does,
so such a message goes straight into the buffer.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt

READ_AT_MOST = 16_384  # bytes at a time: some hundred messages, which are answered before the next are read
UNSENT_AT_MOST = 1_000_000  # bytes that wait for a slow network; then paho has to keep its packets

PUBLISH = struct.Struct("!BBH")
"""How a message at QoS 0 begins: its kind, its length, the topic's length (MQTT 3.1.1 section 3.3)."""


class BufferedSocket:
    """A socket that is read in large pieces, one in each turn, and written when flush() is called. It never waits."""

    def __init__(self, connection: socket.socket) -> None:
        self.fileno, self.setblocking, self.setsockopt = (
            connection.fileno,
            connection.setblocking,
            connection.setsockopt,
        )
        self._socket = connection
        self._read = b""
        self._position = 0  # in what was read: so much of it paho has had
        self.may_read = True  # in this turn: paho would go on as long as something comes, and nothing be answered
        self._unsent: list[bytes | bytearray] = []
        self._unsent_bytes = 0

    def recv(self, most: int) -> bytes:
        if not self.has_more:
            if not self.may_read:
                raise BlockingIOError
            self.may_read = False
            self._read, self._position = self._socket.recv(READ_AT_MOST), 0
        position = self._position
        self._position = position + most
        return self._read[position : position + most]

    @property
    def has_more(self) -> bool:
        """Whether something was read that paho has not had yet."""
        return self._position < len(self._read)

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
        """Whether all has been sent. An error shows when paho reads the next time."""
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

    def __init__(self, client: mqtt.Client) -> None:
        self._client = client
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
            connection.may_read = True
            while self._client.loop_read() == mqtt.MQTT_ERR_SUCCESS and connection.has_more:
                pass
        if self._client.loop_misc() != mqtt.MQTT_ERR_SUCCESS:  # which also says so if reading has ended it
            return False
        self._client.loop_write()
        connection.flush()
        return self._client.socket() is connection

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
        connection.send(PUBLISH.pack(0x30, length, len(name)) + name + payload)
        return True

    def _ring(self, *_: object) -> None:
        """Something is to be written. In the loop's own thread that will be done in any case."""
        if threading.get_ident() != self._thread:
            with suppress(OSError):
                self._bell.send(b"!")
