"""Runs in MicroPython: a stand-in for a board's module `machine`, with CounterFit's light sensor and LED on all pins.

Only what main.py needs. What fails with a real board fails here in the same way: a sensor that cannot be read raises
OSError, and a loop that does not feed the watchdog is ended.
"""

import _thread
import json
import os
import socket
from time import sleep_ms, ticks_diff, ticks_ms

HOST, PORT = os.getenv("COUNTERFIT").split(":")
SAME_LOOK = 20  # ms within which readings are one: each takes CounterFit some milliseconds, a pin some microseconds
ANSWER_WITHIN = 2  # seconds


class Pin:
    """CounterFit's LED, whatever the number. A real pin cannot fail; what CounterFit misses, it is told again."""

    OUT = 1
    newest = None

    def __init__(self, number, mode=None, value=None):
        self._wanted = self._set = None
        if value is not None:
            Pin.newest = self
            self.value(value)

    def value(self, on):
        self._wanted = bool(on)
        self.repeat()

    def repeat(self):
        if self._set != self._wanted:
            try:
                ask("POST", "/actuator_value?port=5", {"value": self._wanted})
                self._set = self._wanted
            except OSError:
                self._set = None


class ADC:
    """CounterFit's light sensor, 0 to 1023, as 16 bits."""

    def __init__(self, pin):
        self._value, self._read_at = 0, None

    def read_u16(self):
        if self._read_at is None or ticks_diff(ticks_ms(), self._read_at) > SAME_LOOK:
            self._read_at = None
            try:
                self._value = ask("GET", "/sensor_value?port=0")["value"] << 6
            except OSError:
                Pin.newest._set = None  # who knows what has become of it
                raise
            Pin.newest.repeat()
            self._read_at = ticks_ms()
        return self._value


class WDT:
    """Ends the program; a board would start again. It counts its own time, so that a frozen process is not overdue."""

    def __init__(self, id=0, timeout=5000):
        if timeout > 8388:
            raise ValueError("timeout exceeds 8388")  # as a Pico W says it
        self._timeout = timeout
        self.feed()
        _thread.start_new_thread(self._watch, ())

    def feed(self):
        self._left = self._timeout

    def _watch(self):
        while self._left > 0:
            sleep_ms(100)
            self._left -= 100
        print("(The watchdog ends the program.)")
        os.system("kill -KILL $PPID")


class RTC:
    """The clock of this machine, which is right."""

    def datetime(self, now):
        print("(The clock is set to {}-{}-{}.)".format(*now))


def ask(method, path, value=None):
    """CounterFit's answer. OSError if there is none."""
    body = json.dumps(value) if value else ""
    head = f"{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = socket.socket()
    connection.settimeout(ANSWER_WITHIN)
    try:
        connection.connect(socket.getaddrinfo(HOST, int(PORT))[0][-1])
    except OSError:
        connection.close()
        raise OSError("CounterFit is not there")
    try:
        connection.write((head + body).encode())
        head, _, body = connection.read().partition(b"\r\n\r\n")
    except OSError:
        raise OSError("CounterFit accepts the connection but does not answer")
    finally:
        connection.close()
    status = head.split(b" ")[1].decode() if b" " in head else "nothing"
    if status != "200":
        raise OSError(f"CounterFit answers with an error ({status})")
    return json.loads(body) if not value else None
