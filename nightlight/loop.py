"""Loop: waits for the network and lets paho's client work, with few system calls.

paho's own loop asks the system some eight times for each message. Here one read brings many messages, and all
that they are answered with goes out in one write. For that, the client's socket is put into a buffer where paho
makes it, which paho does not document: `Client._create_socket()`. Should a later paho not call that, or where the
socket is no plain one (TLS, WebSockets), paho's own loop does the work. tests/nightlight/test_loop.py fails if
that happens unnoticed.

At QoS 0 and 1 a message is a topic and a payload with a length before each, and at QoS 1 a number, which comes back
when it has arrived. paho makes some thirty objects for one and its answer, locks among them, so here these messages
pass paho by, both ways. All that it has to know of them is when the network was last alive (two more of its names).
QoS 2, and whatever is about the connection, are paho's. So is everything where paho's own log is wanted.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt

from nightlight.packets import BufferedSocket, puback, publish


class Client(mqtt.Client):
    """paho's client, with a plain socket in a buffer."""

    def _create_socket(self) -> Any:
        connection = super()._create_socket()
        return BufferedSocket(connection) if type(connection) is socket.socket else connection


class Loop:
    """One thread calls turn() again and again; others may publish meanwhile, and wake it with that."""

    def __init__(
        self,
        client: mqtt.Client,
        passes_by: bool,
        on_message: Callable[[str, bytes, bool], object],
        on_arrival: Callable[[int], object],
    ) -> None:
        """`passes_by`: whether messages at QoS 0 and 1 pass paho by.

        Then `on_message` takes their topic, payload, and whether it was retained; `on_arrival` the number of each
        message that send() has sent, when it has arrived.
        """
        self._client = client
        self._passes_by = passes_by
        self._on_message = on_message
        self._on_arrival = on_arrival
        self._thread = 0
        self._from_others: deque[bytes] = deque()  # what other threads want to be sent
        self._not_on_the_wire: deque[int] = deque()  # the numbers of those at QoS 0, which nobody acknowledges
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
        is_sent = self._write(connection)
        try:
            ends: list[Any] = [connection, self._alarm]
            readable, _, _ = select.select(ends, [] if is_sent else ends[:1], [], seconds)
        except (OSError, ValueError):  # it was closed meanwhile
            return False
        if self._alarm in readable:
            self._alarm.recv(1000)
        if connection in readable:
            self._read(connection)
            self._write(connection)
        is_alive = self._client.loop_misc() == mqtt.MQTT_ERR_SUCCESS  # which also says so if reading has ended it
        return is_alive and self._client.socket() is connection

    def _read(self, connection: BufferedSocket) -> None:
        if connection.read():
            self._client._last_bytes_received = time.monotonic()
        while connection.has_packet():
            if self._passes_by and (message := connection.message()):
                topic, payload, retained, number = message
                self._on_message(topic, payload, retained)
                if number:
                    connection.add(puback(number))
            elif self._passes_by and (number := connection.arrived()):
                self._on_arrival(number)
            elif self._client.loop_read() != mqtt.MQTT_ERR_SUCCESS:
                return
        if connection.end is not None:
            self._client.loop_read()  # which finds that out

    def _write(self, connection: BufferedSocket) -> bool:
        """Whether all has been sent that was to be."""
        while self._from_others:
            connection.add(self._from_others.popleft())
        if self._client.want_write():
            self._client.loop_write()
        if connection.flush():
            self._client._last_msg_out = time.monotonic()
        is_sent = connection.is_flushed and not self._client.want_write()
        while is_sent and self._not_on_the_wire:
            self._on_arrival(self._not_on_the_wire.popleft())
        return is_sent

    @property
    def sends(self) -> bool:
        """Whether send() is how messages at QoS 0 and 1 are sent on this connection; otherwise paho has to."""
        return self._passes_by and isinstance(self._client.socket(), BufferedSocket)

    def send(self, topic: str, payload: bytes, qos: int, retain: bool, number: int) -> bool:
        """Send a message at QoS 0 or 1, from any thread; whether there is room for it.

        Its number tells it from all others that have not arrived. At QoS 0 it has when it is sent; nobody is told
        if the number is 0.
        """
        connection: Any = self._client.socket()
        if connection is None or connection.is_full:
            return False
        packet = publish(topic, payload, qos, retain, number)
        if threading.get_ident() == self._thread:
            connection.add(packet)
        else:
            self._from_others.append(packet)
        if number and not qos:
            self._not_on_the_wire.append(number)
        self._ring()
        return True

    def _ring(self, *_: object) -> None:
        """Something is to be written. In the loop's own thread that will be done in any case."""
        if threading.get_ident() != self._thread:
            with suppress(OSError):
                self._bell.send(b"!")
