"""A meter that runs as a process of its own, at the end of its own cable."""

import subprocess
import sys
from pathlib import Path

from cable import Cable


class Meter:
    def __init__(self, name, keeps, killed):
        self.name, self.keeps, self.killed = name, keeps, killed
        self.cable = Cable()
        Path(f"{name}.sqlite3").unlink(missing_ok=True)  # what the last experiment has left
        self.start()

    def start(self):
        command = [sys.executable, "meter.py", self.name, self.keeps, str(self.cable.port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def kill(self):
        self.process.kill()  # at once, without a goodbye: kill -9
        self.process.wait()

    def kill_and_start(self):
        self.kill()
        self.start()

    def measure(self, light):
        self.process.stdin.write(f"{light}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()  # it has taken the reading
