"""Parts that are there, and answer nonsense."""

from __future__ import annotations

import http.server
import threading
from itertools import cycle
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.payloads import BAD_COMMAND


class NonsenseServer:
    """Answers each reading with one bad command after the other. It waits for the broker."""

    def __init__(self, port: int) -> None:
        self._answers = cycle(BAD_COMMAND.values())
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("+/telemetry", 1)
        self._client.on_message = self._answer
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def _answer(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        client.publish(message.topic.replace("telemetry", "commands"), next(self._answers), 1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class BrokenBoard:
    """Says that it has an error, whatever it is asked."""

    def __init__(self) -> None:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Broken)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Broken(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(500)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass
