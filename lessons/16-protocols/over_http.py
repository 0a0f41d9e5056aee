"""The nightlight over HTTP: the device asks, and the server answers."""

import json
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from seat import ID

ADDRESS = "127.0.0.1", 5001
PUSHES = False  # the server never begins
HEADERS = {"User-Agent": "nightlight", "Accept-Encoding": "identity"}  # shorter than what requests would say
readings, lamp, connections = [], {"led_on": False}, []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps a connection, unless the device says "Connection: close"
    server_version, sys_version = "nightlight", ""

    def do_POST(self):  # a reading
        telemetry = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        readings.append(telemetry["light"])
        lamp["led_on"] = telemetry["light"] < 300
        self.do_GET()

    def do_GET(self):  # the command
        body = json.dumps(lamp).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", len(body))
        self.end_headers()
        self.wfile.write(body)

    def setup(self):
        super().setup()
        connections.append(self.connection)

    def log_message(self, *_):
        pass  # no line for each request


class Server:
    def __init__(self):
        self.web = ThreadingHTTPServer(ADDRESS, Handler)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()

    def command(self, led_on):
        lamp["led_on"] = led_on

    def stop(self):
        self.web.shutdown()
        self.web.server_close()
        for connection in connections:
            with suppress(OSError):  # it has ended already
                connection.shutdown(socket.SHUT_RDWR)


class Device:
    def __init__(self, port, connection):
        self.url = f"http://127.0.0.1:{port}/{ID}"
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy in between, whatever the system says
        self.session.headers.update(HEADERS | {"Connection": connection})
        self.known, self.heard = None, []

    def send(self, light):
        answer = self.session.post(f"{self.url}/telemetry", json={"light": light}, timeout=5)
        self.heard.append(answer.json())

    def poll(self):
        command = self.session.get(f"{self.url}/commands", timeout=5).json()
        if command != self.known:
            self.heard.append(command)
        self.known = command

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while not self.heard and time.monotonic() < end:
            time.sleep(-time.monotonic() % 1)  # until the next full second
            self.poll()
        return self.heard.pop(0) if self.heard else None

    def silence(self, plug):
        """Bytes in a day without a command: a poll each second."""
        self.poll()
        plug.count()
        self.poll()
        self.heard.clear()
        return 86400 * plug.count()[0]

    def stop(self):
        self.session.close()


def forget():
    pass  # nothing is left


DEVICES = {
    "HTTP, each time a new connection": partial(Device, connection="close"),
    "HTTP, one connection": partial(Device, connection="keep-alive"),
}
