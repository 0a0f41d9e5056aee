"""Link: stays connected to a broker, whatever happens."""

from __future__ import annotations

import itertools
import logging
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

from nightlight.address import BrokerAddress
from nightlight.connection import Connection, Receive
from nightlight.messages import LONGEST_ID, AnyMessage, BadMessage, Message, Status, decode, id_of
from nightlight.notices import Flood, Problem, Trouble, printable, say

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between attempts to connect: they double, until the longest."""

SHORT_LIFE = 30.0  # seconds; a connection that the broker ends sooner was probably taken over
EXCERPT = 40  # so many bytes of a bad message are shown

Overhear = Callable[[str, "AnyMessage | None", bytes, str], object]
"""Takes a topic, the message or None, the payload as it came, and why there is no message."""


class Link:
    """Stays connected to a broker, or to one of several that belong together.

    It connects in the background, and again whenever the connection is lost, subscribing anew each time.
    Several brokers are tried in turn, the last good one first; one that fell silent comes last. What is wrong
    with each is said in one line, once. Messages are checked before a handler sees them, and no bad message,
    nor an error in a handler, ends the connection.

        link = Link(BrokerAddress("localhost", 1883), device_id="kitchen")
        link.subscribe("kitchen/commands", Command, handle_command)
        with link:
            link.publish("kitchen/telemetry", Telemetry(light=80))

    `device_id` is for the end that this id belongs to: it may be connected only once, and
    `<id>/status` says `online` while it is, `offline` when it is not. Everybody else says by `role`
    what they are. `qos` is 0, 1 or 2.
    """

    def __init__(
        self, *brokers: BrokerAddress, qos: int = 1, device_id: str | None = None, role: str = "server"
    ) -> None:
        self.connections = 0
        """How many times a broker has let us in."""
        self.problem: Problem | None = None
        """Why there is no connection; None while there is one, and before the first attempt has failed."""
        self.ignored = ""
        """What was wrong with the last message that a handler did not get to see; empty if there was none."""
        self._brokers = brokers
        self.broker = brokers[0]
        """The one in use, or that is tried now."""
        self._qos = qos
        self._device_id = device_id
        self._role = role
        self._subscriptions: dict[str, Receive] = {}
        self._kept: dict[str, Message] = {}
        self._last_word: tuple[str, Message] | None = None
        self._on_tick: Callable[[], object] | None = None
        self._keeping = threading.Lock()
        self._troubles = {broker: Trouble() for broker in brokers}
        self._bad_messages, self._unsent = Flood(), Flood()
        self._closing = threading.Event()
        self._connection = self._new_connection(brokers[0])
        self._thread = threading.Thread(target=self._stay_connected, name="link", daemon=True)
        if device_id:
            self.keep(Status.topic(device_id), Status(online=True))
            self.say_at_the_end(Status.topic(device_id), Status(online=False))
            self.subscribe(Status.topic(device_id), Status, self._contradict)

    def __enter__(self) -> Link:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Say goodbye, so that the broker need not send the last will, and stop. Takes 2 s at most."""
        self._closing.set()
        if self._last_word:
            said = threading.Event()
            if self.publish(*self._last_word, said.set):
                said.wait(1)
        self._connection.close()
        self._thread.join(timeout=1)
        self._subscriptions.clear()  # they lead back to here: a circle

    def subscribe(self, topic: str, kind: type[AnyMessage], handler: Callable[[str, AnyMessage], object]) -> None:
        """Call `handler(topic, message)` for each valid message of this kind, in the link's own thread.

        To be called before the link is opened. `topic` may hold the wildcard `+`. Bad messages, and
        retained ones of a kind that should not be (left there by someone, some time), are ignored,
        with a line that says so.
        """

        def receive(topic: str, payload: bytes, retained: bool) -> None:
            try:
                message = _decoded(kind, topic, payload, retained)
            except BadMessage as error:
                self._ignore(topic, payload, str(error))
                return
            try:
                handler(topic, message)
            except Exception as error:
                self._blame(topic, error)

        self._subscriptions[topic] = receive

    def overhear(self, topic: str, kind: type[AnyMessage], handler: Overhear[AnyMessage]) -> None:
        """As subscribe(), for who shows what goes over the wire: `handler(topic, message, payload, problem)`.

        It hears bad messages as well: then there is no message, and the problem says why.
        """

        def receive(topic: str, payload: bytes, retained: bool) -> None:
            message, problem = None, ""
            try:
                message = _decoded(kind, topic, payload, retained)
            except BadMessage as error:
                problem = str(error)
                self._ignore(topic, payload, problem)
                if len(id_of(topic)) > LONGEST_ID:
                    return
            try:
                handler(topic, message, payload, problem)
            except Exception as error:
                self._blame(topic, error)

        self._subscriptions[topic] = receive

    def _blame(self, topic: str, error: Exception) -> None:
        """It is a handler's, and ends nothing."""
        logging.getLogger("nightlight").debug("The handler's error:", exc_info=error)
        self._bad_messages.warn(f"Could not handle a message on {printable(topic)}: {error!r}")

    def _ignore(self, topic: str, payload: bytes, why: str) -> None:
        self.ignored = why
        self._bad_messages.warn(f"Ignored a message on {printable(topic)}: {why}: {payload[:EXCERPT]!r}")

    def every_second(self, act: Callable[[], object]) -> None:
        """Call `act()` each second while a broker lets us in, in the link's own thread, as handlers are."""
        self._on_tick = act

    def say_at_the_end(self, topic: str, message: Message) -> None:
        """Let this be said when the link is closed, and by the broker if it breaks (MQTT's last will).

        To be called before the link is opened.
        """
        self._last_word = topic, message

    def unsubscribe(self, topic: str) -> None:
        """Hear no more of this topic, on this connection."""
        self._connection.unsubscribe(topic)

    def publish(self, topic: str, message: Message, on_arrival: Callable[[], object] | None = None) -> bool:
        """Send a message now; `on_arrival` is called when the broker has it.

        False, and nothing is kept for later, if that is not possible.
        """
        connection = self._connection
        if not connection.is_open:
            return False
        qos = 1 if message.RETAINED else self._qos
        sent = connection.publish(topic, message.payload, qos, message.RETAINED, on_arrival)
        if not sent and connection.is_open:
            self._unsent.warn("Not sent: the broker does not take messages as fast as they come.")
        return sent

    def stay(self) -> None:
        """Let it do its work until the program ends."""
        while True:  # in pieces: on Windows, Ctrl+C is not heard while a program waits
            self._closing.wait(0.5)

    @property
    def is_open(self) -> bool:
        """Whether a broker has let us in, and the connection still stands as far as we know."""
        return self._connection.is_open

    @property
    def waiting(self) -> int:
        """How many messages are on their way."""
        return self._connection.waiting

    def keep(self, topic: str, message: Message) -> None:
        """Let the broker keep this for whoever asks: sent now, if it is new, and again on each new connection."""
        with self._keeping:
            if self._kept.get(topic) != message:
                self._kept[topic] = message
                self.publish(topic, message)

    # ---- the link's own thread ----

    def _stay_connected(self) -> None:
        """Connect, again and again, until the link is closed. Nothing else ends this loop."""
        pauses = _growing_pauses()
        turns = itertools.cycle(self._brokers)
        self.broker = next(turns)
        in_vain = 0  # so many brokers have been tried since the last connection, or the last pause
        short_lives = 0
        self._connection.let_go()  # it was there for who asked before the link was opened
        while True:
            started, connections, broker = time.monotonic(), self.connections, self.broker
            self._connection = self._new_connection(broker)
            if self._closing.is_set():
                self._connection.let_go()
                return
            problem = self._connection.run()  # until it ends
            if self._closing.is_set():
                return

            if unsent := self._connection.unsent:
                self._unsent.warn(f"Not sent: {unsent:,} messages that still waited when the connection ended.")
            was_open, lasted = self.connections > connections, time.monotonic() - started
            in_vain = 0 if was_open else in_vain + 1
            if not was_open or self._connection.was_silent:
                self.broker = next(turns)
            if lasted > SHORT_LIFE:
                pauses = _growing_pauses()
            taken_over = was_open and lasted < SHORT_LIFE and not self._connection.was_silent
            short_lives = short_lives + 1 if taken_over else 0
            if short_lives > 1:
                problem = self._in_use_twice(broker, short_lives) or problem
            self.problem = problem
            what_next = "again" if self.broker == broker else str(self.broker)
            self._troubles[broker].say(f"{problem} Trying {what_next}...")
            # Where there is another broker, it is asked at once: the pause comes after a whole round. So it does
            # where two of one name push each other out.
            if len(self._brokers) == 1 or in_vain == len(self._brokers) or short_lives > 1:
                self._closing.wait(next(pauses))
                in_vain = 0

    def _in_use_twice(self, broker: BrokerAddress, times: int) -> Problem | None:
        """Why a broker ends each connection soon, where it allows only one of a name."""
        if self._device_id:
            name, remedy = f"the id {self._device_id!r}", "Give each device an --id of its own."
        elif broker.trust.ca and broker.user:
            name, remedy = f"the user {broker.user!r}", "A locked broker lets each in once: end the other program."
        else:
            return None
        what = f"The broker has ended the connection {times} times in a row: {name} seems to be in use twice,"
        return Problem(f"{what} unless the broker was restarted.", remedy)

    def _new_connection(self, broker: BrokerAddress) -> Connection:
        # '%' and letters only: brokers need not accept more (MQTT 3.1.1 section 3.1.3.1), and some
        # stumble over the '/' that an id may hold. A server takes a new name each time, since there
        # may be two of them; a device's stays, so that the broker notices when there are two.
        name = f"{self._role}-{secrets.token_hex(6)}"
        if self._device_id:
            name = quote(self._device_id, safe="") + "-device"
        return Connection(broker, name, self._qos, self._subscriptions, self._begin, self._last_word, self._tick)

    def _begin(self) -> None:
        """A broker has let us in."""
        self.problem = None
        for trouble in self._troubles.values():
            trouble.over()
        if len(self._brokers) > 1:
            say("Broker:", self.broker)
        with self._keeping:  # what is kept meanwhile is newer, and must not come before
            for topic, message in self._kept.items():
                self.publish(topic, message)
        self.connections += 1  # last: whoever waits for it may publish at once

    def _tick(self) -> None:
        if self._on_tick:
            try:
                self._on_tick()
            except Exception as error:
                logging.getLogger("nightlight").debug("The error:", exc_info=True)
                self._bad_messages.warn(f"Could not do what is due each second: {error!r}")

    def _contradict(self, topic: str, status: Status) -> None:
        """Somebody says that this device is offline: an old last will that comes late, or a liar."""
        if not status.online and not self._closing.is_set():
            self.publish(topic, Status(online=True))


def _decoded(kind: type[AnyMessage], topic: str, payload: bytes, retained: bool) -> AnyMessage:
    """The message, or BadMessage: no hostile topic gets any further either."""
    if retained and not kind.RETAINED:
        raise BadMessage("it was retained, so nobody knows how old it is")
    if len(topic) > LONGEST_ID and len(id_of(topic)) > LONGEST_ID:
        raise BadMessage(f"its id has more than {LONGEST_ID:,} characters")
    return decode(kind, payload)


def _growing_pauses() -> Iterator[float]:
    """Seconds to wait before each next attempt; a little random, so that a classroom does not knock all at once."""
    for attempt in itertools.count():
        yield min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt, 10)) * random.uniform(0.8, 1.0)
