"""The network on this machine: which ports are free, and who answers on the others."""

from __future__ import annotations

import http.client
import os
import socket
import time
import urllib.request

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

HERE = "127.0.0.1"
NAME = f"run.py-{os.getpid()}"
"""Our client id. Two clients of one id would throw each other out (MQTT 3.1.1 section 3.1.4)."""


def free_port(wanted: int) -> int:
    """The port that is wanted, or another one if that is taken."""
    if not is_taken(wanted):
        return wanted
    with socket.socket() as anywhere:
        anywhere.bind((HERE, 0))
        return int(anywhere.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether something listens on this port, on any of this machine's own addresses."""
    for host in (HERE, "::1"):
        try:
            socket.create_connection((host, port), timeout=0.5).close()
            return True
        except OSError:
            pass
    with socket.socket() as here:
        if os.name != "nt":
            here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what just ended does not count
        try:
            here.bind((HERE, port))
        except OSError:
            return True
    return False


def mqtt_answers(port: int, patience: float = 1) -> bool:
    """Whether a broker on this port lets us in: CONNECT, then CONNACK (MQTT 3.1.1 sections 3.1 and 3.2)."""
    connect = b"\x00\x04MQTT\x04\x02\x00\x0a" + len(NAME).to_bytes(2, "big") + NAME.encode()
    try:
        with socket.create_connection((HERE, port), timeout=patience) as broker:
            broker.sendall(bytes([0x10, len(connect)]) + connect)
            answer = broker.recv(4)
            broker.sendall(b"\xe0\x00")  # DISCONNECT
            return answer == b"\x20\x02\x00\x00"
    except OSError:
        return False


def online_ids(port: int, topic_filter: str, patience: float = 1) -> set[str]:
    """Whose retained status is `online` at this broker, among the topics `<id>/status` that fit the filter."""
    found: set[str] = set()

    def on_connect(client: mqtt.Client, *_: object) -> None:
        client.subscribe(topic_filter, qos=1)

    def on_message(client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        if message.payload == b"online":
            found.add(message.topic.rpartition("/")[0])

    client = mqtt.Client(CallbackAPIVersion.VERSION2, NAME)
    client.on_connect = on_connect
    client.on_message = on_message
    deadline = time.monotonic() + patience
    try:
        client.connect(HERE, port)
        while time.monotonic() < deadline:
            client.loop(0.1)
        client.disconnect()
    except (OSError, ValueError):
        pass  # whether a broker is there that speaks MQTT, others look
    return found


def http_answers(url: str) -> bool:
    """Whether a page is there."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=1):
            return True
    except (OSError, http.client.HTTPException):
        return False
