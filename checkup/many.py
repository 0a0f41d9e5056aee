"""Is the broker one for many devices, and for several servers? Asked by --check of a server."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator

from checkup import limits, slow_client
from checkup.findings import Finding, cross, open_question, tick
from nightlight.address import BrokerAddress
from nightlight.link import Link
from nightlight.messages import Command
from nightlight.notices import Problem

PATIENCE = 1.5  # seconds to be let in, and for a message to come back


def room(broker: BrokerAddress, topic: str, online: int, is_here: bool) -> Iterator[Finding]:
    """How many messages it keeps, and how many clients it lets in.

    `topic` is the check-up's own, `online` the number of devices that are. `is_here`: the broker is on this machine.
    """
    if broker.is_public:
        yield open_question("queue", "how much it has room for is not tried: strangers share this broker")
        return
    yield _queue(broker, topic, online)
    yield _clients(broker, is_here)


def sharing(broker: BrokerAddress, topic: str) -> Finding:
    """Does it hand a message to one of those that share (MQTT 5 section 4.8.2), to clients of MQTT 3.1.1 as well?

    `topic` is the check-up's own, on which it can hear itself.
    """
    heard = threading.Event()
    link = Link(broker)
    link.subscribe(f"$share/check-up-{secrets.token_hex(4)}/{topic}", Command, lambda *_: heard.set())
    with link:
        end = time.monotonic() + PATIENCE
        while not link.is_open and time.monotonic() < end:
            time.sleep(0.01)
        link.publish(topic, Command(led_on=False))
        if heard.wait(PATIENCE):
            return tick("share", "it knows $share, and hands each reading to one of the servers")
    return cross(
        "share",
        Problem(
            "This broker does not know $share: a server with --share hears nothing here.",
            "Give each server devices of its own (--id 'north/+', --id 'south/+'), or use --group as well.",
        ),
    )


def full(broker: BrokerAddress) -> Problem | None:
    """Whether the broker, which is on this machine, lets us not in for want of room."""
    files = limits.open_files(broker.port)
    if not files or not files.is_full:
        return None
    return Problem(f"The broker has no room for another client: {files}.", files.remedy)


def _queue(broker: BrokerAddress, topic: str, online: int) -> Finding:
    """What becomes of many messages at once for a client that is slow, as a server is in a burst."""
    if broker.transport == "websockets":
        return open_question("queue", "how many messages wait for a slow client is not tried over WebSockets")
    kept = slow_client.try_out(broker, f"check-up-{secrets.token_hex(4)}", topic)
    if not kept:
        found = "how many messages wait for a slow client cannot be told: the check-up's own do not come through"
        return open_question("queue", found)
    if kept.arrived == kept.sent:
        return tick("queue", f"{kept.sent:,} messages can wait for a slow client, and none is lost")
    found = f"for a slow client the broker keeps {kept.arrived:,} of {kept.sent:,} messages, and drops the others"
    if online < limits.NEARLY * kept.arrived:
        return open_question("queue", f"{found}: enough for as many devices at once", limits.RAISE_QUEUE)
    # We have not heard of more than that, either: what is retained goes through the same queue.
    return cross("queue", Problem(f"At least {online:,} devices are online, but {found}.", limits.RAISE_QUEUE))


def _clients(broker: BrokerAddress, is_here: bool) -> Finding:
    files = limits.open_files(broker.port) if is_here else None
    if not files:
        found = "how many find room cannot be told from here: in Mosquitto, as it comes on Linux, about 1,000"
        return open_question("clients", found, limits.LOOK_THERE)
    if files.is_full:
        return cross("clients", Problem(f"The broker is nearly full: {files}.", files.remedy))
    if files.clients < limits.MANY:
        return open_question("clients", str(files), files.remedy)
    return tick("clients", f"{files} (its max_connections may say less)")
