#!/usr/bin/env python3
"""The nightlight on one machine.

    python3 run.py          start everything: broker, virtual board, device, server, page
    python3 run.py lock     make a broker that lets nobody in but your own: lock --help tells more
    python3 run.py test     run the tests; options after it are pytest's, as in: test -k broker
    python3 run.py bench    measure how fast it is, and beside what: bench --help tells more

Needs Python 3.10 or newer. What else it needs, it installs into the folder .venv, the first time
and whenever the requirements change; only that needs the Internet. Ctrl+C ends everything.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while Python still imports: end without a traceback

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 10)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
VENV_PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

if sys.maxsize > 2**32:
    PINNED = "requirements/pinned/"  # every package with the hashes of its files; made by requirements/pin.py
    SCRIPTS = ["--require-hashes", PINNED + "laptop.txt"]
    PAGE = ["--require-hashes", PINNED + "page.txt"]
    TESTS = ["--require-hashes", PINNED + "tests.txt"]
    BENCH = ["--require-hashes", PINNED + "bench.txt"]
    COUNTERFIT = ["--require-hashes", "--no-deps", PINNED + "counterfit.txt"]  # requirements/counterfit.txt says why
else:
    # A 32-bit Raspberry Pi OS has the packages ready-made from piwheels, which builds them itself: other hashes.
    SCRIPTS = ["requirements.txt", "requirements/laptop.txt"]
    PAGE = ["requirements/page.txt"]
    TESTS = ["requirements/tests.txt"]
    BENCH = ["requirements/bench.txt"]
    COUNTERFIT = ["--no-deps", "requirements/counterfit.txt"]


def main(arguments):
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("The nightlight needs Python 3.10 or newer; this is %s." % sys.version.split()[0])
    if arguments[:1] == ["test"]:
        notice_ctrl_c()
        prepare_venv(SCRIPTS, COUNTERFIT, PAGE, TESTS)
        return subprocess.call([str(VENV_PYTHON), "-m", "pytest", *arguments[1:]], cwd=ROOT)
    if arguments[:1] == ["bench"]:
        from bench.options import read_options

        read_options(arguments[1:])
        notice_ctrl_c()
        prepare_venv(SCRIPTS, COUNTERFIT, PAGE, TESTS, BENCH)
        return hand_over([str(VENV_PYTHON), "-m", "bench", *arguments[1:]])
    is_a_pi = "rpi" in platform.release()  # which is the device's, and has better things to do than to show a page
    page = [] if is_a_pi else [PAGE]
    if arguments[:1] == ["lock"]:
        from broker.options import read_options  # an old Python could not

        read_options(arguments[1:])  # --help and what is misspelled: before anything is installed
        notice_ctrl_c()
        prepare_venv(SCRIPTS, *page)
        return subprocess.call([str(VENV_PYTHON), str(ROOT / "broker/lock.py"), *arguments[1:]])
    from demo.options import read_options

    read_options(arguments, __doc__)
    notice_ctrl_c()
    prepare_venv(SCRIPTS, COUNTERFIT, *page)
    return hand_over([str(VENV_PYTHON), "-m", "demo", *arguments])


def notice_ctrl_c():
    """From now on say what Ctrl+C has interrupted. Not before: Python can lose it in the middle of an import."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def hand_over(command):
    """Go on as this command, so that signals and the exit status are its own."""
    if not WINDOWS:
        os.chdir(ROOT)
        # While the new Python starts, they wait; the demo lets them come when it knows what to do.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        os.execv(command[0], command)
    demo = subprocess.Popen(command, cwd=ROOT)
    while True:
        try:
            return demo.wait()
        except KeyboardInterrupt:
            pass  # Ctrl+C has reached the demo as well, which ends everything


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
    named = named or re.search(r"^(\S+==\S+) from ", text, re.MULTILINE)  # whose hash is another one
    package = named.group(1) if named else package
    if "No space left" in text:
        remedy = "The disk is full: make some room, then run this again."
    elif "DO NOT MATCH THE HASHES" in text:
        remedy = (
            "What came is not the package that was checked for this project, so it is not used."
            " Run this again; if it stays so, somebody on the way changes files: try another network."
        )
    elif "CERTIFICATE_VERIFY_FAILED" in text:
        remedy = "The connection to PyPI is not trusted; a proxy may be in between. Ask who runs this network."
    elif re.search(r"Retrying|NewConnectionError|ConnectTimeout|ReadTimeout|name resolution", text):
        remedy = "PyPI cannot be reached. Check the Internet connection, then run this again; later starts need none."
    elif "Failed building wheel" in text or "Failed to build" in text:
        remedy = (
            f"It has nothing ready-made for Python {sys.version_info[0]}.{sys.version_info[1]} on this machine."
            " Try another Python, 3.10 to 3.15."
        )
    else:
        remedy = "Run this again; if it stays so, delete the folder .venv first."
    errors = [line for line in output if line.startswith("ERROR")] or output[-3:]
    return f"\nCould not install {package}. {remedy}\npip says:\n  " + "\n  ".join(line[:200] for line in errors[-5:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; run this again to go on.")
