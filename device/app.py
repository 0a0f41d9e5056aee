"""The device: read the light, report it, obey the commands that come back."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where the imports below are, from any folder

from nightlight.program import begin, run

begin()

from checkup.questions import check_up
from device.board import open_board
from device.deputy import Deputy
from device.inbox import Inbox
from device.outbox import open_outbox
from device.reporter import Reporter
from device.settings import read_settings
from nightlight.link import Link
from nightlight.messages import Command, LedState
from nightlight.notices import say


def main() -> None:
    settings = read_settings()
    board = open_board(settings.board, settings.light_pin, settings.led_pin, settings.i2c_bus)
    if settings.check:
        sys.exit(check_up(settings, board))
    reporter = Reporter(settings.interval, settings.deadband)
    deputy = Deputy(settings.alone, settings.rule)
    inbox = Inbox()

    link = Link(*settings.brokers, qos=settings.qos, device_id=settings.id)
    link.subscribe(Command.topic(settings.id), Command, inbox.put)
    outbox = open_outbox(link, settings)
    board.when_switched = lambda led: link.keep(LedState.topic(settings.id), led)
    with link, outbox, board:  # the link connects in the background, and again whenever it has to
        while True:
            light = board.read_light()  # None while the board is away
            if light is not None and reporter.is_due(light, link.connections):
                deputy.asked()
                if outbox.send(light):
                    say("Light level:", light)
                    reporter.sent()

            for command in inbox.wait(settings.sample):
                say("Message received:", command)
                reporter.answered()
                deputy.heard(command)
            if led := deputy.decide(light):
                board.set_led(led)
                if led.by == "device":
                    say(f"No command for {settings.alone:g} s, deciding alone:", led)


if __name__ == "__main__":
    run(main)
