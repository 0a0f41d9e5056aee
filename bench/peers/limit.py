"""The limit of paho-mqtt: all it does is to answer always the same, and it is spared as many system calls as can be.

As paho documents it for other loops than its own, but with a socket that buffers both ways.
"""

import select
import socket
import sys
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

port, id, qos = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


class Buffer:
    """Reads and writes in large pieces."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fileno, self.setblocking, self.close = connection.fileno, connection.setblocking, connection.close
        self.connection = connection
        self.read, self.position, self.unsent = b"", 0, list[bytes]()

    def recv(self, most: int) -> bytes:
        if self.position >= len(self.read):
            self.read, self.position = self.connection.recv(16_384), 0
        position = self.position
        self.position = position + most
        return self.read[position : self.position]

    def send(self, data: bytes) -> int:
        self.unsent.append(data)
        return len(data)

    def flush(self) -> None:
        self.connection.setblocking(True)
        self.connection.sendall(b"".join(self.unsent))
        self.connection.setblocking(False)
        self.unsent.clear()


class Client(mqtt.Client):
    def _create_socket(self) -> Any:
        return Buffer(super()._create_socket())  # type: ignore[arg-type]


def begin(*_: object) -> None:
    client.subscribe(f"{id}/+/telemetry", qos)


def always_the_same(*_: object) -> None:
    client.publish(f"{id}/00000/commands", b'{"led_on": true}', qos)


client = Client(CallbackAPIVersion.VERSION2)
client.on_connect = begin
client.on_message = always_the_same
client.on_socket_register_write = lambda *_: None
client.connect("127.0.0.1", port)
while buffer := client.socket():
    assert isinstance(buffer, Buffer)
    client.loop_misc()
    client.loop_write()
    buffer.flush()
    if select.select([buffer], [], [], 1)[0]:
        while client.loop_read() == mqtt.MQTT_ERR_SUCCESS and buffer.position < len(buffer.read):
            pass
