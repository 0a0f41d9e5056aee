"""A board that sends without end: device and page go on, in time, and read no more than a board has to say."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest

from device.board import BoardName, open_board
from page.board import Board as PageBoard
from page.board import Found
from tests.kit.boards import serving

OK = b"HTTP/1.1 200 OK\r\n"
PIECE = b"x" * 65_536

DRIPS: dict[str, list[bytes]] = {
    "status": [],
    "header": [OK + b"X: "],
    "body": [OK + b"Content-Length: 100000\r\n\r\n"],
}
FLOODS: dict[str, Callable[[], Iterable[bytes]]] = {
    "without length": lambda: itertools.chain([OK + b"\r\n"], itertools.repeat(PIECE)),
    "of a gigabyte": lambda: itertools.chain([OK + b"Content-Length: 1000000000\r\n\r\n"], itertools.repeat(PIECE)),
    "in chunks": lambda: itertools.chain(
        [OK + b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"10000\r\n" + PIECE + b"\r\n")
    ),
    "of headers": lambda: itertools.chain([OK], itertools.repeat(b"X: " + PIECE[:900] + b"\r\n")),
    "of beginnings": lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
}


@contextmanager
def board(answer: Callable[[], Iterable[bytes]], pause: float = 0) -> Iterator[int]:
    """A server that answers everything so, with a pause after each piece; its port."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            with contextlib.suppress(OSError):
                for piece in answer():
                    self.request.sendall(piece)
                    if over.wait(pause):
                        break

    with serving(Handler) as port:
        yield port
        over.set()


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.counterfit.PATIENCE", 0.5)
    monkeypatch.setattr("page.board.PATIENCE", 0.5)


async def look(port: int) -> Found:
    """As the page does."""
    there = PageBoard(f"http://127.0.0.1:{port}")
    try:
        return await there.look()
    finally:
        await there.close()


@pytest.mark.parametrize("begin", DRIPS.values(), ids=DRIPS)
def test_a_board_that_sends_a_byte_now_and_then_is_given_up(
    begin: list[bytes], warnings_said: Callable[[], list[str]]
) -> None:
    """For days, if it were left to it: each byte would begin the patience anew."""
    with board(lambda: itertools.chain(begin, itertools.repeat(b" ")), pause=0.1) as port:
        assert open_board(BoardName.parse(f"counterfit://127.0.0.1:{port}"), 0, 5).read_light() is None
        assert "accepts the connection but does not answer" in warnings_said()[0]
        assert asyncio.run(look(port)) == Found(answers=False)


@pytest.mark.parametrize("answer", FLOODS.values(), ids=FLOODS)
def test_a_board_that_sends_without_end_is_given_up(answer: Callable[[], Iterable[bytes]]) -> None:
    with board(answer) as port:
        assert open_board(BoardName.parse(f"counterfit://127.0.0.1:{port}"), 0, 5).read_light() is None
        assert asyncio.run(look(port)) == Found(answers=False)


def test_a_packed_answer_is_not_unpacked(warnings_said: Callable[[], list[str]]) -> None:
    packed = gzip.compress(b'{"value": 80}' + b" " * 10_000_000)
    headers = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with board(lambda: [OK + headers + packed]) as port:
        assert open_board(BoardName.parse(f"counterfit://127.0.0.1:{port}"), 0, 5).read_light() is None
        assert "not a light level" in warnings_said()[0]
