"""The project as a learner gets it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from classroom import texts
from classroom.options import MARK

COURSE = "lessons/requirements.txt"
LISTS = (COURSE, "requirements.txt", "requirements/page.txt", "requirements/pinned/pi.txt")
"""What people give to `pip install -r`, as the texts tell them."""

Files = dict[str, bytes]
"""The content of each file of the project; its name is its path there, with `/`."""

Lacking = dict[str, list[str]]
"""Packages without a wheel, as in `iotcore==0.4.0`, and for which Pythons."""


def read(root: Path) -> Files:
    """The project's files, with each text as a web page beside it.

    Without what is hidden, what Python makes, virtual environments, packs, and folders that git is told to leave out:
    the secrets of a locked broker are in one.
    """
    files = {file.relative_to(root).as_posix(): file.read_bytes() for file in _files_in(root)}
    for name, content in list(files.items()):
        if name.endswith(".md"):
            files[f"{name.removesuffix('.md')}.html"] = texts.as_page(content.decode("utf-8")).encode()
    return files


def _files_in(root: Path) -> Iterator[Path]:
    for folder, inside, names in os.walk(root):
        here = Path(folder)
        if here != root and _is_left_out(here):
            inside.clear()
            continue
        inside[:] = [name for name in inside if not name.startswith(".") and name != "__pycache__"]
        yield from (here / name for name in names if not name.startswith("."))


def _is_left_out(folder: Path) -> bool:
    if folder.name == "wheels" or (folder / "pyvenv.cfg").exists() or (folder / MARK).exists():
        return True
    ignored = folder / ".gitignore"
    return ignored.exists() and ignored.read_text(encoding="utf-8").strip() == "*"


def without_internet(files: Files, up: int, lacking: Lacking) -> Files:
    """The files whose lists of packages pip reads without the Internet.

    It takes the packages from the folder `wheels`, which is in the project, or so many folders `up`. What lacks
    there for a Python, the course does without: all else is installed.
    """
    changed = dict(files)
    for name in LISTS:
        text = files[name].decode("utf-8")
        wheels = "../" * (up + name.count("/")) + "wheels"
        lines = ["# Without the Internet: pip takes the packages from a folder. With it, delete the next two lines."]
        lines += ["--no-index", f"--find-links {wheels}"]
        if name == COURSE:
            lines += [f"# There is no {package} for Python {', '.join(lacking[package])}." for package in lacking]
            text = "\n".join(_unless_lacking(line, lacking) for line in text.splitlines()) + "\n"
        changed[name] = ("\n".join(lines) + "\n" + text).encode()
    return changed


def _unless_lacking(line: str, lacking: Lacking) -> str:
    """The line of a list, with a marker that leaves the package out for the Pythons that it lacks for."""
    package = line.partition(";")[0].strip()
    if package not in lacking:
        return line
    markers = [f"({Requirement(line).marker})"] if ";" in line else []
    markers += [f"python_version != '{python}'" for python in lacking[package]]
    return f"{package} ; {' and '.join(markers)}"
