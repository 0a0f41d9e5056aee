"""What goes over the wire in all, with what TCP and IP add (Linux, as root):  envelopes.py http mqtt"""

import socket
import threading
import time

from plug import Plug
from ways import ways

IPV4, ON_ITS_WAY_OUT = 0x0800, 4  # from Linux' if_ether.h and if_packet.h
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(IPV4))
packets = []  # two ports, and the size


def look():
    while True:
        packet, address = wire.recvfrom(65536)
        if address[0] == "lo" and address[2] != ON_ITS_WAY_OUT:  # on `lo` each packet goes out and comes in
            after = (packet[0] & 15) * 4  # where TCP's part begins (RFC 791 section 3.1)
            ports = (
                int.from_bytes(packet[after : after + 2], "big"),
                int.from_bytes(packet[after + 2 : after + 4], "big"),
            )
            packets.append((ports, len(packet)))


def show(title, port):
    sizes = [size for ports, size in packets if port in ports]
    print(f"{title:50}{len(sizes):4} packets {sum(sizes):7,} bytes")


threading.Thread(target=look, daemon=True).start()
for way in ways():
    server = way.Server()
    for title, new_device in way.DEVICES.items():
        plug = Plug(*way.ADDRESS)
        device = new_device(plug.port)
        for _ in range(2):
            time.sleep(0.5)
            packets.clear()
            device.send(80)
            device.wait(10)
        time.sleep(0.5)
        show(title + ", a reading", plug.port)
        packets.clear()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            device.wait(end - time.monotonic())
        show(title + ", a minute", plug.port)
        device.stop()
    server.stop()
    way.forget()
