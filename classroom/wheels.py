"""The packages of the pack: which are needed where, which are there, and pip, which fetches the others."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from classroom.systems import System
from requirements import explain, pin


class CannotPack(Exception):
    """The pack cannot be made; says why, and what to do."""


@dataclass(frozen=True)
class Target:
    """A system and a Python, as in Windows with Python 3.12."""

    system: System
    python: str

    def wants(self, lists: dict[str, pin.Pins]) -> pin.Pins:
        """What it needs of these lists, as in `flask==3.1.3`, with the hashes of its files.

        pip looks at markers (`; sys_platform == 'linux'`) as the Python that it runs on, so we do it.
        """
        version = {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        here = {**self.system.markers, **version, "implementation_version": f"{self.python}.0"}
        wanted: pin.Pins = {}
        for name in self.system.lists:
            for text, hashes in lists[name].items():
                package = Requirement(text)
                if not package.marker or package.marker.evaluate(here):
                    wanted[f"{package.name}{package.specifier}"] = hashes
        return wanted


@cache
def tags_of(target: Target) -> set[Tag]:
    """Those of the wheels that run there."""
    version = tuple(int(part) for part in target.python.split("."))
    cp = "cp" + target.python.replace(".", "")
    platforms = [each for name in target.system.platforms for each in _platforms(name)]
    return {
        *cpython_tags(version, abis=[cp], platforms=platforms),
        *compatible_tags(version, interpreter=cp, platforms=platforms),
    }


def _platforms(name: str) -> Iterator[str]:
    """Itself, and those whose wheels run there as well: a macOS has many."""
    macos = re.fullmatch(r"macosx_(\d+)_(\d+)_(\w+)", name)
    if macos:
        yield from mac_platforms((int(macos[1]), int(macos[2])), macos[3])
    else:
        yield name


class Wheels:
    """A folder of wheels. Each that is there is whole: it has one of the hashes that are pinned."""

    def __init__(self, folder: Path, pins: pin.Pins) -> None:
        """Looks at all files; those that are damaged, or of another version of the project, are deleted."""
        self.folder = folder
        self._pins = pins
        self._found: dict[str, list[tuple[Path, frozenset[Tag]]]] = {}
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._list = folder / "lacking.txt"
        """What there is no wheel of, so that nobody is asked again."""
        known = self._list.read_text(encoding="utf-8").splitlines() if self._list.exists() else []
        self._lacking = {line for line in known if line.count(" ") == 3}
        for left in folder.glob(".*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
        for file in folder.glob("*.whl"):
            if not self._know(file):
                file.unlink()

    def _know(self, file: Path) -> bool:
        try:
            name, version, _, tags = parse_wheel_filename(file.name)
        except InvalidWheelFilename:
            return False
        package = f"{name}=={version}"
        if f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" not in self._pins.get(package, ()):
            return False
        self._found.setdefault(package, []).append((file, tags))
        return True

    def find(self, package: str, target: Target) -> Path | None:
        """One of this package, as in `flask==3.1.3`, that runs there."""
        return next((file for file, tags in self._found.get(package, ()) if tags & tags_of(target)), None)

    def fetch(self, target: Target, wanted: pin.Pins) -> list[str]:
        """Have pip fetch what is not there yet; what there is none of. CannotPack if something else is wrong."""
        missing = {package: hashes for package, hashes in wanted.items() if not self.find(package, target)}
        nowhere = [package for package, hashes in missing.items() if _line(target, package, hashes) in self._lacking]
        for each in nowhere:
            del missing[each]
        # Those that others lack come first: if this one lacks them as well, pip ends before it has fetched the rest.
        scarce = {line.split(" ")[2] for line in self._lacking}
        missing = {package: missing[package] for package in sorted(missing, key=lambda each: each not in scarce)}
        with tempfile.TemporaryDirectory(prefix=".", dir=self.folder) as folder:
            while missing:
                said = download(target, missing, Path(folder))
                package = explain.package_in(said)
                if not said:
                    break
                if package not in missing or not explain.is_nowhere(package, said):
                    what = f"Could not fetch {package or 'the packages'} for {target.system.title}."
                    raise CannotPack(f"{what} {explain.remedy(said)}\n{explain.last_errors(said.splitlines())}")
                nowhere.append(package)  # pip has named the first of them, and saved nothing
                self._note(_line(target, package, missing.pop(package)))
            for file in Path(folder).glob("*.whl"):
                self._add(file)
        return nowhere

    def _note(self, line: str) -> None:
        with self._lock:
            self._lacking.add(line)
            self._list.write_text("".join(f"{each}\n" for each in sorted(self._lacking)), encoding="utf-8")

    def _add(self, file: Path) -> None:
        with self._lock:  # the same file may have come for another Python meanwhile
            if not self._know(file.replace(self.folder / file.name)):
                raise CannotPack(f"{file.name} is not what pip was asked for. Run this again.")


def _line(target: Target, package: str, hashes: set[str]) -> str:
    """What lacks, and for whom. A wheel that comes later has a hash that is not among these."""
    files = hashlib.sha256(" ".join(sorted(hashes)).encode()).hexdigest()
    return f"{target.system.name} {target.python} {package} {files}"


def download(target: Target, wanted: pin.Pins, folder: Path) -> str:
    """What pip said if it could not fetch all of it into this folder; nothing if it could."""
    lines = [" ".join([package, *(f"--hash={each}" for each in sorted(hashes))]) for package, hashes in wanted.items()]
    packages = folder / "packages.txt"
    packages.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--quiet"]
    command += ["--retries", "2", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += [word for name in target.system.platforms for word in ("--platform", name)]
    command += ["--implementation", "cp", "--python-version", target.python, "-r", str(packages), "-d", str(folder)]
    pip = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False
    )
    return pip.stdout.strip() or "pip failed." if pip.returncode else ""
