"""A project that needs few packages, and a folder that has them in place of PyPI."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import zipfile
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

from packaging.utils import parse_wheel_filename

from classroom import pack, wheels
from classroom.options import read_options
from classroom.wheels import Target, tags_of
from requirements import pin
from tests.kit.programs import ROOT, Program, clean_environment

LAMP = "toy_lamp-1.0-py3-none-any.whl"
CHIPS = [
    "toy_chip-1.0-cp311-cp311-win_amd64.whl",
    "toy_chip-1.0-cp312-cp312-win_amd64.whl",
    "toy_chip-1.0-cp312-cp312-macosx_11_0_arm64.whl",
    "toy_chip-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
    "toy_chip-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
]
"""There is none for Python 3.10, nor for a Raspberry Pi."""


def make_wheel(file: Path, inside: str = "") -> str:
    """A package with one module; its hash."""
    name = file.name.partition("-")[0]
    file.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{name}.py", inside)
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        tag = "-".join(file.stem.split("-")[2:])
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


class ToyProject:
    """The project itself, but for what it needs: toy-lamp, and toy-chip where it is not macOS."""

    def __init__(self, folder: Path) -> None:
        self.pypi = folder / "pypi"
        self.root = folder / "my project"
        self.pack = folder / "nightlight-classroom"
        shutil.copytree(ROOT, self.root, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests", "bench"))
        lamp = make_wheel(self.pypi / LAMP)
        chips = [make_wheel(self.pypi / name, name) for name in CHIPS]
        pinned = [
            f"toy-lamp==1.0 --hash={lamp}",
            f"toy-chip==1.0 ; sys_platform != 'darwin' {' '.join(f'--hash={each}' for each in chips)}",
        ]
        self.pinned(course=pinned, page=pinned[:1], counterfit=[])
        names = [line.partition(" --hash")[0] for line in pinned]
        (self.root / "lessons/requirements.txt").write_text("\n".join(["# The toys.", *names]) + "\n")

    def pinned(self, **lists: list[str]) -> None:
        for name, lines in lists.items():
            (self.root / f"requirements/pinned/{name}.txt").write_text("\n".join(lines) + "\n")

    def classroom(self, *options: str, **environment: str) -> Program:
        """`run.py classroom`, when all that it needs is installed."""
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.pypi), "PIP_CONFIG_FILE": os.devnull}
        env = clean_environment(**{**pip, **environment})
        return Program(sys.executable, "-m", "classroom", *options, cwd=self.root, env=env, own_group=True)

    def make(self, *options: str) -> str:
        """Make a pack with a stand-in for pip, which takes its time; what was said."""
        said = io.StringIO()
        with patch.object(wheels, "download", self._download), redirect_stdout(said):
            pack.make(self.root, read_options([*options], self.root))
        return said.getvalue()

    def _download(self, target: Target, wanted: pin.Pins, folder: Path) -> str:
        for package in wanted:
            name = package.partition("==")[0].replace("-", "_")
            files = [
                file for file in self.pypi.glob(f"{name}-*") if parse_wheel_filename(file.name)[3] & tags_of(target)
            ]
            if not files:
                return f"ERROR: No matching distribution found for {package}"
            shutil.copy(files[0], folder)
        return ""

    def inside(self, system: str) -> dict[str, str]:
        """What a learner of this system gets."""
        with zipfile.ZipFile(self.pack / f"nightlight-{system}.zip") as file:
            return {name: file.read(name).decode("utf-8", "replace") for name in file.namelist()}
