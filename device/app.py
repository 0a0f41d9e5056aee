"""The device: read the light, report it, obey the commands that come back."""

import os
import signal
import sys
from pathlib import Path

signal.signal(signal.SIGINT, lambda *_: os._exit(0))  # Ctrl+C while the imports below take their time
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the imports below are, from any folder

from device.board import open_board
from device.inbox import Inbox
from device.reporter import Reporter
from device.settings import read_settings
from nightlight.checkup import check_up
from nightlight.link import Link
from nightlight.messages import Command, Telemetry, commands_topic, telemetry_topic
from nightlight.notices import say
from nightlight.program import run


def main() -> None:
    settings = read_settings()
    board = open_board(settings.board, settings.light_pin, settings.led_pin, settings.i2c_bus)
    if settings.check:
        sys.exit(check_up(settings, board))
    reporter = Reporter(settings.interval, settings.deadband)
    inbox = Inbox()

    link = Link(settings.broker, qos=settings.qos, device_id=settings.id)
    link.subscribe(commands_topic(settings.id), Command, inbox.put)
    with link, board:  # the link connects in the background, and again whenever it has to
        while True:
            light = board.read_light()  # None while the board is away
            session = link.session  # grows with each connection, whose first reading is always due
            if light is not None and reporter.is_due(light, session):
                was_sent = link.publish(telemetry_topic(settings.id), Telemetry(light))
                if was_sent:
                    say("Light level:", light)
                    reporter.sent(light, session)

            for command in inbox.arriving(seconds=settings.sample):
                say("Message received:", command)
                if inbox.is_empty():  # of several that wait, only the newest counts
                    board.set_led(command.led_on)


if __name__ == "__main__":
    run(main)
