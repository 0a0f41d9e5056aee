"""A terminal with bash in it, typed into as a person does. Linux only."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
from contextlib import suppress
from pathlib import Path

from tests.kit.programs import PATIENCE, clean_environment, until

MARK = "\x1e"
"""What the prompt is made of: no program prints it."""
PROMPT = re.compile(rf"{MARK}(\d+){MARK}")


class Terminal:
    """Its `lines` are what programs printed, without what was typed."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.lines: list[str] = []
        self.statuses: list[int] = []
        """The exit status of each command that has ended; the first is the shell's own start."""
        self._typed = 1
        self._rest = ""
        self._screen, keyboard = pty.openpty()
        settings = termios.tcgetattr(keyboard)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(keyboard, termios.TCSANOW, settings)
        fcntl.ioctl(keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 1000, 0, 0))
        self._shell = subprocess.Popen(
            [
                *("setsid", "--ctty"),  # so that Ctrl+C reaches what runs in it
                *("env", "--default-signal=INT,QUIT"),  # also if the tests run in the background of a script
                *("bash", "--norc", "--noprofile", "--noediting", "-i"),
            ],
            cwd=folder,
            env={**environment, "PS1": f"{MARK}$?{MARK}", "PS2": "", "TERM": "dumb", "HISTFILE": ""},
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
        )
        os.close(keyboard)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                received = os.read(self._screen, 65536)
            except OSError:  # the terminal was closed
                return
            self._show(decoder.decode(received))

    def _show(self, text: str) -> None:
        *whole, self._rest = (self._rest + text).replace("\r\n", "\n").split("\n")
        for line in whole:
            self._take(line, ended=True)
        if self._rest.endswith(MARK) and PROMPT.search(self._rest):
            self._take(self._rest, ended=False)
            self._rest = ""

    def _take(self, line: str, ended: bool) -> None:
        prompts = PROMPT.findall(line)
        printed = PROMPT.sub("", line)
        if printed or (ended and not prompts):
            self.lines.append(printed)
        self.statuses += [int(status) for status in prompts]  # after the lines: whoever sees the end sees them

    @property
    def is_busy(self) -> bool:
        return len(self.statuses) < self._typed

    def type(self, command: str) -> None:
        """Type a command, which may have several lines, when nothing else runs."""
        assert not self.is_busy, "a program still runs there"
        self._typed += 1
        os.write(self._screen, command.encode() + b"\n")

    def press_ctrl_c(self) -> None:
        os.write(self._screen, b"\x03")

    def press_ctrl_backslash(self) -> None:
        """Ends a program at once, without a word, unless it takes care of SIGQUIT."""
        os.write(self._screen, b"\x1c")

    def press_enter(self) -> None:
        os.write(self._screen, b"\n")

    def wait(self, seconds: float) -> int:
        """Until the command has ended; its exit status."""
        until(lambda: not self.is_busy, "the end of the command", seconds)
        return self.statuses[-1]

    def close(self) -> None:
        """As if its window was closed: what runs in it is told to hang up, and is killed if it does not."""
        foreground = 0
        with suppress(OSError):
            foreground = os.tcgetpgrp(self._screen)
        self._shell.send_signal(signal.SIGHUP)  # the shell passes it on
        try:
            self._shell.wait(5)
        except subprocess.TimeoutExpired:
            self._shell.kill()
            self._shell.wait()
        with suppress(OSError):
            if foreground:
                os.killpg(foreground, signal.SIGKILL)  # Mosquitto, for one, does not end on SIGHUP
        self._watcher.join(5)  # nothing has the terminal open any more, so that reading from it fails
        os.close(self._screen)


class PausedTerminal:
    """A program in a terminal in which Ctrl+S was pressed before it had said anything."""

    def __init__(self, *command: str | Path) -> None:
        self._screen, keyboard = pty.openpty()
        os.write(self._screen, b"\x13")
        self._process = subprocess.Popen(
            [str(word) for word in command],
            env=clean_environment(),
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
            start_new_session=True,
        )
        os.close(keyboard)

    def __enter__(self) -> PausedTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._screen)

    def resume_and_wait_for(self, words: str) -> None:
        """Ctrl+Q."""
        os.write(self._screen, b"\x11")
        seen = b""
        while words.encode() not in seen:
            assert select.select([self._screen], [], [], PATIENCE)[0], seen
            seen += os.read(self._screen, 65536)

    def end(self) -> int:
        """SIGTERM; the exit status."""
        self._process.terminate()
        return self._process.wait(PATIENCE)
