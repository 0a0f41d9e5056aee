"""Starts everything, watches it, and ends it together: broker, virtual board, server, device, page."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while the imports below take their time

import itertools
import os
import sys
import time
from importlib.util import find_spec
from typing import NoReturn

from broker.parties import folder_of
from demo.broker import Broker, start_embedded, start_locked
from demo.browser import open_in_browser
from demo.interruptions import Interruptions
from demo.network import HERE, free_port, http_answers, mqtt_answers, online_ids
from demo.options import Options, read_options
from demo.parts import PartFailed, Parts
from demo.screen import Screen
from device.settings import read_settings as read_device_settings
from page.settings import read_settings as read_page_settings
from server.settings import read_settings as read_server_settings

DEFAULT_ID = "nightlight"
DEFAULT_PORT = 1883
EVERYBODY = "+/status"


def main() -> int:
    screen = Screen()
    try:
        interruptions = Interruptions()
        options = read_options(sys.argv[1:], __doc__)
        check(options)
        with Parts(screen.tell, interruptions) as parts:
            run(options, parts, screen)
    except KeyboardInterrupt:
        screen.close()
        screen.show("\nEverything has ended.")
        return 0
    except PartFailed as error:
        screen.close()
        print(f"\n{error}\nThe rest has been ended.", file=sys.stderr)
        return 1


def check(options: Options) -> None:
    """Let the scripts judge what is passed on to them: what is wrong is said now, and ends the program."""
    given = Broker(options.broker_port or DEFAULT_PORT).arguments("")
    if options.id is not None:
        given.append(f"--id={options.id}")
    read_server_settings([*given, *options.server])
    read_device_settings([*given, *device_arguments(options.board_port), *options.device])
    read_page_settings([*given, *page_arguments(options.board_port, options.page_port), *options.page])


def run(options: Options, parts: Parts, screen: Screen) -> NoReturn:
    """Start the parts in the order in which they need each other, say what to do next, and watch them."""
    screen.keep_in_view("  Ctrl+C ends everything")
    broker, id = start_broker(options, parts, screen)
    board_port = choose_port(options.board_port, "board", screen)
    board = f"http://{HERE}:{board_port}"
    parts.start("board", "device/virtual_board.py", "--port", str(board_port))
    given_id = [] if id is None else [f"--id={id}"]
    to_see = board
    if find_spec("nicegui"):  # on a Raspberry Pi it is not
        page_port = choose_port(options.page_port, "page", screen)
        to_see = f"http://{HERE}:{page_port}"
        arguments = [*broker.arguments("page"), *page_arguments(board_port, page_port), *given_id, *options.page]
        parts.start("page", "page/app.py", *arguments, is_needed=False)
    parts.wait_until(broker.answers)
    parts.wait_until(lambda: http_answers(board))

    parts.start("server", "server/app.py", *broker.arguments("server"), *given_id, *options.server)
    credentials = str(folder_of(id or DEFAULT_ID))
    arguments = [*broker.arguments(credentials), *device_arguments(board_port), *given_id, *options.device]
    parts.start("device", "device/app.py", *arguments)
    parts.wait_until(lambda: not parts.has("page") or http_answers(f"{to_see}/favicon.ico"))
    if not parts.has("page"):
        to_see = board
    screen.show(
        f"\n  Open {to_see} to see the lamp and to move the sun.\n"
        "  To build it yourself, begin with lessons/1-broker/README.md.\n"
        "  Ctrl+C ends everything.\n"
    )
    screen.keep_in_view(f"  {to_see}   Ctrl+C ends everything")
    if options.opens_browser:
        open_in_browser(to_see)
    while True:
        for _ in range(25):
            parts.watch()
            time.sleep(0.2)
        if not broker.answers(patience=5):
            raise PartFailed(
                "The broker no longer answers. If it was another run.py's, that one has ended: start this anew."
            )


def start_broker(options: Options, parts: Parts, screen: Screen) -> tuple[Broker, str | None]:
    """The broker to use, and the id to use there; None is the default one."""
    id = os.environ.get("NIGHTLIGHT_ID") if options.id is None else options.id
    if options.is_locked:
        broker = start_locked(parts, options.broker_port, id or DEFAULT_ID)
        screen.tell("broker", f"locked, on port {broker.port}: TLS, and a password for each; see the folder locked")
        return broker, id
    port = options.broker_port or DEFAULT_PORT
    if mqtt_answers(port):
        screen.tell("broker", f"using the one that already answers on port {port}")
        return Broker(port), choose_id(id, port, screen)
    refuse_what_breaks_the_embedded_broker(id)
    return start_embedded(parts, choose_port(port, "broker", screen)), id


def device_arguments(board_port: int) -> list[str]:
    return [f"--board=counterfit://{HERE}:{board_port}"]


def page_arguments(board_port: int, page_port: int) -> list[str]:
    return [f"--board=counterfit://{HERE}:{board_port}", f"--port={page_port}"]


def choose_port(wanted: int, part: str, screen: Screen) -> int:
    """The port that is wanted, or a free one, which is then said."""
    port = free_port(wanted)
    if port != wanted:
        screen.tell(part, f"port {wanted} is taken by another program; using {port} instead")
    return port


def choose_id(given: str | None, broker_port: int, screen: Screen) -> str | None:
    """The id to use at a broker where others may be; None is the default one."""
    if given is not None:
        if given in online_ids(broker_port, f"{given}/status"):
            screen.tell(
                "broker",
                f"the id {given!r} is in use there, and two devices of one id throw each other out:"
                " end the other one, or start this one with another --id",
            )
        return given
    taken = online_ids(broker_port, EVERYBODY)
    if DEFAULT_ID not in taken:
        return None
    free = next(id for number in itertools.count(2) if (id := f"{DEFAULT_ID}-{number}") not in taken)
    screen.tell("broker", f"the id {DEFAULT_ID!r} is in use there; this one is {free!r}")
    return free


def refuse_what_breaks_the_embedded_broker(id: str | None) -> None:
    if id and not id[0].isascii():
        raise PartFailed(
            "The embedded broker breaks down when an id begins with a letter outside ASCII.\n"
            "Start Mosquitto first (mosquitto -c mosquitto.conf), or begin the id with one of a to z."
        )


if __name__ == "__main__":
    sys.exit(main())
