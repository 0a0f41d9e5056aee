"""Connection: one attempt at one broker, on paho-mqtt."""

from __future__ import annotations

import itertools
import logging
import re
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from nightlight import explain
from nightlight.address import BrokerAddress
from nightlight.loop import Client, Loop
from nightlight.messages import Message
from nightlight.notices import Problem, say, warn

Receive = Callable[[str, bytes, bool], None]
"""Takes a message's topic, its payload, and whether it was retained."""

KEEP_ALIVE = 4
"""Seconds. A silent connection is given up after twice this; the broker sends the
last will after one and a half times this (MQTT 3.1.1 section 3.1.2.10)."""

ANSWER_WITHIN = 7.0  # seconds without any acknowledgement, while some are due, after which the broker is given up

MOST_UNSENT = 20_000  # so many messages wait for a broker that is slow

ON_THEIR_WAY = 20  # so many messages wait for their acknowledgement at any moment

FIRST_NUMBER, NUMBERS = 1000, 64_000  # of messages; those below are paho's, for what it asks of the broker

TICK = 1.0  # seconds: so often is looked at what time alone changes


def nobody() -> None:
    """Whom to tell where nobody asks."""


class Connection:
    """One attempt at one broker: it connects, subscribes, sends and receives, and ends once.

    What it could not deliver is old by then, and goes with it.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        name: str,
        qos: int,
        subscriptions: Mapping[str, Receive],
        on_open: Callable[[], None],
        last_will: tuple[str, Message] | None = None,
        on_tick: Callable[[], None] = nobody,
    ) -> None:
        """`name` is the client id. `on_open` is called when the broker has granted all subscriptions.

        `last_will` is a topic, and what the broker shall publish there if this connection breaks. `on_tick` is
        called each second while the connection is open. `subscriptions` are topic filters, which may be shared
        (MQTT 5 section 4.8.2; brokers let older clients have that, too).
        """
        self.is_open = False  # whether messages can be published
        self.was_silent = False  # whether it has ended because the broker said nothing any more
        self.unsent = 0  # how many messages still waited when it ended, apart from the few that always do
        self._broker = broker
        self._qos = qos
        self._topics = list(subscriptions)
        self._receivers = [(_pattern(filter), receive) for filter, receive in subscriptions.items()]
        self._on_open, self._on_tick = on_open, on_tick
        self._refusal: Problem | None = None
        self._was_open = self._is_closed = False
        self._waiting: dict[int, Callable[[], object]] = {}
        """For each packet that the broker has yet to acknowledge, by its identifier, whom to tell when it has."""
        self._acknowledged: set[int] = set()  # before they were waited for: another thread publishes
        self._counter = itertools.count()
        self._loop: Loop | None = None
        self._next_tick = 0.0
        self._quiet_since = 0.0  # when something was last acknowledged, or first waited for
        self._is_acknowledged = False  # whether the broker has acknowledged something in this turn of the loop
        self._is_logged = logging.getLogger("paho").isEnabledFor(logging.DEBUG)
        self._client = self._new_client(name, last_will)

    def run(self) -> Problem:
        """Connect, and stay until the connection ends; why it has ended."""
        try:
            if self._broker.tls:
                self._client.tls_set_context(self._broker.trust.context())
            passes_by = self._qos < 2 and not self._is_logged
            with Loop(self._client, passes_by, self._receive, self._on_arrival) as loop:
                self._loop = loop
                self._client.connect(self._broker.host, self._broker.port, KEEP_ALIVE)
                while loop.turn(TICK) and not self._is_silent():
                    self._let_the_broker_go_on()
                    self._tick()
        except mqtt.WebsocketConnectionError as error:
            return explain.no_websocket(error, self._broker)
        except Exception as error:  # the network's, TLS's, or that of a broker which sends nonsense
            return explain.failure(error, self._broker)
        finally:
            self.is_open = False
            self.let_go()
        return self._refusal or explain.end(self._broker, self._was_open, self.was_silent)

    def publish(
        self, topic: str, payload: bytes, qos: int, retain: bool = False, on_arrival: Callable[[], object] | None = None
    ) -> bool:
        """Send this; False if it is not possible, because there is no connection or too much waits already.

        `on_arrival` is called, in another thread perhaps, when the broker has acknowledged it (QoS 0: when it is sent).
        """
        loop = self._loop
        if loop and loop.sends:
            number = 0
            if qos or on_arrival:
                if len(self._waiting) >= MOST_UNSENT:
                    return False
                number = self._free_number()
                self._wait_for(number, on_arrival or nobody)
            is_sent = loop.send(topic, payload, qos, retain, number)
            if not is_sent:
                self._waiting.pop(number, None)
            return is_sent
        info = self._client.publish(topic, payload, qos, retain)
        if info.rc != mqtt.MQTT_ERR_SUCCESS:
            return False
        self._wait_for(info.mid, on_arrival or nobody)
        if info.mid in self._acknowledged:
            self._settle(info.mid)
        return True

    def _free_number(self) -> int:
        while (number := FIRST_NUMBER + next(self._counter) % NUMBERS) in self._waiting:
            pass
        return number

    @property
    def waiting(self) -> int:
        """How many messages the broker has yet to acknowledge; at QoS 0 those of them that somebody waits for."""
        return len(self._waiting)

    def unsubscribe(self, topic: str) -> None:
        """Hear no more of this topic."""
        self._client.unsubscribe(topic)

    def close(self) -> None:
        """Say goodbye, so that the broker need not send the last will; or do not even begin."""
        self._is_closed = True
        self._client.disconnect()

    def _new_client(self, name: str, last_will: tuple[str, Message] | None) -> mqtt.Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            transport="websockets" if self._broker.transport == "websockets" else "tcp",
            reconnect_on_failure=False,  # that is what Link is for
        )
        if self._is_logged:
            client.enable_logger(logging.getLogger("paho"))
        client.ws_set_options(path=self._broker.path)
        if self._broker.user is not None:
            client.username_pw_set(self._broker.user, self._broker.password)
        if last_will:
            topic, message = last_will
            client.will_set(topic, message.payload, qos=1, retain=message.RETAINED)
        client.max_queued_messages_set(MOST_UNSENT)
        # At QoS 2 not all brokers take more than that from one client. Otherwise as many as there are: paho goes
        # through all that are on their way whenever one of them has arrived.
        client.max_inflight_messages_set(ON_THEIR_WAY if self._qos == 2 else 0)
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        return client

    def let_go(self) -> None:
        """Free paho's client, and with it its files, as soon as we are: a circle would wait for Python's collector."""
        for name in ("on_socket_open", "on_connect", "on_subscribe", "on_message", "on_publish", "on_disconnect"):
            setattr(self._client, name, None)
        self.unsent = max(0, len(self._waiting) - ON_THEIR_WAY)
        self._loop = None
        self._waiting.clear()
        self._receivers.clear()
        self._on_open = self._on_tick = nobody

    def _is_silent(self) -> bool:
        if self._waiting and time.monotonic() - self._quiet_since > ANSWER_WITHIN:
            self.was_silent = True
        return self.was_silent

    def _wait_for(self, packet: int, on_arrival: Callable[[], object]) -> None:
        if not self._waiting:
            self._quiet_since = time.monotonic()
        self._waiting[packet] = on_arrival

    def _arrived(self, packet: int) -> None:
        """The broker has acknowledged it, perhaps while another thread was just about to wait for that."""
        self._acknowledged.add(packet)
        self._settle(packet)

    def _settle(self, packet: int) -> None:
        """Of two threads that come here for the same packet, one finds it."""
        on_arrival = self._waiting.pop(packet, None)
        if on_arrival:
            self._acknowledged.discard(packet)
            self._quiet_since = time.monotonic()
            on_arrival()

    def _tick(self) -> None:
        now = time.monotonic()
        if self.is_open and now >= self._next_tick:
            self._next_tick = now + TICK
            self._on_tick()

    def _let_the_broker_go_on(self) -> None:
        """Do not let it wait for TCP's acknowledgement of its PUBACK, which Linux delays by 40 ms.

        One that gathers small packets, as rumqttd does, sends the command only after that.
        """
        connection: Any = self._client.socket()
        if self._is_acknowledged and hasattr(connection, "setsockopt") and hasattr(socket, "TCP_QUICKACK"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self._is_acknowledged = False

    # ---- what paho calls ----

    def _on_socket_open(self, client: mqtt.Client, userdata: Any, connection: Any) -> None:
        if self._is_closed:  # while the name was looked up, perhaps
            connection.close()
            raise ConnectionAbortedError
        if hasattr(connection, "setsockopt"):  # paho's WebSocket has none
            # Do not gather small packets (Nagle's algorithm, RFC 896): the LED would follow 20 ms later.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(self, client: mqtt.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._refusal = explain.refusal(str(reason), self._broker)
            client.disconnect()  # some brokers leave that to us
        elif self._topics:
            _, packet = client.subscribe([(topic, self._qos) for topic in self._topics])
            self._wait_for(packet or 0, self._open)
        else:
            self._open()

    def _on_subscribe(
        self, client: mqtt.Client, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        refused = [topic for topic, reason in zip(self._topics, reasons, strict=False) if reason.is_failure]
        if refused:
            warn(f"{self._broker} does not let this user subscribe to {' or '.join(refused)}.")
        self._arrived(mid)

    def _open(self) -> None:
        """All subscriptions are there. Only now say so: whoever reads that may send something at once."""
        if not self._is_closed:
            say("MQTT connected!")
            self.is_open = self._was_open = True
            self._on_open()

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        with suppress(UnicodeDecodeError):  # a topic that is none, and that nobody has subscribed to
            self._receive(message.topic, bytes(message.payload), message.retain)

    def _receive(self, topic: str, payload: bytes, retained: bool) -> None:
        for is_for, receive in self._receivers:
            if is_for(topic):
                receive(topic, payload, retained)
                return

    def _on_publish(self, client: mqtt.Client, userdata: Any, mid: int, *_: Any) -> None:
        self._is_acknowledged = True
        self._arrived(mid)

    def _on_arrival(self, number: int) -> None:
        """Of a message that passed paho by."""
        self._is_acknowledged = True
        self._settle(number)

    def _on_disconnect(
        self, client: mqtt.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self.was_silent = reason == "Keep alive timeout"


def _pattern(filter: str) -> Callable[[str], object]:
    """Whether a topic is one that this filter asks for (MQTT 3.1.1 section 4.7.1; '#' is not used here)."""
    if filter.startswith("$share/"):
        _, _, filter = filter.split("/", 2)
    return re.compile("/".join("[^/]*" if level == "+" else re.escape(level) for level in filter.split("/"))).fullmatch
