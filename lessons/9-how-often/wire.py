"""Counts the bytes between a client and the broker:  python wire.py"""

import socket
import threading
import time

import paho.mqtt.client as mqtt
from seat import BROKER, ID

HEADERS = 52  # bytes before each packet: 20 of IPv4, 20 of TCP, 12 of TCP's timestamps
packets = []  # of all that went over the wire: "up" or "down", and how many bytes


def pass_on(source, target, way):
    while data := source.recv(4096):
        packets.append((way, len(data)))
        target.sendall(data)


def stand_between(listener):
    client_side, _ = listener.accept()
    broker_side = socket.create_connection((BROKER, 1883))
    threading.Thread(target=pass_on, args=(client_side, broker_side, "up"), daemon=True).start()
    pass_on(broker_side, client_side, "down")


def show(name, how_many):
    """Wait until so many packets have gone by, and show their bytes."""
    while len(packets) < how_many:
        time.sleep(0.01)
    up = sum(size for way, size in packets if way == "up")
    down = sum(size for way, size in packets if way == "down")
    headers = (how_many + 1) * HEADERS  # TCP acknowledges the last one with a packet that is empty
    print(f"{name:20} {up:5} {down:5} {headers:10} {up + down + headers:6}")
    packets.clear()


listener = socket.create_server(("127.0.0.1", 0))  # on a port that the system chooses
threading.Thread(target=stand_between, args=(listener,), daemon=True).start()

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-wire")
client.connect("127.0.0.1", listener.getsockname()[1], keepalive=5)
client.loop_start()
while len(packets) < 2:  # CONNECT and the broker's answer
    time.sleep(0.01)
packets.clear()

print("                        up  down    headers    all")
client.publish(f"{ID}/telemetry", '{"light": 412}', qos=0)
show("a reading at QoS 0", 1)
client.publish(f"{ID}/telemetry", '{"light": 412}', qos=1)
show("a reading at QoS 1", 2)
show("the keep-alive", 2)  # after five seconds
client.disconnect()
