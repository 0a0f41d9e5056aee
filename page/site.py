"""The site: which page is at which address, and who may see it."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from nicegui import Client, app, background_tasks, ui

from nightlight.link import Link
from nightlight.messages import LONGEST_ID
from nightlight.notices import printable, say
from nightlight.program import BadOption
from page.board import Board
from page.door import Door
from page.grid import Grid
from page.history import History
from page.lamp_page import LampPage
from page.lamps import Lamps
from page.news import News, View, blame
from page.settings import PageSettings
from page.tag import Tag
from page.words import Words

LOOK = Path(__file__).parent / "look"
MOST_UNCONNECTED = 100
CROWDED = PlainTextResponse("Too many ask for this page at once. Try again in a minute.\n", status_code=503)


def serve(settings: PageSettings, lamps: Lamps, news: News, link: Link) -> None:
    """Answer browsers until Ctrl+C. BadOption if the port cannot be used."""
    check_port(settings.host, settings.port)
    board = Board(settings.board) if settings.board and "+" not in settings.id else None
    style, script = ((LOOK / name).read_text(encoding="utf-8") for name in ("look.css", "look.js"))
    ui.add_head_html(f"<style>{style}</style><script>{script}</script>", shared=True)

    def open_view(view: View) -> None:
        """Show what is known now, and what is new while the browser has its connection."""
        view.refresh({}, lamps.now())
        client = ui.context.client
        client.on_connect(lambda: news.open(view))
        client.on_disconnect(lambda: news.close(view))
        client.on_delete(lambda: news.close(view))

    @ui.page("/")
    def all_lamps(request: Request, group: str = "") -> Response | None:
        if is_crowded():
            return CROWDED
        words = Words(request.headers.get("accept-language", ""))
        if "+" in settings.id:
            open_view(Grid(group, words, settings, lamps, link))
        else:
            open_view(LampPage(settings.id, words, settings, lamps, link, board))
        return None

    @ui.page("/lamp")
    def one_lamp(request: Request, id: str = settings.id) -> Response | None:
        if is_crowded():
            return CROWDED
        words = Words(request.headers.get("accept-language", ""))
        if is_served(id, settings.id):
            open_view(LampPage(id, words, settings, lamps, link, board))
        else:
            with Tag("main"):
                Tag("h1", words("Nightlight"))
                Tag("p", words("This page shows {served}, and {id} is not among them.",
                               served=settings.id, id=printable(id)))  # fmt: skip
        return None

    @app.get("/history.csv")
    def history_as_csv(id: str = settings.id) -> Response:
        if not is_served(id, settings.id) or not lamps.history.knows(id):
            return PlainTextResponse(f"There is no history of {printable(id)}.\n", status_code=404)
        name = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in id)
        disposition = {"Content-Disposition": f'attachment; filename="{name[:100]}.csv"'}
        return StreamingResponse(csv_lines(lamps.history, id), media_type="text/csv", headers=disposition)

    app.on_startup(lambda: background_tasks.create(news.deliver(), name="news"))
    app.on_startup(lambda: say(where(settings.host, settings.port)))
    app.on_exception(blame)
    servers = ("socketio.server", "engineio.server")
    for name in servers:
        logging.getLogger(name).handlers.clear()  # their own, which print past notices.py what a browser has sent
    if not settings.verbose:
        for name in ("nicegui", "uvicorn", "asyncio", *servers):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # they would print tracebacks
    if board:
        app.on_shutdown(board.close)
    app.add_middleware(Door, settings=settings)
    for name in ("PYTEST_CURRENT_TEST", "NICEGUI_SCREEN_TEST_PORT"):
        os.environ.pop(name, None)  # started by somebody's test, NiceGUI would listen at another port
    ui.run(
        host=settings.host,
        port=settings.port,
        title="Nightlight",
        favicon=LOOK / "lamp.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        show=False,
        reload=False,
        show_welcome_message=False,
        uvicorn_logging_level="critical",
        reconnect_timeout=5.0,
        timeout_graceful_shutdown=1,
        proxy_headers=False,  # anybody could name another address than their own
    )


def is_crowded() -> bool:
    """Whether many pages have been asked for to which no browser has connected; each takes 2 MB for a minute."""
    return sum(not client.has_socket_connection for client in Client.instances.values()) > MOST_UNCONNECTED


def where(host: str, port: int) -> str:
    """Where the page is, for who starts it."""
    if host in ("0.0.0.0", "::"):
        return f"The page is at http://127.0.0.1:{port}, and for the network at this machine's address, port {port}"
    return f"The page is at http://{f'[{host}]' if ':' in host else host}:{port}"


def check_port(host: str, port: int) -> None:
    """BadOption if nothing can listen there."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what just ended does not count
            trial.bind((host, port))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadOption(f"argument --port: {port} of {host} cannot be used ({reason}); choose another one") from None


def is_served(id: str, served: str) -> bool:
    """Whether this id is among those that `served`, which may hold `+`, stands for, and can be in a topic."""
    if len(id) > LONGEST_ID or re.search(r"[+#\x00-\x1f\x7f-\x9f]", id):  # MQTT 3.1.1 sections 1.5.3 and 4.7.1
        return False
    levels, wanted = id.split("/"), served.split("/")
    return len(levels) == len(wanted) and all(want in ("+", level) for level, want in zip(levels, wanted, strict=True))


def csv_lines(history: History, id: str) -> Iterator[str]:
    """A line for each reading, and for each time that the LED changed; times are this machine's, with their offset."""
    yield "time,light,led_on,by\r\n"
    for seconds, light, led_on, by in history.rows(id):
        time = datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")
        led = "" if led_on is None else "true" if led_on else "false"
        yield f"{time},{'' if light is None else light},{led},{by or ''}\r\n"
