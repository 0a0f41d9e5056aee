"""Somebody on the way who cannot read what passes, but can count its bytes:  python lengths.py 8883"""

import socket
import sys
import threading
from contextlib import suppress

broker_port = int(sys.argv[1])


def carry(source, target, who):
    stream = source.makefile("rb")
    with suppress(OSError):  # one of the two closes the connection
        while header := stream.read(5):  # each TLS record begins with its kind and its length (RFC 8446 section 5.1)
            record = header + stream.read(int.from_bytes(header[3:], "big"))
            print(who, len(record), "bytes", flush=True)
            target.sendall(record)
        target.shutdown(socket.SHUT_WR)


with socket.create_server(("localhost", 1884)) as door:
    while True:
        client = door.accept()[0]
        broker = socket.create_connection(("localhost", broker_port))
        threading.Thread(target=carry, args=(client, broker, "client:"), daemon=True).start()
        threading.Thread(target=carry, args=(broker, client, "broker:"), daemon=True).start()
