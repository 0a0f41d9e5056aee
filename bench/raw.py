"""MQTT 3.1.1 by hand, as little of it as the bench needs: the fastest client that Python can have."""

from __future__ import annotations

import socket

CONNECT, PUBLISH, PUBACK, SUBSCRIBE = 0x10, 0x30, 0x40, 0x82
"""First bytes of packets (MQTT 3.1.1 section 2.2)."""


def packet(kind: int, body: bytes) -> bytes:
    """With its length, which takes a byte for each seven bits (MQTT 3.1.1 section 2.2.3)."""
    length, left = b"", len(body)
    while left > 127:
        length += bytes([left % 128 + 128])
        left //= 128
    return bytes([kind]) + length + bytes([left]) + body


def text(words: str) -> bytes:
    return len(words.encode()).to_bytes(2, "big") + words.encode()


def publish(topic: str, payload: bytes, qos: int, number: int) -> bytes:
    """At QoS 1 with this packet identifier, which must not be 0."""
    identifier = number.to_bytes(2, "big") if qos else b""
    return packet(PUBLISH | qos << 1, text(topic) + identifier + payload)


def connect(port: int, name: str, topic: str, qos: int) -> socket.socket:
    """A connection that has subscribed. OSError or EOFError if that fails. The keep-alive is off."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(packet(CONNECT, text("MQTT") + bytes([4, 2, 0, 0]) + text(name)))
    _read(connection, 4)  # CONNACK
    connection.sendall(packet(SUBSCRIBE, b"\x00\x01" + text(topic) + bytes([qos])))
    _read(connection, 5)  # SUBACK
    return connection


def _read(connection: socket.socket, size: int) -> None:
    while size:
        data = connection.recv(size)
        if not data:
            raise EOFError("the broker has ended the connection")
        size -= len(data)
