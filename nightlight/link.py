"""Link: one dependable connection to a broker, on paho-mqtt."""

from __future__ import annotations

import itertools
import logging
import random
import secrets
import socket
import ssl
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from nightlight.address import BrokerAddress
from nightlight.messages import AnyMessage, BadMessage, Message, Status, status_topic
from nightlight.notices import Flood, Problem, Trouble, printable, say, warn

Receive = Callable[[mqtt.Client, Any, mqtt.MQTTMessage], None]

KEEP_ALIVE = 4
"""Seconds. A silent connection is given up after twice this; the broker sends the
last will after one and a half times this (MQTT 3.1.1 section 3.1.2.10)."""

ANSWER_WITHIN = 7.0
"""Seconds that the broker may take to acknowledge a subscription or a message, before it is given up."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between attempts to connect: they double, until the longest."""

SHORT_LIFE = 30.0
"""Seconds. A connection that the broker ends sooner was probably taken over."""

REMEMBERED = 10_000
"""How many messages are remembered to recognize those that the broker sends twice. After a connection has broken,
Mosquitto sends all again that were not acknowledged, and those may be many."""

MOST_UNSENT = 100_000
"""How many messages wait for a connection, where they do."""

EXCERPT = 40
"""How many bytes of a bad message are shown."""


class Delivery:
    """A message on its way to the broker."""

    def __init__(self, info: mqtt.MQTTMessageInfo) -> None:
        self._info = info

    def has_arrived(self) -> bool:
        """Whether the broker has acknowledged it (at QoS 0: whether it has been sent)."""
        try:
            return self._info.is_published()
        except (RuntimeError, ValueError):  # the connection has ended
            return False

    def wait(self, seconds: float) -> None:
        """Until it has arrived, or so many seconds have passed."""
        try:
            self._info.wait_for_publish(seconds)
        except (RuntimeError, ValueError):
            time.sleep(min(seconds, 0.1))  # and there will be another connection, to send it again


class Link:
    """One dependable connection to a broker.

    It connects in the background and connects again whenever the connection is lost, subscribing
    anew each time. What is wrong is said in one line, once. Messages are checked before a handler
    sees them, and no bad message, nor an error in a handler, ends the connection.

        link = Link(BrokerAddress("localhost", 1883), device_id="kitchen")
        link.subscribe("kitchen/commands", Command, handle_command)
        with link:
            link.publish("kitchen/telemetry", Telemetry(light=80))

    `device_id` is for the end that this id belongs to: it may be connected only once, and
    `<id>/status` says `online` while it is, `offline` when it is not. `qos` is 0, 1 or 2.

    `in_order` is for those who need every message, and not the newest: the broker keeps what comes
    while there is no connection (a persistent session, MQTT 3.1.1 section 3.1.2.4), and each message
    is handed over once, in order. At the server's end, which names its `server_id`, what is published
    meanwhile waits too, and goes out in order; what was under way when the connection broke goes twice.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        *,
        qos: int = 1,
        device_id: str | None = None,
        server_id: str | None = None,
        in_order: bool = False,
    ) -> None:
        self.session = 0
        """How many times the broker has accepted this connection."""

        self.problem: Problem | None = None
        """Why there is no connection; None while there is one, and before the first attempt has failed."""

        self.ignored = ""
        """What was wrong with the last message that a handler did not get to see; empty if there was none."""

        self._broker = broker
        self._qos = 1 if in_order else qos  # what QoS 2 promises, Mosquitto 2.0 does not keep when a connection breaks
        self._device_id = device_id
        self._server_id = server_id
        self._in_order = in_order
        self._waits = in_order and device_id is None
        self._awaited = 0
        """How many subscriptions the broker has yet to acknowledge."""
        self._on_their_way: deque[tuple[float, Delivery]] = deque()
        self._received: OrderedDict[int, tuple[str, bytes]] = OrderedDict()
        self._subscriptions: dict[str, Receive] = {}
        self._trouble = Trouble()
        self._bad_messages = Flood()
        self._connected = False
        self._refusal: Problem | None = None
        self._was_silent = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._stay_connected, name="link", daemon=True)
        self._tls = ssl.create_default_context() if broker.tls else None
        self._client = self._new_client()

    def __enter__(self) -> Link:
        self._client = self._new_client()  # now all subscriptions are known
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Say goodbye, so that the broker need not send the last will, and stop. Takes 2 s at most."""
        self._closing.set()
        if self._connected and self._device_id:
            goodbye = self._client.publish(
                status_topic(self._device_id), Status(online=False).encode(), qos=1, retain=True
            )
            if goodbye.rc == mqtt.MQTT_ERR_SUCCESS:
                goodbye.wait_for_publish(timeout=1)
        self._client.disconnect()
        self._thread.join(timeout=1)

    def subscribe(self, topic: str, kind: type[AnyMessage], handler: Callable[[str, AnyMessage], object]) -> None:
        """Call `handler(topic, message)` for each valid message of this kind, in the link's own thread.

        To be called before the link is opened. `topic` may hold the wildcard `+`. Bad messages, and
        retained ones of a kind that should not be (left there by someone, some time), are ignored,
        with a line that says so.
        """

        def receive(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
            payload = bytes(message.payload)
            if self._in_order and self._has_come_before(message.mid, message.dup, (message.topic, payload)):
                return
            try:
                if message.retain and not kind.RETAINED:
                    raise BadMessage("it was retained, so nobody knows how old it is")
                handler(message.topic, kind.decode(payload))
            except BadMessage as error:
                self.ignored = str(error)
                self._bad_messages.warn(
                    f"Ignored a message on {printable(message.topic)}: {error}: {payload[:EXCERPT]!r}"
                )
            except Exception as error:
                logging.getLogger("nightlight").debug("The handler's error:", exc_info=True)
                self._bad_messages.warn(f"Could not handle a message on {printable(message.topic)}: {error!r}")

        self._subscriptions[topic] = receive

    def publish(self, topic: str, message: Message) -> Delivery | None:
        """Send a message now. None, and nothing is kept for later, if there is no connection (but see `in_order`)."""
        if not self._connected and not self._waits:
            return None
        info = self._client.publish(topic, message.encode(), self._qos, message.RETAINED)
        if info.rc != mqtt.MQTT_ERR_SUCCESS and not self._waits:
            return None
        delivery = Delivery(info)
        self._on_their_way.append((time.monotonic(), delivery))
        return delivery

    def _new_client(self) -> mqtt.Client:
        """A client for one connection: what the last one could not deliver is old by now, and goes with it."""
        # '%' and letters only: brokers need not accept more (MQTT 3.1.1 section 3.1.3.1), and some
        # stumble over the '/' that an id may hold. A server takes a new name each time, since there
        # may be two of them; a device's stays, so that the broker notices when there are two.
        if self._device_id:
            name = quote(self._device_id, safe="") + "-device"
        elif self._in_order and self._server_id:
            name = quote(self._server_id, safe="") + "-server"  # the broker keeps a session by its name
        else:
            name = f"server-{secrets.token_hex(6)}"
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=not self._in_order,
            transport="websockets" if self._broker.transport == "websockets" else "tcp",
            reconnect_on_failure=False,  # that is what _stay_connected() is for
        )
        client.enable_logger(logging.getLogger("paho"))
        client.ws_set_options(path=self._broker.path)
        if self._broker.user is not None:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._tls:
            client.tls_set_context(self._tls)
        if self._device_id:
            client.will_set(status_topic(self._device_id), Status(online=False).encode(), qos=1, retain=True)
        client.max_queued_messages_set(MOST_UNSENT if self._waits else 200)  # while the broker is slow
        for topic, receive in self._subscriptions.items():
            client.message_callback_add(topic, receive)
        client.on_socket_open = _send_at_once
        # So that paho leaves all writing to the link's own thread: two at once are one too many for TLS.
        client.on_socket_register_write = lambda *_: None
        client.on_publish = _acknowledge_at_once
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        return client

    # ---- the link's own thread ----

    def _stay_connected(self) -> None:
        """Connect, again and again, until the link is closed. Nothing else ends this loop."""
        pauses = _growing_pauses()
        short_lives = 0
        while not self._closing.is_set():
            started, sessions = time.monotonic(), self.session
            self._refusal, self._was_silent = None, False
            if not self._waits:
                self._client = self._new_client()
            try:
                self._client.connect(self._broker.host, self._broker.port, KEEP_ALIVE)
                self._work(self._client)  # until the connection ends
            except Exception as error:  # the network's, TLS's, or that of a broker which sends nonsense
                problem = explain(error, self._broker)
            else:
                problem = self._refusal or self._explain_end(was_connected=self.session > sessions)
            self._connected = False
            if self._closing.is_set():
                return

            if time.monotonic() - started > SHORT_LIFE:
                pauses = _growing_pauses()
            taken_over = self.session > sessions and not self._was_silent and time.monotonic() - started < SHORT_LIFE
            short_lives = short_lives + 1 if taken_over else 0
            if short_lives > 1 and self._device_id:
                problem = Problem(
                    f"The broker has ended the connection {short_lives} times in a row: the id {self._device_id!r}"
                    " seems to be in use twice, unless the broker was restarted.",
                    "Give each device an --id of its own.",
                )
            self.problem = problem
            self._trouble.say(f"{problem} Trying again...")
            self._closing.wait(next(pauses))

    def _work(self, client: mqtt.Client) -> None:
        """Send and receive until the connection ends, or the broker leaves something unanswered for too long."""
        started = time.monotonic()
        self._awaited = len(self._subscriptions)
        self._on_their_way.clear()
        while client.loop(timeout=1) == mqtt.MQTT_ERR_SUCCESS:
            while self._on_their_way and self._on_their_way[0][1].has_arrived():
                self._on_their_way.popleft()
            waits_since = self._on_their_way[0][0] if self._on_their_way else time.monotonic()
            if self._awaited:
                waits_since = min(waits_since, started)
            if time.monotonic() - waits_since > ANSWER_WITHIN:
                self._was_silent = True
                return

    def _on_connect(self, client: mqtt.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._refusal = self._explain_refusal(reason)
            client.disconnect()  # some brokers leave that to us
            return
        for topic in self._subscriptions:
            client.subscribe(topic, self._qos)
        # A session that the broker has kept has its subscriptions; and what else it has kept comes at once, before
        # the answer to those of now.
        if flags.session_present or not self._awaited:
            self._begin(client)

    def _begin(self, client: mqtt.Client) -> None:
        """All subscriptions are there. Only now say so: whoever reads that may send something at once."""
        if self._device_id:
            client.publish(status_topic(self._device_id), Status(online=True).encode(), qos=1, retain=True)
        self.problem = None
        self._trouble.over()
        say("MQTT connected!")
        self._connected = True
        self.session += 1  # last: whoever waits for it may publish at once

    def _has_come_before(self, number: int, again: bool, message: tuple[str, bytes]) -> bool:
        """Whether the broker sends this message again, although it had come before the connection broke.

        It does so under the same number, and says so, if it has not seen our acknowledgement (MQTT 3.1.1
        section 4.4). Whether the message itself had come, only we know.
        """
        if again and self._received.get(number) == message:
            return True
        self._received[number] = message
        self._received.move_to_end(number)
        if len(self._received) > REMEMBERED:
            self._received.popitem(last=False)
        return False

    def _on_disconnect(
        self, client: mqtt.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self._was_silent = reason == "Keep alive timeout"

    def _on_subscribe(
        self, client: mqtt.Client, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            warn(f"{self._broker} does not let this user subscribe to {' or '.join(self._subscriptions)}.")
        self._awaited -= 1
        if self._awaited == 0 and not self._connected:
            self._begin(client)

    # ---- what is wrong, in words ----

    def _explain_refusal(self, reason: ReasonCode) -> Problem:
        """A CONNACK that says no (MQTT 3.1.1 section 3.2.2.3)."""
        if reason in ("Bad user name or password", "Not authorized"):
            if self._broker.user:
                return Problem(
                    f"{self._broker} does not accept the user {self._broker.user!r} or its password.",
                    "Check both; in the URL, an @ in them is written %40, a / is %2F.",
                )
            scheme, _, rest = self._broker.url.partition("://")
            return Problem(
                f"{self._broker} does not accept a client without a user.",
                f"Write --broker {scheme}://user:password@{rest}",
            )
        if reason == "Client identifier not valid":
            return Problem(f"{self._broker} does not accept this client id.", "Try another --id.")
        return Problem(f"{self._broker} refuses the connection: {reason}.", "Ask whoever runs the broker.")

    def _explain_end(self, was_connected: bool) -> Problem:
        """A connection that ended without being asked to."""
        if was_connected and self._was_silent:
            return Problem(
                f"The connection is lost: {self._broker} has been silent for too long.", "Is there still a network?"
            )
        if was_connected:
            return Problem(f"The connection is lost: {self._broker} has ended it.", "Is the broker still running?")
        if self._was_silent:
            return Problem(f"{self._broker} accepts the connection but never answers.", "Is it an MQTT broker?")
        return Problem(
            f"{self._broker} ends the connection before answering.",
            "Is it an MQTT broker? "
            + ("Does it want a client's certificate?" if self._broker.tls else "Does it want mqtts:// or ws://?"),
        )


def explain(error: Exception, broker: BrokerAddress) -> Problem:
    """An attempt to connect that failed before MQTT began."""
    if isinstance(error, socket.gaierror):
        return Problem(f"The broker's name is not found: {broker.host}.", "Is it spelled right, is there a network?")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Problem(
            f"The broker's certificate is not trusted: {error.verify_message} ({broker}).", _remedy_for(error)
        )
    if isinstance(error, ssl.SSLError) or (broker.tls and isinstance(error, ConnectionResetError)):
        return Problem(f"{broker} does not speak TLS.", "Is it the right port, or should it be mqtt:// or ws://?")
    if isinstance(error, mqtt.WebsocketConnectionError):
        return Problem(
            f"{broker} does not speak MQTT over WebSockets at {broker.path} ({error}).",
            "Is it the right port and path?",
        )
    if isinstance(error, ConnectionRefusedError):
        return Problem(
            f"The connection is refused: no broker listens at {broker}.",
            "Is it running?" + (" (mosquitto -c mosquitto.conf starts one there.)" if broker.port == 1883 else ""),
        )
    if isinstance(error, TimeoutError):
        return Problem(f"Nobody answers at {broker}.", "Is the address right, is a firewall in between?")
    if isinstance(error, OSError):
        return Problem(f"No way to {broker}: {error.strerror or error}.", "Is this machine in the network?")
    return Problem(f"{broker} sends what is not MQTT ({error!r}).", "Is it the right port?")


def _remedy_for(error: ssl.SSLCertVerificationError) -> str:
    """The commonest reasons, by OpenSSL's numbers (X509_V_ERR_... in its header x509_vfy.h)."""
    if error.verify_code in (9, 10):  # not valid yet, not valid any more
        return "Is this machine's clock right? Otherwise the broker needs a new one."
    if error.verify_code in (62, 64):  # made out to another name, or number
        return "Write the broker's name just as it is in the certificate."
    return "If the broker is your own, name the authority that signed it: SSL_CERT_FILE=authority.pem python ..."


def _send_at_once(client: mqtt.Client, userdata: Any, connection: Any) -> None:
    """Do not gather small packets (Nagle's algorithm, RFC 896): the LED would follow 20 ms later."""
    if isinstance(connection, socket.socket):  # paho's WebSocket is none
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _acknowledge_at_once(client: mqtt.Client, *_: Any) -> None:
    """Do not let the broker wait for TCP's acknowledgement of its PUBACK, which Linux delays by 40 ms.

    A broker that gathers small packets, as rumqttd does, sends the command only after that.
    """
    connection = client.socket()
    if isinstance(connection, socket.socket) and hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _growing_pauses() -> Iterator[float]:
    """Seconds to wait before each next attempt; a little random, so that a classroom does not knock all at once."""
    for attempt in itertools.count():
        yield min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt, 10)) * random.uniform(0.8, 1.0)
