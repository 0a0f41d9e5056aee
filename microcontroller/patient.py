"""MQTTClient: umqtt.simple with what it lacks: time-outs, whole packets, and limits.

Its own sockets have no time-out, or lose it with the first packet: on a dead connection it waits for ever. It writes a
message in five pieces, which go out one by one, and takes into memory whatever somebody sends, however long.
"""

import errno
import select
import socket
from binascii import a2b_base64
from time import gmtime, ticks_add, ticks_diff, ticks_ms

import machine
import settings
from trouble import BadSetting
from umqtt import simple

KEEP_ALIVE = 4  # seconds; after one and a half times this the broker sends the last will (MQTT 3.1.1 section 3.1.2.10)
CONNECTED_WITHIN, ANSWERED_WITHIN = 6000, 3000  # ms for all of a connection, TLS too; for all of anything else
LONG = 400  # bytes; a command has 16, and a board's memory is short


class Socket:
    """What umqtt takes for its socket, with a deadline, and with TLS where settings.CA names whom to trust."""

    def __init__(self):
        self._stream = self._socket = socket.socket()
        # Do not gather small packets (RFC 896): what follows on an acknowledgement would wait for 40 ms. 6 is TCP.
        self._socket.setsockopt(6, getattr(socket, "TCP_NODELAY", 1), 1)
        self._unsent = self._newest = self.first_byte = b""
        self.be_done_within(CONNECTED_WITHIN)

    def be_done_within(self, ms):
        """What is read from now on has to be there by then, however much it is, and however it drips."""
        self._deadline = ticks_add(ticks_ms(), ms)

    def _left(self):
        """How many ms there are left. OSError if there are none."""
        left = ticks_diff(self._deadline, ticks_ms())
        if left <= 0:
            raise OSError(errno.ETIMEDOUT)
        return left

    def connect(self, address):
        """With TLS, if settings.CA is given: ValueError or OSError if the broker is not whom that trusts."""
        self._socket.settimeout(self._left() / 1000)
        self._socket.connect(address)
        if settings.CA:
            import ssl  # not every MicroPython has it

            if gmtime() < settings.TODAY:  # as after each power cut: then no certificate would be valid yet
                machine.RTC().datetime(settings.TODAY + (0, 0, 0, 0, 0))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=der(settings.CA))
            self._stream = context.wrap_socket(self._socket, server_hostname=settings.BROKER)
        self._poller = select.poll()
        self._poller.register(self._stream, select.POLLIN)

    def settimeout(self, _):
        """Newer versions of umqtt set it to None before they connect. The deadline holds."""

    def setblocking(self, _):
        """Called by umqtt.wait_msg() when it has read the first byte of a packet: keep that, it tells its kind."""
        self.first_byte = self._newest

    def write(self, data, size=None):
        """It goes out when an answer is read: then the packet is complete."""
        self._unsent += data[:size]

    def flush(self):
        """Send what has been written."""
        if self._unsent:
            self._socket.settimeout(self._left() / 1000)
            self._stream.write(self._unsent)
            self._unsent = b""

    def has_something(self, within):
        """Whether something comes within so many ms."""
        return self._poller.poll(within)

    def read(self, size):
        """So many bytes; OSError if they are not there by the deadline. Of what is LONG, words that are no JSON."""
        self.flush()
        self._socket.settimeout(0)
        data, missing = b"", size
        while missing:
            if size < 0 or not self.has_something(self._left()):
                raise OSError(errno.ETIMEDOUT)
            piece = self._stream.read(min(missing, LONG))
            if piece == b"":
                raise OSError(-1)  # as umqtt says that the connection has ended
            if piece:  # TLS may have had something that was not for us
                missing -= len(piece)
                data = data + piece if size <= LONG else b"(too long)"
        self._newest = data
        return data

    def close(self):
        """TLS closes what is under it."""
        self._stream.close()


class Sockets:
    """What umqtt takes for the module `socket`."""

    getaddrinfo = socket.getaddrinfo
    socket = Socket


simple.socket = Sockets


class MQTTClient(simple.MQTTClient):
    """umqtt's, for the broker that settings.py names. It takes texts; all that it sends has QoS 1.

    Each call is done within ANSWERED_WITHIN, or ends with an error. umqtt would count a text's letters, but MQTT counts
    bytes (MQTT 3.1.1 section 1.5.3).
    """

    def __init__(self, topic, last_will):
        name = str(settings.ID).replace("/", "%2F") + "-device"  # as device/app.py: the broker lets in one of them
        login = settings.USER and settings.USER.encode(), settings.PASSWORD and settings.PASSWORD.encode()
        super().__init__(name.encode(), settings.BROKER, settings.PORT, *login, KEEP_ALIVE)
        self.set_last_will(topic.encode(), last_will.encode(), retain=True, qos=1)

    def connect(self):
        """Returns when the broker has let us in. BadSetting, MQTTException or OSError if that is not possible."""
        id = str(settings.ID)
        if not 0 < len(id.encode()) <= 100 or "+" in id or "#" in id:
            raise BadSetting("ID should have 1 to 100 letters, and no + or #")
        if (settings.USER is None) != (settings.PASSWORD is None):
            raise BadSetting("USER and PASSWORD go together")
        super().connect()

    def subscribe(self, topic):
        """Returns when the broker has granted it. MQTTException if it does not."""
        self._begin()
        super().subscribe(topic.encode(), 1)

    def publish(self, topic, payload, retain):
        """Returns when the broker has it."""
        self._begin()
        super().publish(topic.encode(), payload.encode(), retain, 1)

    def ping(self):
        """Returns when the broker has answered, or said something else."""
        self._begin()
        super().ping()
        self.wait_msg()

    def hear(self, ms):
        """Take what comes within so long, if anything comes, and acknowledge it."""
        if self.sock.has_something(ms):
            self._begin()
            self.wait_msg()
            self.sock.flush()

    def _begin(self):
        self.sock.be_done_within(ANSWERED_WITHIN)
        self.pid %= 65_000  # umqtt counts on and on, but a message's number has 16 bits

    @property
    def is_retained(self):
        """Whether the message that has just come was kept by the broker (MQTT 3.1.1 section 3.3.1.3)."""
        return self.sock.first_byte[0] & 1


def der(file):
    """The certificate in a file in PEM, as DER: not all builds of MicroPython read PEM."""
    try:
        with open(file) as pem:
            return a2b_base64(pem.read().split("-----")[2])  # -----BEGIN CERTIFICATE-----...-----END CERTIFICATE-----
    except OSError:
        raise BadSetting(f"CA: there is no file {file} on the board")
    except (IndexError, ValueError):
        raise BadSetting(f"CA: {file} holds no certificate")
