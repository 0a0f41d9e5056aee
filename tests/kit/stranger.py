"""A client that knows nothing of this project: plain paho-mqtt."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from nightlight.trust import Credentials
from tests.kit.programs import PATIENCE, until


class Stranger:
    """Publishes what it likes, and keeps what it hears as (topic, payload) pairs."""

    def __init__(
        self,
        port: int,
        *listen_to: str,
        user: str | None = None,
        password: str | None = None,
        name: str = "",
        credentials: Path | None = None,
    ) -> None:
        """`credentials` is a folder that run.py lock has made; then it speaks TLS."""
        self.heard: list[tuple[str, bytes]] = []
        self.retained: list[tuple[str, bytes]] = []
        self._ready = threading.Event()
        self._listen_to = listen_to
        # With a name, the broker keeps what comes while it is away.
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, name, clean_session=not name)
        self._client.reconnect_delay_set(1, 1)
        self._client.max_queued_messages_set(0)
        self._client.on_socket_open = _send_at_once
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._on_message
        if user:
            self._client.username_pw_set(user, password)
        if credentials:
            known = Credentials.in_folder(credentials)
            self._client.username_pw_set(str(known.user), known.password)
            self._client.tls_set_context(known.trust.context())
        self._client.connect("localhost" if credentials else "127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(PATIENCE), "the broker did not let the stranger in"

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        if self._listen_to:
            client.subscribe([(topic, 1) for topic in self._listen_to])
        else:
            self._ready.set()

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        (self.retained if message.retain else self.heard).append((message.topic, bytes(message.payload)))

    def publish(self, topic: str, payload: bytes | str, qos: int = 1, retain: bool = False) -> None:
        """Returns when the broker has it."""
        sent = self._client.publish(topic, payload, qos, retain)
        sent.wait_for_publish(PATIENCE)
        assert sent.is_published(), f"the broker does not take a message on {topic}"

    def post(self, topic: str, payload: bytes | str) -> None:
        """Returns at once; what is posted arrives in order."""
        self._client.publish(topic, payload, 1)

    @property
    def is_connected(self) -> bool:
        """Also again, after the broker was away."""
        return self._client.is_connected()

    def wait_for(self, topic: str, payload: bytes, since: int = 0, seconds: float = PATIENCE) -> None:
        until(lambda: (topic, payload) in self.heard[since:], f"{payload!r} on {topic}", seconds)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def _send_at_once(client: mqtt.Client, userdata: Any, connection: Any) -> None:
    """Each message waits for its acknowledgement; it should not wait for Nagle's algorithm as well."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
