"""Hands the pack out to a class. Standard library only, so that any computer with Python can do it."""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TO_OTHERS = ("192.0.2.1", 9)  # an address that is nobody's (RFC 5737); nothing is sent there

TEXTS = (".md", ".py", ".conf", ".toml", ".service", ".env", ".cfg", ".ino", ".yml")
"""Files that a browser is to show, not to save."""


class Server(ThreadingHTTPServer):
    """A thread for each download."""

    request_queue_size = 128  # a whole class clicks at once
    allow_reuse_address = os.name != "nt"  # on Windows that would let two programs have one port
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that was closed in the middle of a download is no error of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(SimpleHTTPRequestHandler):
    """Says who takes which file, and nothing of pages."""

    timeout = 60
    extensions_map = {  # noqa: RUF012 (the library's own name)
        **SimpleHTTPRequestHandler.extensions_map,
        **dict.fromkeys(TEXTS, "text/plain; charset=utf-8"),
    }

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        file = Path(
            self.translate_path(self.path)
        )  # what was asked for may hold anything, and does not go on the screen
        if self.command == "GET" and code == HTTPStatus.OK and file.suffix == ".zip":
            sys.stdout.write(f"  {self.client_address[0]} takes {file.name}\n")  # in one piece: others write as well
            sys.stdout.flush()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def serve(folder: Path, port: int) -> int:
    """Hand out the folder's files until Ctrl+C; the exit status."""
    if not (folder / "index.html").exists():
        print(f"run.py classroom: there is no pack in {folder} yet: python3 run.py classroom makes it", file=sys.stderr)
        return 2
    try:
        server = Server(("", port), partial(Handler, directory=str(folder)))
    except OSError as error:
        why = "is taken by another program" if is_taken(error) else f"cannot be had ({error.strerror})"
        print(f"run.py classroom: port {port} {why}: choose another with --port", file=sys.stderr)
        return 2
    with server:
        print("Write this on the blackboard:\n", *(f"    http://{name}:{port}" for name in addresses()), sep="\n")
        if len(addresses()) == 1:  # the name
            print("\nor this computer's address in its place, if you know it (ip addr, ifconfig or ipconfig shows it)")
        print("\nWho does not get there: this computer's firewall has to let Python in. Ctrl+C ends it.\n", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    print("\nEnded.")
    return 0


def is_taken(error: OSError) -> bool:
    return error.errno in {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", 0)}


def addresses() -> list[str]:
    """By which the class may reach this computer: its addresses, and its name, which some networks know."""
    name = socket.gethostname()
    found = []
    with suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as others:
        others.connect(TO_OTHERS)
        found.append(str(others.getsockname()[0]))
    with suppress(OSError):
        found += [address for address in socket.gethostbyname_ex(name)[2] if not address.startswith("127.")]
    return list(dict.fromkeys([*found, name if "." in name else f"{name}.local"]))
