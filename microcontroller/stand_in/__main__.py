"""A microcontroller without a microcontroller: the real MicroPython, here.

    .venv/bin/python -m microcontroller.stand_in [--counterfit HOST:PORT]

Its language, its network and its MQTT client are real (MicroPython's Unix
port). Stand-ins are what only a board has: pins and watchdog (machine.py),
which are CounterFit's, and Wi-Fi (network.py). Ctrl+C ends it.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
START = """
try:
    import main
except KeyboardInterrupt:
    pass
"""
UMQTT = HERE.parent.parent / "requirements/umqtt.txt"


def main() -> None:
    parser = argparse.ArgumentParser(
        "microcontroller.stand_in", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counterfit", default="127.0.0.1:5000", metavar="HOST:PORT", help="default 127.0.0.1:5000")
    parser.add_argument("--flash", type=Path, default=HERE.parent, metavar="FOLDER", help="where main.py lies")
    parser.add_argument("--heap", default="190k", metavar="SIZE", help="memory; default 190k, as on a Pico W")
    options = parser.parse_args()
    if not re.fullmatch(r"[^:/]+:\d{1,5}", options.counterfit):
        parser.error(f"--counterfit {options.counterfit}: write a host and a port, as in 127.0.0.1:5000")
    if not (options.flash / "main.py").exists():
        parser.error(f"--flash {options.flash}: there is no main.py in it")
    if not re.fullmatch(r"\d+[kKmM]?", options.heap):
        parser.error(f"--heap {options.heap}: write a number of bytes, as in 190k")
    path = [os.environ.get("MICROPYPATH"), str(HERE), str(umqtt()), ".frozen"]
    os.environ["MICROPYPATH"] = ":".join(filter(None, path))
    os.environ["COUNTERFIT"] = options.counterfit
    os.chdir(options.flash)  # as a board finds itself in its flash
    command = [*micropython(), "-X", f"heapsize={options.heap}", "-c", START]
    os.execv(command[0], command)


def micropython() -> list[str]:
    """What starts it."""
    if importlib.util.find_spec("micropython_unix"):
        return [sys.executable, "-m", "micropython_unix"]
    if found := shutil.which("micropython"):
        return [found]
    sys.exit(
        "MicroPython is not here. On Linux and macOS it comes with what the tests need:"
        " python3 run.py test --collect-only. Elsewhere, as on a Raspberry Pi: sudo apt install micropython"
    )


def umqtt() -> Path:
    """The folder that has umqtt.simple in it; the first time, from PyPI."""
    home = Path(sys.prefix, "micropython", UMQTT.read_text().split("sha256:")[1][:12])
    home.parent.mkdir(exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one fetches it, and the others wait
        if not home.exists():
            fetch_umqtt(home)
    return home


def fetch_umqtt(home: Path) -> None:
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-clean", "--no-deps", "--dest", folder]
        command += ["--require-hashes", "--requirement", str(UMQTT)]
        environment = {**os.environ, "TMPDIR": folder, "PYTHONWARNINGS": ""}  # an old pip has some of its own
        pip = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        found = next(Path(folder).rglob("umqtt/simple.py"), None)
        if not found:
            sys.exit(f"umqtt.simple could not be fetched from PyPI. pip says:\n{pip.stderr.strip()}")
        found.parent.parent.rename(home)


if __name__ == "__main__":
    main()
