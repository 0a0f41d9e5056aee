"""umqtt.simple, and what it lacks: time-outs, whole packets, limits, and words for its errors.

Its own sockets have no time-out, or lose it with the first packet: on a dead connection it waits for ever. It writes a
message in five pieces, which go out one by one, and takes into memory whatever somebody sends, however long.
"""

import errno
import socket
import ssl
import time
from binascii import a2b_base64

import machine
import settings
from umqtt import simple

PATIENCE = 3  # seconds for each answer: to connect, in TLS's greeting, to acknowledge
LONG = 400  # bytes; a command has 16, and a board's memory is short


class Socket:
    """What umqtt takes for its socket, with a time-out, and with TLS where settings.CA names whom to trust."""

    def __init__(self):
        self.stream = self._socket = socket.socket()
        # Do not gather small packets (RFC 896): what follows on an acknowledgement would wait for 40 ms. 6 is TCP.
        self._socket.setsockopt(6, getattr(socket, "TCP_NODELAY", 1), 1)
        self.first_byte = self._newest = self._unsent = b""
        self.close = self._socket.close

    def connect(self, address):
        self._socket.settimeout(PATIENCE)
        self._socket.connect(address)
        if settings.CA:
            if time.gmtime() < settings.TODAY:  # certificates are not valid yet, to whom it is 2021
                machine.RTC().datetime(settings.TODAY + (0, 0, 0, 0, 0))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.verify_mode = ssl.CERT_REQUIRED
            with open(settings.CA) as pem:  # not all builds of MicroPython read PEM; within it is DER, in base64
                context.load_verify_locations(cadata=a2b_base64(pem.read().split("-----")[2]))
            self.stream = context.wrap_socket(self._socket, server_hostname=settings.BROKER)

    def settimeout(self, _):
        """Newer versions of umqtt want none. Ours holds."""

    def setblocking(self, _):
        """What umqtt asks for when it has read a packet's first byte, which tells its kind."""
        self.first_byte = self._newest

    def write(self, data, size=None):
        """It goes out when an answer is read: then the packet is complete."""
        self._unsent += data[:size]

    def flush(self):
        """Send what has been written."""
        if self._unsent:
            self.stream.write(self._unsent)
            self._unsent = b""

    def read(self, size):
        """So many bytes. What is too long is let pass, and what is returned is no JSON."""
        self.flush()
        if size > LONG:
            for start in range(0, size, LONG):
                self.stream.read(min(LONG, size - start))
            return b"(too long)"
        self._newest = self.stream.read(size)
        return self._newest


class Sockets:
    """What umqtt takes for the module `socket`."""

    getaddrinfo = socket.getaddrinfo
    socket = Socket


simple.socket = Sockets


class MQTTClient(simple.MQTTClient):
    """umqtt's, for the broker that settings.py names. It takes texts; all that it sends has QoS 1.

    umqtt would count a text's letters, but MQTT counts bytes (MQTT 3.1.1 section 1.5.3).
    """

    def __init__(self, topic, last_will, keep_alive):
        name = settings.ID.replace("/", "%2F") + "-device"  # as device/app.py: the broker lets in one of them
        login = settings.USER and settings.USER.encode(), settings.PASSWORD and settings.PASSWORD.encode()
        super().__init__(name.encode(), settings.BROKER, settings.PORT, *login, keep_alive)
        self.set_last_will(topic.encode(), last_will.encode(), retain=True, qos=1)

    def subscribe(self, topic):
        super().subscribe(topic.encode(), 1)

    def publish(self, topic, payload, retain):
        """Returns when the broker has it."""
        self.pid %= 65_000  # umqtt counts on and on, but a message's number has 16 bits
        super().publish(topic.encode(), payload.encode(), retain, 1)

    @property
    def is_retained(self):
        """Whether the message that has just come was kept by the broker (MQTT 3.1.1 section 3.3.1.3)."""
        return self.sock.first_byte[0] & 1


def explain(error, was_open):
    """What is wrong with the connection, in words."""
    place, number = f"{settings.BROKER}:{settings.PORT}", error.args[0] if error.args else None
    if number == errno.ENODEV:
        return f"There is no Wi-Fi {settings.WIFI!r}, or it does not let us in."
    if was_open:
        silent = "has been silent for too long" if number == errno.ETIMEDOUT else "has ended it"
        return f"The connection is lost: {place} {silent}."
    if isinstance(error, simple.MQTTException):  # MQTT 3.1.1 section 3.2.2.3
        return f"{place} does not let us in ({number}). Are USER and PASSWORD right?"
    if isinstance(error, IndexError):
        return f"{place} ends the connection before answering. Has it too many, or does it want TLS?"
    if number == errno.ECONNREFUSED:
        return f"The connection is refused: no broker listens at {place}."
    if number == errno.ETIMEDOUT:
        return f"Nobody answers at {place}."
    if "addrinfo" in str(number) or (isinstance(number, int) and number < 0 and len(error.args) == 1):
        return f"The broker's name is not found: {settings.BROKER}."
    return f"No way to {place}: {error}."
