"""A plug between a client and the broker. It carries every packet over, or loses some, and it can be pulled."""

import socket
import threading
from contextlib import suppress

PUBLISH, PUBACK, PUBREC, PUBCOMP = 3, 4, 5, 7  # kinds of packets (MQTT 3.1.1 section 2.2.1)


class Plug:
    def __init__(self):
        self.lose = ()  # the kinds of packets that get lost on the way
        self.lost = 0  # how many did
        self.connections = 0  # how many it has carried
        self.socket = socket.create_server(("localhost", 0))
        self.port = self.socket.getsockname()[1]  # a client connects to this port, not to 1883
        threading.Thread(target=self.plug_in, daemon=True).start()

    def plug_in(self):
        while True:  # a client that was cut off comes back
            client = self.socket.accept()[0]
            broker = socket.create_connection(("localhost", 1883))
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
                if head[0] >> 4 in self.lose:
                    self.lost += 1
                else:
                    target.sendall(head + rest)
        with suppress(OSError):  # that end is gone, too
            target.shutdown(socket.SHUT_RDWR)

    def pull(self):
        for end in self.ends:
            with suppress(OSError):  # this end is gone already
                end.shutdown(socket.SHUT_RDWR)
