"""The server: listen to the light, decide whether it is dark, answer with a command."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the imports below are, from any folder

from nightlight.program import begin, run

begin()

from checkup.questions import check_up
from nightlight.link import Link
from nightlight.messages import Command, Override, Telemetry, id_of
from nightlight.notices import remark, say
from server.devices import Devices
from server.settings import read_settings


def main() -> None:
    settings = read_settings()
    if settings.check:
        sys.exit(check_up(settings))
    devices = Devices(settings.rule, settings.stale)
    link = Link(*settings.brokers, qos=settings.qos)

    def handle(topic: str, message: Telemetry | Override) -> None:
        id = id_of(topic)  # whose it is: our --id may hold a '+'
        answer = devices.answer(id, message)
        remark(answer.notice)
        if answer.command:  # yesterday's darkness must not switch today's lamp
            say("Message received:", message)
            if link.publish(Command.topic(id), answer.command):
                say("Sending message:", answer.command)

    link.subscribe(Telemetry.topic(settings.id), Telemetry, handle)
    link.subscribe(Override.topic(settings.id), Override, handle)
    with link:  # connects in the background, and again whenever it has to
        for id, override in devices.overrides_that_end():
            handle(Override.topic(id), override)  # back to the rule


if __name__ == "__main__":
    run(main)
