"""Pins every package that is installed, with the hashes of its files: makes pinned/ from the short lists.

    .venv/bin/python -m requirements.pin              # after a list has changed; the other versions stay
    .venv/bin/python -m requirements.pin --upgrade    # the newest of all that the lists do not name themselves
    .venv/bin/python -m requirements.pin --check      # says where lists and pins disagree, and ends with status 1

Asks PyPI, through uv (https://docs.astral.sh/uv/pip/compile/).
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PINNED = ROOT / "requirements/pinned"
COMMAND = ".venv/bin/python -m requirements.pin"
OLDEST_PYTHON = "3.10"

LISTS = {
    # The first has all the others in it but the bench's, and decides on their versions.
    "tests": [
        "requirements.txt",
        "requirements/laptop.txt",
        "requirements/page.txt",
        "requirements/course.txt",
        "requirements/tests.txt",
    ],
    "laptop": ["requirements.txt", "requirements/laptop.txt"],
    "course": ["requirements.txt", "requirements/laptop.txt", "requirements/course.txt"],
    "page": ["requirements.txt", "requirements/page.txt"],
    "pi": ["requirements.txt"],
    "counterfit": ["requirements/counterfit.txt"],
    "classroom": ["requirements/classroom.txt"],
    "bench": ["requirements/bench.txt"],
}
"""Each file of pinned/, and the short lists that it is made from."""
WITHOUT_DEPENDENCIES = {"counterfit"}  # the list says why
BESIDE_THE_TESTS = {"bench"}  # has what the first has not

COURSE = ROOT / "lessons/requirements.txt"
COURSE_HEAD = f"""\
# What the course needs, and all that these packages need: pip install --no-deps -r requirements.txt
# With --no-deps, since CounterFit asks for old versions of its parts, which no longer work together.
# Without hashes, since a 32-bit Raspberry Pi OS has some of the packages from piwheels, which builds them itself.
# This file was made by: {COMMAND}
"""

Pins = dict[str, set[str]]
"""What is pinned, as in `paho-mqtt==2.2.0` or `colorzero==2.0 ; sys_platform == 'linux'`, and its files' hashes."""


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--upgrade"], ["--check"]):
        sys.exit((__doc__ or "").strip())
    old = {name: read(PINNED / f"{name}.txt") for name in LISTS}
    new = make([] if arguments == ["--upgrade"] else [pin for pins in old.values() for pin in pins])
    course = COURSE_HEAD + "".join(f"{pin}\n" for name in ("course", "counterfit") for pin in parse(new[name]))
    if arguments == ["--check"]:
        wrong = [f"{name}.txt: {what}" for name in LISTS for what in differences(old[name], parse(new[name]))]
        if not COURSE.exists() or COURSE.read_text(encoding="utf-8") != course:
            wrong.append("lessons/requirements.txt: is another one")
        if wrong:
            print("\n".join(wrong), f"requirements/pinned does not fit the lists any more. Run: {COMMAND}", sep="\n")
        return bool(wrong)
    for name, text in new.items():
        (PINNED / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
        print(f"requirements/pinned/{name}.txt: {len(parse(text))} packages")
    COURSE.write_text(course, encoding="utf-8", newline="\n")
    return 0


def make(known: list[str]) -> dict[str, str]:
    """The texts of all files. Of several versions that would do, those are taken that are `known`."""
    texts: dict[str, str] = {}
    others: list[str] = []
    for name, lists in LISTS.items():
        if name in WITHOUT_DEPENDENCIES:
            texts[name] = _resolve(lists, known, "--no-deps")
        elif name in BESIDE_THE_TESTS:
            texts[name] = _resolve(lists, known + others)
        elif not texts:
            texts[name] = _resolve(lists, known)
            decided = {pin.partition("==")[0] for pin in parse(texts[name])}
            others = [pin for pin in known if pin.partition("==")[0] not in decided]
            known = list(parse(texts[name]))
        else:
            texts[name] = _resolve(lists, known, "--offline")  # PyPI has been asked for all of it
    return texts


def _resolve(lists: list[str], known: list[str], *more_options: str) -> str:
    with TemporaryDirectory() as folder:
        # uv keeps to the versions that it finds in its output. They stand there without hashes: those it would keep,
        # too, and then never see a file that came later, such as one for a newer Python.
        output = Path(folder) / "pinned.txt"
        output.write_text("\n".join(dict.fromkeys(known)), encoding="utf-8")
        options = ["--quiet", "--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"]
        options += ["--no-emit-index-url", "--annotation-style", "line", "--custom-compile-command", COMMAND]
        options += ["--output-file", str(output), *more_options]
        uv = [sys.executable, "-m", "uv", "pip", "compile", *options, *lists]
        if subprocess.run(uv, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit(f"uv could not resolve {' and '.join(lists)}.")
        return output.read_text(encoding="utf-8")


def read(file: Path) -> Pins:
    return parse(file.read_text(encoding="utf-8")) if file.exists() else {}


def parse(text: str) -> Pins:
    pins: Pins = {}
    for line in text.replace("\\\n", "").splitlines():
        if line and not line.lstrip().startswith("#"):
            pin, *hashes = re.split(r"\s+--hash=", line.rstrip())
            pins[pin] = set(hashes)
    return pins


def differences(ours: Pins, right: Pins) -> list[str]:
    """What is wrong with ours. A hash less is none: files may come to a version after it was pinned."""
    wrong = [f"lacks {pin}" for pin in right if pin not in ours]
    wrong += [f"has {pin}, which no list asks for" for pin in ours if pin not in right]
    for pin in ours.keys() & right.keys():
        if not ours[pin]:
            wrong.append(f"has no hash for {pin}")
        wrong += [f"has a hash of {pin} that PyPI does not know: {each}" for each in ours[pin] - right[pin]]
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
