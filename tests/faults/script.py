"""device/app.py and server/app.py as processes that can be killed, frozen and started again."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.kit.programs import ROOT, Program, clean_environment, until

MEMORY_NOISE = 5_000_000
"""Bytes. Code that runs for the first time takes memory once."""


@dataclass(frozen=True)
class Usage:
    """What a process has of the machine."""

    memory: int
    """Bytes that lie in RAM."""

    files: int
    threads: int

    def above(self, before: Usage) -> list[str]:
        """Of what there is more than before."""
        noise = {"memory": MEMORY_NOISE}
        return [what for what, had in vars(before).items() if getattr(self, what) > had + noise.get(what, 0)]


class Script:
    """One of the two scripts: at most one process at a time, many of them one after the other."""

    def __init__(self, name: str, *options: str, **environment: str) -> None:
        self.name = name
        self._options = options
        self._environment = clean_environment(PYTHONWARNINGS="error", **environment)
        self._programs: list[Program] = []
        self._killed = False
        self.kills = 0
        self.ends: list[str] = []
        """What was printed by each process that ended without being told to."""

    @property
    def program(self) -> Program:
        return self._programs[-1]

    @property
    def lines(self) -> list[str]:
        """All that has been printed, by all of its processes."""
        return [line for program in self._programs for line in program.lines]

    @property
    def usage(self) -> Usage:
        process = psutil.Process(self.program.process.pid)
        with process.oneshot():
            return Usage(process.memory_info().rss, process.num_fds(), process.num_threads())

    def prints_to(self, file: str) -> bool:
        return str(Path(f"/proc/{self.program.process.pid}/fd/2").readlink()).startswith(file)

    def start(self, output: str | None = None) -> None:
        """Nothing happens if it runs already. `output` is the file that takes what it prints."""
        if self._programs and self.program.is_running:
            return
        self._note_end()
        command: list[str | Path] = [sys.executable, ROOT / self.name, *self._options]
        if output:  # the shell opens the file, and becomes the script
            command = ["sh", "-c", f'exec "$@" >{output} 2>&1', "sh", *command]
        # In a group of its own: a group that loses its terminal is sent SIGCONT, which would thaw a frozen script.
        self._programs.append(Program(*command, env=self._environment, own_group=True))
        self._killed = False

    def kill(self) -> None:
        """Without a word to anybody, as when the power fails."""
        self._note_end()
        self.program.kill()
        self.kills += not self._killed
        self._killed = True

    def restart(self, output: str | None = None) -> None:
        self.kill()
        self.start(output)

    def freeze(self) -> None:
        """It is there, and does nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def check(self, before: Usage) -> None:
        """AssertionError if it has ended by itself, printed a traceback, or takes more than before."""
        self._note_end()
        assert not self.ends, f"{self.name} has ended:\n" + "\n".join(self.ends)
        said = "\n".join(self.lines)
        assert "Traceback" not in said, said
        try:
            until(lambda: not self.usage.above(before), seconds=10)
        except AssertionError:
            now = self.usage
            more = " and ".join(now.above(before))
            raise AssertionError(f"{self.name} takes more {more}\nbefore {before}, now {now}") from None

    def close(self) -> None:
        with ExitStack() as programs:
            for program in self._programs:
                programs.callback(program.close)

    def _signal(self, number: int) -> None:
        if self.program.is_running:
            os.kill(self.program.process.pid, number)

    def _note_end(self) -> None:
        if self._programs and not self._killed and not self.program.is_running:
            self.ends.append(f"(exit status {self.program.wait()})\n{self.program.text}")
            self._killed = True  # noted
