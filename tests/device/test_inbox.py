"""Commands on their way from one thread to another."""

from __future__ import annotations

import queue
import threading

import pytest

from device.inbox import LONGEST_WAIT, Inbox
from nightlight.messages import Command

ON, OFF = Command(led_on=True), Command(led_on=False)


def test_all_that_wait_come_at_once_and_in_order() -> None:
    inbox = Inbox()
    for command in (ON, OFF, OFF):
        inbox.put("room/commands", command)
    assert inbox.wait(10) == [ON, OFF, OFF]
    assert inbox.wait(0.01) == []


def test_a_command_ends_the_wait() -> None:
    inbox = Inbox()
    threading.Timer(0.1, inbox.put, ["room/commands", ON]).start()
    assert inbox.wait(3_600) == [ON]  # longer than a test may take


def test_ctrl_c_is_heard_soon_also_where_a_waiting_queue_does_not_hear_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows: so the queue is never waited for any longer, however long the wait is."""
    waits: list[float] = []
    get = queue.Queue.get

    def noting(self: queue.Queue[Command], block: bool = True, timeout: float | None = None) -> Command:
        waits.append(timeout or 0)
        return get(self, block, timeout)

    monkeypatch.setattr(queue.Queue, "get", noting)
    assert Inbox().wait(1.2) == []
    assert max(waits) <= LONGEST_WAIT <= 0.5
