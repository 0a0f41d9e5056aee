"""A plug between a client and the broker. It carries every packet over, or loses some, and it can be pulled."""

import socket
import threading
from contextlib import suppress

from seat import BROKER

PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 3, 4, 5, 6, 7  # kinds of packets (MQTT 3.1.1 section 2.2.1)


class Plug:
    def __init__(self):
        self.lose = ()  # the kinds of packets that get lost on the way
        self.lost = 0  # how many did
        self.passed = []  # the kinds of all packets that came through
        self.connections = 0  # how many it has carried
        self.socket = socket.create_server(("localhost", 0))
        self.address = "localhost", self.socket.getsockname()[1]  # a client connects here, not to the broker
        threading.Thread(target=self.plug_in, daemon=True).start()

    def plug_in(self):
        while True:  # a client that was cut off comes back
            client = self.socket.accept()[0]
            broker = socket.create_connection((BROKER, 1883))
            self.ends = client, broker
            self.lose = ()  # the new connection is a good one
            self.connections += 1
            threading.Thread(target=self.carry, args=(client, broker), daemon=True).start()
            threading.Thread(target=self.carry, args=(broker, client), daemon=True).start()

    def carry(self, source, target):
        stream = source.makefile("rb")
        with suppress(OSError):  # the plug is pulled
            while head := stream.read(2):  # the packet's kind, and how long the rest is (up to 127 bytes, enough here)
                rest = stream.read(head[1])
                kind = head[0] >> 4
                if kind in self.lose:
                    self.lost += 1
                else:
                    self.passed.append(kind)
                    target.sendall(head + rest)
        with suppress(OSError):  # that end is gone, too
            target.shutdown(socket.SHUT_RDWR)

    def pull(self):
        for end in self.ends:
            with suppress(OSError):  # this end is gone already
                end.shutdown(socket.SHUT_RDWR)
