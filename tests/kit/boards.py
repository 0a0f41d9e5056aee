"""Boards: the real CounterFit app, and one that listens but never answers."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import re
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import requests

from tests.kit.programs import PATIENCE, ROOT, Program, answers, free_port, until

LOOK = 0.05
"""Seconds between looks at CounterFit's page: it takes CounterFit some milliseconds, which others need as well."""


class CounterFitPage:
    """A running CounterFit app, moved and read over HTTP as its page does it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._http = requests.Session()
        self._http.trust_env = False

    @property
    def name(self) -> str:
        """What --board calls it."""
        return f"counterfit://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _post(self, path: str, value: dict[str, Any]) -> None:
        self._http.post(f"{self.url}/{path}", json=value, timeout=PATIENCE).raise_for_status()

    def set_light(self, light: int) -> None:
        limits = {"is_random": False, "random_min": 0, "random_max": 1023}
        self._post("integer_sensor_settings", {"port": "0", "value": light, **limits})

    @property
    def light(self) -> int:
        return int(self._http.get(f"{self.url}/sensor_value?port=0", timeout=PATIENCE).json()["value"])

    def add_led(self) -> None:
        self._post("create_actuator", {"type": "LED", "port": 5})

    def remove_led(self) -> None:
        self._post("delete_actuator", {"port": "5"})

    def remove_sensor(self) -> None:
        self._post("delete_sensor", {"port": "0"})

    def add_sensor(self, kind: str = "Light") -> None:
        self._post("create_sensor", {"type": kind, "pin": 0, "unit": "NoUnits"})

    def set_led(self, on: bool) -> None:
        """As if the device had done it."""
        self._post("actuator_value?port=5", {"value": on})

    @property
    def led_on(self) -> bool:
        """What the page shows."""
        page = self._http.get(self.url, timeout=PATIENCE).text
        found = re.search(r'id="ledTitleId5">LED (on|off)<', page)
        assert found, page
        return found[1] == "on"

    def led_becomes(self, on: bool, seconds: float = PATIENCE) -> None:
        """Wait for the LED."""
        until(lambda: self.led_on == on, f"LED {'on' if on else 'off'}", seconds, LOOK)

    def close(self) -> None:
        self._http.close()


class CounterFit(CounterFitPage):
    """The CounterFit app in a process of its own."""

    def __init__(self, port: int | None = None) -> None:
        super().__init__(port or free_port())
        self.start()

    def start(self) -> None:
        self.program = Program(sys.executable, ROOT / "device/virtual_board.py", "--port", str(self.port))
        until(lambda: answers(self.port) or not self.program.is_running, "CounterFit's start")
        assert self.program.is_running, self.program.text

    def kill(self) -> None:
        self.program.kill()

    def close(self) -> None:
        super().close()
        self.program.process.kill()
        self.program.wait()


class SilentServer:
    """Accepts every connection and never answers: a program that hangs."""

    def __init__(self, port: int = 0) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])

    def __enter__(self) -> SilentServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()


@contextmanager
def fixed_answers(status: int, body: bytes, delay: float = 0) -> Iterator[int]:
    """A web server that always answers the same, after so many seconds; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(delay)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def counting_board(last: int) -> Iterator[int]:
    """A board whose sensor measures 1, 2, 3, ..., each at one look, and then stays at `last`; its port."""
    levels = itertools.count(1)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # the answer in one piece

        def do_GET(self) -> None:
            self._answer(json.dumps({"value": min(last, next(levels))}).encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(b"OK")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # a device that was killed
                super().handle()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def fixed_bytes(answer: bytes) -> Iterator[int]:
    """A server that answers whatever it is sent with these bytes, and closes; its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            self.request.sendall(answer)

    with serving(Handler) as port:
        yield port


@contextmanager
def dripping_server() -> Iterator[int]:
    """A server that speaks HTTP, but sends its answer's body a byte a second; its port."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            with contextlib.suppress(OSError):
                while not over.wait(1):
                    self.request.sendall(b" ")

    with serving(Handler) as port:
        yield port
        over.set()


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    """A server whose connections are handled so, each in a thread of its own; its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()
