#!/usr/bin/env python3
"""The nightlight on one machine.

    python3 run.py              start everything: broker, virtual board, device, server, page
    python3 run.py lock         make a broker that lets nobody in but your own: lock --help tells more
    python3 run.py classroom    make a pack for a class without Internet, or hand it out: classroom --help tells more
    python3 run.py test         run the tests; options after it are pytest's, as in: test -k broker
    python3 run.py bench        measure how fast it is, and beside what: bench --help tells more

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
    CLASSROOM = ["--require-hashes", PINNED + "classroom.txt"]
else:
    # A 32-bit Raspberry Pi OS has the packages ready-made from piwheels, which builds them itself: other hashes.
    SCRIPTS = ["requirements.txt", "requirements/laptop.txt"]
    PAGE = ["requirements/page.txt"]
    TESTS = ["requirements/tests.txt"]
    BENCH = ["requirements/bench.txt"]
    COUNTERFIT = ["--no-deps", "requirements/counterfit.txt"]
    CLASSROOM = ["requirements/classroom.txt"]


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
    if arguments[:1] == ["classroom"]:
        from classroom.options import read_options

        options = read_options(arguments[1:], ROOT)
        notice_ctrl_c()
        if not options.serves:  # which needs no package
            prepare_venv(CLASSROOM)
        python = sys.executable if options.serves else str(VENV_PYTHON)
        return hand_over([python, "-m", "classroom", *arguments[1:]])
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
    wheels = wheels_here()
    source = f" from {wheels}, without the Internet" if wheels else ""
    names = " and ".join(file.name for file in files)
    print(f"Installing {names} into .venv{source}, only this first time:", flush=True)
    options = ["--no-index", "--find-links", str(wheels)] if wheels else []
    options += [name for name in requirements if name.startswith("-")]
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
        found = re.match(r"Collecting (\S+)|Processing .*?([^/\\]+\.whl)", line.strip())
        if found:
            package = found.group(1) or found.group(2)
            print(f"  {package}", flush=True)
        elif "Retrying" in line:
            print("  PyPI does not answer, trying again ...", flush=True)
        elif line.startswith("Installing collected packages"):
            print("  unpacking ...", flush=True)
    if pip.wait():
        from requirements import explain

        text = "\n".join(output)
        package = explain.package_in(text) or package
        sys.exit(f"\nCould not install {package}. {explain.remedy(text, wheels)}\n{explain.last_errors(output)}")
    done.write_text(fingerprint)


def wheels_here():
    """The folder of packages that `run.py classroom` has made, if it is in the project or beside it."""
    for folder in ROOT / "wheels", ROOT.parent / "wheels":
        if any(folder.glob("paho_mqtt-*.whl")):  # somebody else's wheels do not count
            return folder
    return None


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; run this again to go on.")
