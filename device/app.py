"""The device: read the light, report it, obey the commands that come back."""

import os
import signal
import sys
from pathlib import Path

signal.signal(signal.SIGINT, lambda *_: os._exit(0))  # Ctrl+C while the imports below take their time
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the imports below are, from any folder

from device.board import open_board
from device.deputy import Deputy
from device.inbox import Inbox
from device.outbox import open_outbox
from device.reporter import Reporter
from device.settings import read_settings
from nightlight.checkup import check_up
from nightlight.link import Link
from nightlight.messages import Command, commands_topic
from nightlight.notices import say
from nightlight.program import run


def main() -> None:
    settings = read_settings()
    board = open_board(settings.board, settings.light_pin, settings.led_pin, settings.i2c_bus)
    if settings.check:
        sys.exit(check_up(settings, board))
    reporter = Reporter(settings.interval, settings.deadband)
    deputy = Deputy(settings.alone, settings.threshold)
    inbox = Inbox(newest_only=settings.commands == "newest")

    link = Link(settings.broker, qos=settings.qos, device_id=settings.id, in_order=settings.commands == "in-order")
    link.subscribe(commands_topic(settings.id), Command, inbox.put)
    outbox = open_outbox(link, settings)
    with link, outbox, board:  # the link connects in the background, and again whenever it has to
        while True:
            light = board.read_light()  # None while the board is away
            session = link.session  # grows with each connection, whose first reading is always due
            if light is not None and reporter.is_due(light, session):
                deputy.asked()
                if outbox.send(light):
                    say("Light level:", light)
                    reporter.sent(light, session)
            if light is not None and (command := deputy.decide(light)):
                say("Deciding alone:", command)
                board.set_led(command.led_on)

            for command in inbox.arriving(seconds=settings.sample):
                say("Message received:", command)
                deputy.answered()
                if inbox.counts(command):
                    board.set_led(command.led_on)


if __name__ == "__main__":
    run(main)
