"""Programs, started just as a user starts them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30
"""Seconds after which a test gives up waiting. Only failures take that long."""

MOST_CLAIMS = 300
"""How many ports one process may claim: each takes an open file, and the oldest belong to tests that are over."""


def until(condition: Callable[[], object], what: str = "it", seconds: float = PATIENCE, pause: float = 0.01) -> None:
    """Wait for a condition, at which it looks every so many seconds; AssertionError if it never comes true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(pause)


_claims: deque[socket.socket] = deque()


def free_port() -> int:
    """A port that nobody uses, below those that systems give to clients, so that none of them takes it meanwhile.

    Nor does another test, in this process or in one beside it, although nothing may listen there for
    long: a UDP socket on the port of the same number says that it is claimed.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        claim = socket.socket(type=socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            with socket.socket() as trial:
                trial.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        if len(_claims) > MOST_CLAIMS:
            _claims.popleft().close()
        return port


def answers(port: int) -> bool:
    """Whether something listens on this port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def clean_environment(**changes: str) -> dict[str, str]:
    """What this process has in its environment, without options of the scripts.

    And without pytest's own variables: NiceGUI would take the page for a test of itself.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NIGHTLIGHT_", "PYTEST_"))}
    return {**kept, **changes}


class Program:
    """A process whose printed lines can be waited for."""

    def __init__(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        own_group: bool = False,
    ) -> None:
        self.lines: list[str] = []
        self._stop_reading = False
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd or ROOT,
            env=env or clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=own_group,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if self._stop_reading:
                self.process.stdout.close()
                return

    def stop_reading(self) -> None:
        """Close our end of its output, after the next line."""
        self._stop_reading = True

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def says(self, words: str, since: int = 0) -> bool:
        """Whether a line with these words has been printed, not counting the first `since` lines."""
        return any(words in line for line in self.lines[since:])

    def wait_for(self, words: str, since: int = 0, seconds: float = PATIENCE) -> str:
        """The first line with these words, as soon as it is printed."""
        deadline = time.monotonic() + seconds
        while True:
            for line in self.lines[since:]:
                if words in line:
                    return line
            assert self.is_running or self._reader.is_alive(), f"it ended before saying {words!r}:\n{self.text}"
            assert time.monotonic() < deadline, f"it did not say {words!r} within {seconds} s, but:\n{self.text}"
            time.sleep(0.01)

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def interrupt(self) -> int:
        """Ctrl+C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.wait()

    def wait(self, seconds: float = PATIENCE) -> int:
        """The exit status, when it has ended and all that it printed is in `lines`."""
        status = self.process.wait(seconds)
        self._reader.join(seconds)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def close(self) -> None:
        """End it if it still runs. AssertionError if it ever printed a traceback."""
        if self.is_running:
            self.kill()
        else:
            self.wait()
        assert "Traceback" not in self.text, self.text


def start_script(name: str, *options: str, cwd: Path | None = None, **environment: str) -> Program:
    """`python device/app.py ...` or `python server/app.py ...`, with every warning an error."""
    env = clean_environment(PYTHONWARNINGS="error", **environment)
    return Program(sys.executable, ROOT / name, *options, cwd=cwd, env=env)
