"""Has the broker room for many devices? Asked by --check where the id stands for many, with a `+`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from checkup import limits, slow_client
from checkup.findings import Finding, cross, open_question, tick
from nightlight.address import BrokerAddress
from nightlight.notices import Problem


def room(broker: BrokerAddress, topic: str, online: int, is_here: bool) -> Iterator[Finding]:
    """How many messages it keeps, and how many clients it lets in.

    `topic` is the check-up's own, `online` the number of devices that are. `is_here`: the broker is on this machine.
    """
    if broker.is_public:
        yield open_question("queue", "how much it has room for is not tried: strangers share this broker")
        return
    yield _queue(broker, topic, online)
    yield _clients(broker, is_here)


def full(broker: BrokerAddress) -> Problem | None:
    """Whether the broker, which is on this machine, lets in nobody because it cannot."""
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
    found = f"for a slow client the broker keeps {kept.arrived:,} of {kept.sent:,} messages, the others are lost"
    if online < limits.NEARLY * kept.arrived:
        return open_question("queue", f"{found}: enough if no more devices report at once", limits.RAISE_QUEUE)
    # We have not heard of more than that, either: what is retained goes through the same queue.
    return cross("queue", Problem(f"At least {online:,} devices are online, but {found}.", limits.RAISE_QUEUE))


def _clients(broker: BrokerAddress, is_here: bool) -> Finding:
    files = limits.open_files(broker.port) if is_here else None
    if not files:
        found = "how many find room cannot be told from here; on Linux, Mosquitto has room for about 1,000 as it comes"
        return open_question("clients", found, limits.LOOK_THERE)
    if files.is_full:
        return cross("clients", Problem(f"The broker is nearly full: {files}.", files.remedy))
    if files.clients < limits.MANY:
        return open_question("clients", str(files), files.remedy)
    return tick("clients", str(files))
