"""The load: one client that sends readings of many ids, and hears the commands of the server that answers them.

It must not be what is measured, so it is a bare socket whose packets are made beforehand, in a process of its own.
`Load` keeps only so many readings unanswered that nobody has to drop one.
"""

from __future__ import annotations

import random
import re
import secrets
import select
import time

from bench import raw

ANSWER = re.compile(rb"/(\d{5})/commands")
PATIENCE = 60.0
LOST_AFTER = 5.0  # seconds: what is not answered by then will not be


class Load:
    """Speaks for so many devices, `<id>/00000`, `<id>/00001` and so on. Each has at most one reading unanswered."""

    def __init__(self, port: int, id: str, qos: int, devices: int) -> None:
        chance = random.Random(1)
        packets = [
            raw.publish(f"{id}/{number:05}/telemetry", b'{"light": %d}' % chance.randrange(100, 600), qos, number + 1)
            for number in range(devices)
        ]
        self._length = len(packets[0])
        assert all(len(packet) == self._length for packet in packets)
        self._packets = b"".join(packets) * 2  # so that a slice may go over the end
        self._devices = devices
        self._next = 0  # whose turn it is
        self._connection = raw.connect(port, f"load-{secrets.token_hex(6)}", f"{id}/+/commands", 0)
        self._rest = b""

    def close(self) -> None:
        self._connection.close()

    def wait_for_server(self) -> None:
        """Until it answers. AssertionError if it does not."""
        deadline = time.perf_counter() + PATIENCE
        while not self._count(1):
            assert time.perf_counter() < deadline, "the server does not answer"
            self._send(1)
        while self._count(0.2):  # what else it had to answer
            pass

    def flood(self, window: int, warm_up: float, seconds: float) -> float:
        """Decisions a second, while never more than `window` readings are unanswered."""
        started = time.perf_counter()
        begin, end = started + warm_up, started + warm_up + seconds
        first = last = sent = answered = 0
        first_at = last_at = started
        while last_at < end:
            if sent - answered < window:
                self._send(window - (sent - answered))
                sent = answered + window
            answered += self._count(LOST_AFTER)
            now = time.perf_counter()
            if now - last_at > LOST_AFTER:
                sent = answered
            last, last_at = answered, now
            if now < begin:
                first, first_at = answered, now
        self._drain(sent - answered)
        return (last - first) / (last_at - first_at)

    def one_at_a_time(self, seconds: float) -> list[float]:
        """Seconds from each reading to its command, the next one sent only then."""
        taken = []
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            self._send(1)
            while not self._count(LOST_AFTER) and time.perf_counter() - started < LOST_AFTER:
                pass
            taken.append(time.perf_counter() - started)
        return taken

    def at_rate(self, rate: float, seconds: float, patience: float = 0.25) -> list[float]:
        """Seconds from each reading to its command, so many readings a second sent whether or not they are answered.

        TimeoutError if the server does not keep up: if those that wait are more than come in so many
        seconds of patience.
        """
        sent_at = [0.0] * self._devices
        sent, taken = 0, list[float]()
        started = now = time.perf_counter()
        while now < started + seconds or len(taken) < sent:
            due = min(int((now - started) * rate) + 1, int(seconds * rate)) - sent
            waiting = sent + due - len(taken)
            if waiting > min(self._devices, rate * patience + 100) or now > started + seconds + PATIENCE:
                self._drain(sent - len(taken))
                raise TimeoutError(f"it does not keep up with {rate:,.0f} readings a second")
            for number in range(self._next, self._next + due):
                sent_at[number % self._devices] = now
            self._send(due)
            sent += due
            answers = self._answers(max(0.0, started + sent / rate - now) if sent < seconds * rate else 0.1)
            now = time.perf_counter()
            # What was asked before this began may be answered now.
            taken += [now - sent_at[number] for number in answers if number < self._devices and sent_at[number]]
        return taken

    def _send(self, readings: int) -> None:
        first = self._next
        if readings:
            self._connection.sendall(self._packets[first * self._length : (first + readings) * self._length])
        self._next = (first + readings) % self._devices

    def _drain(self, unanswered: int) -> None:
        deadline = time.perf_counter() + PATIENCE
        while unanswered > 0 and time.perf_counter() < deadline:
            unanswered -= self._count(1)

    def _count(self, timeout: float) -> int:
        """How many commands have come, after waiting so long for the first bytes. Acknowledgements look different."""
        data = self._receive(timeout)
        self._rest = data[-len(b"/command") :]  # too short for a whole word, long enough for the part of one
        return data.count(b"/commands")

    def _answers(self, timeout: float) -> list[int]:
        """The numbers of the devices whose commands have come."""
        data = self._receive(timeout)
        found = ANSWER.findall(data)
        self._rest = data[-len(b"/00000/command") :]
        return list(map(int, found))

    def _receive(self, timeout: float) -> bytes:
        if not select.select([self._connection], [], [], timeout)[0]:
            return self._rest
        data = self._connection.recv(1 << 18)
        if not data:
            raise EOFError("the broker has ended the connection")
        return self._rest + data
