"""A plug between a device and its server. It counts what passes, is as slow as a mobile network, and can be pulled."""

import socket
import threading
import time
from contextlib import suppress
from itertools import pairwise
from queue import SimpleQueue

DELAY = 0.05  # seconds, each way


class Plug:
    def __init__(self, host, port):
        self.goal = host, port
        self.passed = []  # the direction of each piece, and how many bytes it has
        self.latest = 0  # when the last one passed
        self.ends = []
        self.pulled = False
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]  # the device connects to this one
        threading.Thread(target=self.plug_in, daemon=True).start()

    def plug_in(self):
        while True:
            device = self.socket.accept()[0]
            self.passed += [("up", 0), ("down", 0)]  # TCP connects first: a round trip without a byte of ours
            time.sleep(2 * DELAY)
            try:
                if self.pulled:
                    raise OSError("there is no network")
                server = socket.create_connection(self.goal)
            except OSError:
                device.close()
                continue
            self.ends = [device, server]
            self.carry(device, server, "up")
            self.carry(server, device, "down")

    def carry(self, source, target, direction):
        target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # send each piece at once
        on_the_way = SimpleQueue()
        threading.Thread(target=self.take, args=(source, direction, on_the_way), daemon=True).start()
        threading.Thread(target=self.give, args=(target, on_the_way), daemon=True).start()

    def take(self, source, direction, on_the_way):
        data = b"?"
        while data:  # nothing means: this end has closed the connection
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            self.latest = time.monotonic()
            self.passed.append((direction, len(data)))
            on_the_way.put((self.latest + DELAY, data))

    def give(self, target, on_the_way):
        data = b"?"
        while data:
            due, data = on_the_way.get()
            time.sleep(max(0, due - time.monotonic()))
            with suppress(OSError):  # this end is gone
                if data:
                    target.sendall(data)
                else:
                    target.shutdown(socket.SHUT_RDWR)

    def count(self):
        """Bytes and round trips since the last time, as soon as all is quiet."""
        while time.monotonic() < self.latest + 0.3:
            time.sleep(0.05)
        passed, self.passed = self.passed, []
        directions = [direction for direction, _ in passed]
        round_trips = list(pairwise(directions)).count(("up", "down"))
        return sum(size for _, size in passed), round_trips

    def pull(self):
        self.pulled = True
        for end in self.ends:
            with suppress(OSError):  # this end is gone already
                end.shutdown(socket.SHUT_RDWR)

    def put_back(self):
        self.pulled = False
