"""Somebody on the way between a client and the broker, who shows what passes:  python eavesdropper.py 1883"""

import socket
import sys
import threading
from contextlib import suppress

broker_port = int(sys.argv[1])


def carry(source, target, who):
    with suppress(OSError):  # one of the two hangs up
        while data := source.recv(4096):
            readable = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)
            print(who, readable, flush=True)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


with socket.create_server(("localhost", 1884)) as door:
    while True:
        client = door.accept()[0]
        broker = socket.create_connection(("localhost", broker_port))
        threading.Thread(target=carry, args=(client, broker, "client:"), daemon=True).start()
        threading.Thread(target=carry, args=(broker, client, "broker:"), daemon=True).start()
