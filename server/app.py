"""The server: listen to the light, decide whether it is dark, answer with a command."""

import os
import signal
import sys
from pathlib import Path

signal.signal(signal.SIGINT, lambda *_: os._exit(0))  # Ctrl+C while the imports below take their time
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the imports below are, from any folder

from nightlight.checkup import check_up
from nightlight.link import Link
from nightlight.messages import Command, Telemetry, commands_topic, id_of, telemetry_topic
from nightlight.notices import say
from nightlight.program import run, wait_for_ctrl_c
from nightlight.rule import is_dark
from server.freshness import Freshness
from server.orders import Orders
from server.settings import read_settings


def main() -> None:
    settings = read_settings()
    if settings.check:
        sys.exit(check_up(settings))
    link = Link(settings.broker, qos=settings.qos, server_id=settings.id, in_order=settings.commands == "in-order")
    freshness = Freshness(settings.stale)
    orders = Orders(numbered=settings.commands == "in-order")

    def handle_telemetry(topic: str, telemetry: Telemetry) -> None:
        if not freshness.is_fresh(id_of(topic), telemetry):
            return  # yesterday's darkness must not switch today's lamp
        say("Message received:", telemetry)
        command = Command(is_dark(telemetry.light, settings.threshold), orders.next())
        say("Sending message:", command)
        link.publish(commands_topic(id_of(topic)), command)  # to whom it came from: our --id may hold a '+'

    link.subscribe(telemetry_topic(settings.id), Telemetry, handle_telemetry)
    with link:  # connects in the background, and again whenever it has to
        wait_for_ctrl_c()


if __name__ == "__main__":
    run(main)
