"""A cable between a device and the broker, which can be pulled: python cable.py"""

import socket
import threading
import time
from contextlib import suppress

from seat import BROKER

PUBACK = 4  # a kind of packet: the broker has the message (MQTT 3.1.1 section 2.2.1)


class Cable:
    def __init__(self, port=0):
        self.port = port  # the device connects to this one, not to 1883
        self.ends = []
        self.acknowledged = 0  # how many acknowledgements the device has got
        self.put_in()

    def put_in(self, loses_acknowledgements=False):
        self.loses_acknowledgements = loses_acknowledgements
        self.socket = socket.create_server(("localhost", self.port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, args=[self.socket], daemon=True).start()

    def accept(self, listening):
        with suppress(OSError):  # it has been pulled
            while True:
                device = listening.accept()[0]
                broker = socket.create_connection((BROKER, 1883))
                self.ends = [device, broker]
                threading.Thread(target=self.carry, args=[device, broker], daemon=True).start()
                threading.Thread(target=self.carry, args=[broker, device], daemon=True).start()

    def carry(self, source, target):
        stream = source.makefile("rb")
        with suppress(OSError):  # it has been pulled
            while head := stream.read(2):  # a packet's kind, and how long the rest is (up to 127 bytes, enough here)
                rest = stream.read(head[1])
                is_acknowledgement = head[0] >> 4 == PUBACK
                if not (self.loses_acknowledgements and is_acknowledgement):
                    target.sendall(head + rest)
                    self.acknowledged += is_acknowledgement
        with suppress(OSError):  # that end is gone, too
            target.shutdown(socket.SHUT_RDWR)

    def pull(self):
        for end in [self.socket, *self.ends]:
            with suppress(OSError):  # this one is gone already
                end.shutdown(socket.SHUT_RDWR)
        self.socket.close()


if __name__ == "__main__":
    cable = Cable(1884)
    print("The cable is in. Press Ctrl+C to pull it.", flush=True)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)
