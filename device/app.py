"""The device: read the light, report it, obey the commands that come back."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

from device.board import open_board
from device.reporter import Reporter
from device.settings import read_settings
from nightlight.link import Link
from nightlight.messages import Command, Telemetry, commands_topic, telemetry_topic
from nightlight.notices import say
from nightlight.program import run


def main() -> None:
    settings = read_settings()
    board = open_board(settings.board, settings.light_pin, settings.led_pin)
    reporter = Reporter(settings.interval, settings.deadband)
    commands: Queue[Command] = Queue()

    def handle_command(topic: str, command: Command) -> None:
        commands.put(command)

    link = Link(settings.broker, qos=settings.qos, device_id=settings.id)
    link.subscribe(commands_topic(settings.id), Command, handle_command)
    with link:
        while True:
            light = board.read_light()
            session = link.session
            if light is not None and reporter.is_due(light, session):
                was_sent = link.publish(telemetry_topic(settings.id), Telemetry(light))
                if was_sent:
                    say("Light level:", light)
                    reporter.sent(light, session)

            for command in arriving(commands, seconds=min(settings.sample, settings.interval)):
                say("Message received:", command)
                if commands.empty():  # of several that wait, only the newest counts
                    board.set_led(command.led_on)


def arriving(commands: "Queue[Command]", seconds: float) -> Iterator[Command]:
    """Each command as soon as it arrives, for so many seconds."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            yield commands.get(timeout=left)
        except Empty:
            return


if __name__ == "__main__":
    run(main)
