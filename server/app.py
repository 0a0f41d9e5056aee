"""The server: listen to the light, decide whether it is dark, answer with a command."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the imports below are, from any folder

from nightlight.program import begin, run

begin()

from checkup.questions import check_up
from nightlight.link import Link
from nightlight.messages import Command, Message, id_of
from nightlight.notices import remark, say
from server.devices import Answer
from server.settings import open_devices, read_settings


def main() -> None:
    settings = read_settings()
    if settings.check:
        sys.exit(check_up(settings))
    link = Link(*settings.brokers, qos=settings.qos)
    devices = open_devices(link, settings)

    def handle(topic: str, message: Message) -> None:
        answer = devices.answer(id_of(topic), message)  # whose it is: our --id may hold a '+'
        if answer.commands:  # yesterday's darkness must not switch today's lamp
            say("Message received:", message)
        give(answer)

    def give(*answers: Answer) -> None:
        for answer in answers:
            remark(answer.notice)
            for id, command in answer.commands:
                if link.publish(Command.topic(id), command):
                    say("Sending message:", command)

    for topic, kind in settings.topics:
        link.subscribe(topic, kind, handle)
    link.every_second(lambda: give(*devices.due()))  # what time alone changes
    with link:  # connects in the background, and again whenever it has to
        link.stay()


if __name__ == "__main__":
    run(main)
