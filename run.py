#!/usr/bin/env python3
"""The nightlight on one machine.

    python3 run.py          start everything: broker, virtual board, device, server
    python3 run.py test     run the tests; options after it are pytest's, as in: test -k broker

Needs Python 3.10 or newer. What else it needs, it installs into the folder .venv, the first time
and whenever the requirements change; only that needs the Internet. Ctrl+C ends everything.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while Python still reads this file: end without a traceback

import argparse
import collections
import hashlib
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

OLDEST_PYTHON = (3, 10)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
VENV_PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

SCRIPTS = ["requirements.txt", "requirements/laptop.txt"]
TESTS = ["requirements/tests.txt"]
COUNTERFIT = ["--no-deps", "requirements/counterfit.txt"]  # that file says why

HERE = "127.0.0.1"
COLOURS = {"broker": 35, "board": 33, "device": 32, "server": 36}  # as terminals number them


def main(arguments):
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("The nightlight needs Python 3.10 or newer; this is %s." % sys.version.split()[0])
    if arguments[:1] == ["test"]:
        prepare_venv(SCRIPTS, COUNTERFIT, TESTS)
        return subprocess.call([str(VENV_PYTHON), "-m", "pytest", *arguments[1:]], cwd=ROOT)
    parser = Parser(prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker-port", type=port_number, default=1883, help="default 1883, or a free one")
    parser.add_argument(
        "--board-port", type=port_number, default=5000, help="of CounterFit's page: default 5000, or a free one"
    )
    options = parser.parse_args(arguments)
    prepare_venv(SCRIPTS, COUNTERFIT)
    return start_everything(options.broker_port, options.board_port)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message):
        self.exit(2, f"run.py: {' '.join(message.split())} (python3 run.py --help tells more)\n")


def port_number(text):
    """An option's type: 1 to 65535."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


# ---- installing ----


def prepare_venv(*steps):
    """Make .venv and install into it what each step asks for."""
    if not venv_works():
        print("Making a virtual environment in .venv ...", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            remedy = (
                "\nOn Debian, Ubuntu and Raspberry Pi OS: sudo apt install python3-venv" if shutil.which("apt") else ""
            )
            sys.exit(f"Python could not make a virtual environment.{remedy}\n{(made.stdout + made.stderr).strip()}")
    for step in steps:
        install(step)


def venv_works():
    """Whether .venv is there and has not lost its Python, as it does when that is upgraded."""
    try:
        pip = subprocess.run([str(VENV_PYTHON), "-m", "pip", "--version"], capture_output=True, check=False)
        return pip.returncode == 0
    except OSError:
        return False


def install(requirements):
    """Pip install, unless these files are unchanged since it last succeeded."""
    files = [ROOT / name for name in requirements if not name.startswith("-")]
    fingerprint = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    done = VENV / f"installed-{'-'.join(file.stem for file in files)}"
    if done.exists() and done.read_text() == fingerprint:
        return
    print(f"Installing {' and '.join(file.name for file in files)} into .venv, only this first time:", flush=True)
    options = [name for name in requirements if name.startswith("-")]
    for file in files:
        options += ["-r", str(file)]
    pip = subprocess.Popen(
        [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    package, output = "the first package", []
    for line in pip.stdout:
        output.append(line.strip())
        found = re.match(r"Collecting (\S+)", line.strip())
        if found:
            package = found.group(1)
            print(f"  {package}", flush=True)
        elif "Retrying" in line:
            print("  PyPI does not answer, trying again ...", flush=True)
        elif line.startswith("Installing collected packages"):
            print("  unpacking ...", flush=True)
    if pip.wait():
        sys.exit(explain_pip(package, output))
    done.write_text(fingerprint)


def explain_pip(package, output):
    """What went wrong, with which package, and what to do."""
    text = "\n".join(output)
    named = re.search(r"(?:No matching distribution found for|Failed building wheel for|Failed to build) (\S+)", text)
    package = named.group(1) if named else package
    if "No space left" in text:
        remedy = "The disk is full: make some room, then run this again."
    elif "CERTIFICATE_VERIFY_FAILED" in text:
        remedy = "The connection to PyPI is not trusted; a proxy may be in between. Ask who runs this network."
    elif re.search(r"Retrying|NewConnectionError|ConnectTimeout|ReadTimeout|name resolution", text):
        remedy = "PyPI cannot be reached. Check the Internet connection, then run this again; later starts need none."
    elif "Failed building wheel" in text or "Failed to build" in text:
        remedy = (
            f"It has nothing ready-made for Python {sys.version_info[0]}.{sys.version_info[1]} on this machine."
            " Try another Python, 3.10 to 3.13."
        )
    else:
        remedy = "Run this again; if it stays so, delete the folder .venv first."
    errors = [line for line in output if line.startswith("ERROR")] or output[-3:]
    return f"\nCould not install {package}. {remedy}\npip says:\n  " + "\n  ".join(line[:200] for line in errors[-5:])


# ---- running ----


class Part:
    """One of the programs, with its own coloured name before each line that it prints."""

    def __init__(self, name, *command):
        self.name = name
        self.last_lines = collections.deque(maxlen=10)
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if WINDOWS else {"start_new_session": True}
        self.process = subprocess.Popen(
            [str(VENV_PYTHON), *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            **group,  # so that Ctrl+C reaches only us, who then end the parts in order
        )
        self.quiet = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.last_lines.append(line.rstrip())
            if not self.quiet:
                tell(self.name, line.rstrip())

    @property
    def has_ended(self):
        return self.process.poll() is not None

    def end(self):
        """Ask it to end."""
        self.quiet = True
        if not self.has_ended:
            self.process.send_signal(signal.CTRL_BREAK_EVENT if WINDOWS else signal.SIGTERM)

    def kill(self):
        if not self.has_ended:
            self.process.kill()
            self.process.wait()


class PartEnded(Exception):
    """A part is gone that should be running."""


class Interruptions:
    """Ctrl+C and its like, which must not come between starting a part and knowing of it, nor while all is ended.

    `with interruptions:` holds them back until the block is done.
    """

    def __init__(self):
        self.waiting = self.held = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # whichever this system has
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.interrupt)

    def interrupt(self, *_):
        self.waiting = True
        if not self.held:
            raise KeyboardInterrupt

    def __enter__(self):
        self.held = True

    def __exit__(self, *_):
        self.held = False
        if self.waiting:
            raise KeyboardInterrupt


def start_everything(broker_port, board_port):
    """Start the parts, watch them, and end them together."""
    interruptions = Interruptions()
    parts = []

    def start(name, *command):
        with interruptions:
            parts.append(Part(name, *command))

    try:
        try:
            broker_port = start_parts(start, parts, broker_port, board_port)
            for turn in itertools.count(1):
                watch(parts)
                if turn % 25 == 0 and not mqtt_answers(broker_port, patience=5):
                    raise PartEnded("The broker no longer answers.")
                time.sleep(0.2)
        finally:
            interruptions.held = True  # for good: nothing may be left behind
            end(parts)
    except KeyboardInterrupt:
        show("\nEverything has ended.")
        return 0
    except PartEnded as error:
        print(f"\n{error}\nThe rest has been ended.", file=sys.stderr)
        return 1


def start_parts(start, parts, broker_port, board_port):
    """Start them in the order in which they need each other, and say what to do next; the broker's port."""
    if mqtt_answers(broker_port):
        tell("broker", f"using the one that already answers on port {broker_port}")
    elif not os.environ.get("NIGHTLIGHT_ID", "")[:1].isascii():
        raise PartEnded(
            "The embedded broker breaks down when an id begins with a letter outside ASCII.\n"
            "Start Mosquitto first (mosquitto -c mosquitto.conf), or begin NIGHTLIGHT_ID with one of a to z."
        )
    else:
        broker_port = free_port(broker_port, "broker")
        start("broker", "-m", "iotcore", "--listen", HERE, "--port", str(broker_port), "--log-level", "CRITICAL")
    board_port = free_port(board_port, "board")
    page = f"http://{HERE}:{board_port}"
    start("board", "device/virtual_board.py", "--port", str(board_port))
    wait_until(lambda: mqtt_answers(broker_port), parts)
    wait_until(lambda: http_answers(page), parts)

    broker = f"mqtt://{HERE}:{broker_port}"
    start("server", "server/app.py", "--broker", broker)
    start("device", "device/app.py", "--broker", broker, "--board", f"counterfit://{HERE}:{board_port}")
    show(
        f"\n  Open {page} in a browser: a light sensor and an LED.\n"
        "  Type 400 as the light's value and press Set.\n"
        "  Then move the light below 300 and watch the LED.\n"
        "  Ctrl+C ends everything.\n"
    )
    return broker_port


def watch(parts):
    """PartEnded, with its last lines, if one of them is gone."""
    for part in parts:
        if part.has_ended:
            part.reader.join(timeout=1)
            status = part.process.returncode
            lines = [f"The {part.name} has ended by itself (exit status {status}). Its last lines:", *part.last_lines]
            raise PartEnded("\n  ".join(lines))


def wait_until(ready, parts, seconds=30):
    """Wait for something that one of the parts is to bring about."""
    deadline = time.monotonic() + seconds
    while not ready():
        watch(parts)
        if time.monotonic() > deadline:
            raise PartEnded(f"The {parts[-1].name} does not answer after {seconds} s.")
        time.sleep(0.05)


def end(parts):
    """Device and server first, so that they can say goodbye; nothing is left after 3 s."""
    scripts = [part for part in parts if part.name in ("device", "server")]
    for leaving, seconds in (scripts, 1.5), (parts, 0.7):
        for part in leaving:
            part.end()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not all(part.has_ended for part in leaving):
            time.sleep(0.02)
    for part in parts:
        part.kill()


# ---- talking ----

_one_at_a_time = threading.Lock()
_colourful = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def tell(name, line):
    """A line with its part's name before it."""
    label = f"{name:>6} |"
    if _colourful:
        label = f"\033[{COLOURS[name]}m{label}\033[0m"
    show(f"{label} {line}")


def show(text):
    """print(); if nobody reads any more, as after `run.py | head`, work on in silence."""
    with _one_at_a_time:
        try:
            print(text, flush=True)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---- the network on this machine ----


def free_port(wanted, name):
    """The port that is wanted, or a free one, which is then said."""
    if not is_taken(wanted):
        return wanted
    with socket.socket() as anywhere:
        anywhere.bind((HERE, 0))
        port = anywhere.getsockname()[1]
    tell(name, f"port {wanted} is taken by another program; using {port} instead")
    return port


def is_taken(port):
    """Whether something listens on this port, on any of this machine's own addresses."""
    for host in (HERE, "::1"):
        try:
            socket.create_connection((host, port), timeout=0.5).close()
            return True
        except OSError:
            pass
    with socket.socket() as here:
        if not WINDOWS:
            here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what just ended does not count
        try:
            here.bind((HERE, port))
        except OSError:
            return True
    return False


def mqtt_answers(port, patience=1):
    """Whether a broker on this port lets us in: CONNECT, then CONNACK (MQTT 3.1.1 sections 3.1 and 3.2)."""
    name = b"run.py"
    connect = b"\x00\x04MQTT\x04\x02\x00\x0a" + len(name).to_bytes(2, "big") + name
    try:
        with socket.create_connection((HERE, port), timeout=patience) as broker:
            broker.sendall(bytes([0x10, len(connect)]) + connect)
            answer = broker.recv(4)
            broker.sendall(b"\xe0\x00")  # DISCONNECT
            return answer == b"\x20\x02\x00\x00"
    except OSError:
        return False


def http_answers(url):
    """Whether a page is there."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=1):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    if WINDOWS:
        os.system("")  # switches on colours in the console
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; run this again to go on.")
