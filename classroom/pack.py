"""Makes the pack: one file to download for each system, the project as web pages, and a page that leads to them."""

from __future__ import annotations

import html
import json
import os
import shlex
import shutil
import time
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from string import Template

from classroom import project, texts
from classroom.options import MARK, ClassroomOptions, default_pack
from classroom.systems import PYTHONS, SYSTEMS, System
from classroom.wheels import CannotPack, Target, Wheels
from requirements import pin

AT_ONCE = 4
"""So many times pip works at the same time."""

MORE = "more"
"""A folder for what the teacher adds, such as Python's installers; the page leads there."""


@dataclass(frozen=True)
class Download:
    """A file to download. What it is for stands in its comment, so that it stays known when others are made anew."""

    file: Path
    system: System
    pythons: list[str]
    lacking: project.Lacking

    @classmethod
    def read(cls, file: Path, system: System) -> Download:
        with zipfile.ZipFile(file) as opened:
            return cls(file, system, **json.loads(opened.comment))

    @property
    def comment(self) -> bytes:
        return json.dumps({"pythons": self.pythons, "lacking": self.lacking}).encode()


def make(root: Path, options: ClassroomOptions) -> None:
    """Make what was asked for, and say what it is and what to do next. CannotPack if it cannot be made."""
    began = time.monotonic()
    folder = options.into
    take_over(folder, root)
    print(f"Making a pack for a class in {folder}. What is not there yet comes from PyPI:", flush=True)
    lists = {name: pin.read(root / f"requirements/pinned/{name}.txt") for name in ("course", "counterfit", "page")}
    pins = {text.partition(" ")[0]: hashes for each in lists.values() for text, hashes in each.items()}
    wheels = Wheels(folder / "wheels", pins)
    files = project.read(root)
    for name in options.systems:
        targets = [Target(SYSTEMS[name], python) for python in options.pythons]
        make_download(folder, {target: target.wants(lists) for target in targets}, files, wheels)
    replace(folder / "nightlight", project.without_internet(files, up=1, lacking={}))
    (folder / MORE).mkdir(exist_ok=True)
    found = [(file_of(folder, system), system) for system in SYSTEMS.values()]
    downloads = [Download.read(file, system) for file, system in found if file.exists()]
    (folder / "index.html").write_text(index(downloads), encoding="utf-8")
    print(*summary(folder, root, downloads, time.monotonic() - began), sep="\n")


def take_over(folder: Path, root: Path) -> None:
    """Make sure that all in this folder is ours. What is left of an earlier pack stays, to be made anew."""
    if folder == root or folder in root.parents:
        raise CannotPack(f"This project lies in {folder}, so the pack cannot: choose another folder with --into.")
    if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise CannotPack(f"{folder} has other things in it: choose a new or an empty folder with --into.")
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".*.new"):  # by one that was interrupted
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    (folder / MARK).touch()


def make_download(folder: Path, targets: dict[Target, pin.Pins], files: project.Files, wheels: Wheels) -> None:
    """One system's file, for these Pythons and what they want."""
    [system] = {target.system for target in targets}
    lacking: project.Lacking = {}
    print(f"  {system.title}: Python", end="", flush=True)
    try:
        for target, nowhere in fetch(targets, wheels):
            print(f" {target.python}", end="", flush=True)
            for package in nowhere:
                lacking.setdefault(package, []).append(target.python)
        found = {wheels.find(package, target) for target, wanted in targets.items() for package in wanted}
        inside = project.without_internet(files, up=0, lacking=lacking)
        download = Download(file_of(folder, system), system, [target.python for target in targets], lacking)
        write_zip(download, inside, sorted(file for file in found if file))
        print(f"; {megabytes(download.file.stat().st_size)}", end="", flush=True)
    finally:
        print(flush=True)


def fetch(targets: dict[Target, pin.Pins], wheels: Wheels) -> Iterator[tuple[Target, list[str]]]:
    """For each target, as soon as all of its wheels are there: which packages have none."""
    first, *others = targets
    yield first, wheels.fetch(first, targets[first])  # by itself, since most wheels are for all Pythons
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield from zip(others, pool.map(lambda each: wheels.fetch(each, targets[each]), others), strict=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def file_of(folder: Path, system: System) -> Path:
    return folder / f"nightlight-{system.name}.zip"


def write_zip(download: Download, files: project.Files, wheels: Iterable[Path]) -> None:
    """The file to download: a folder `nightlight`, in it the project and `wheels`."""
    new = download.file.with_name(f".{download.file.name}.new")
    with zipfile.ZipFile(new, "w") as opened:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"nightlight/{name}", time.localtime()[:6])
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, content, zipfile.ZIP_DEFLATED)
        for wheel in wheels:
            opened.write(wheel, f"nightlight/wheels/{wheel.name}")
        opened.comment = download.comment
    new.replace(download.file)


def replace(folder: Path, files: project.Files) -> None:
    """Write the folder anew, so that it has these files and no others."""
    new = folder.with_name(f".{folder.name}.new")
    for name, content in files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).write_bytes(content)
    if folder.exists():
        shutil.rmtree(folder)
    new.rename(folder)


# ---- what people read ----


def index(downloads: list[Download]) -> str:
    """The page that a learner opens first."""
    rows = "\n".join(
        f'<tr><td>{each.system.title}</td><td><a href="{each.file.name}">{each.file.name}</a>,'
        f" {megabytes(each.file.stat().st_size)}</td>"
        f"<td>Python {span(each.pythons)}; {each.system.needs}</td></tr>"
        for each in downloads
    )
    lacking = [html.escape(line) for line in what_lacks(downloads)]
    template = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
    items = "".join(f"<li>{line}</li>\n" for line in lacking)
    return texts.page("Nightlight", template.substitute(downloads=rows, lacking=items or "<li>None lacks.</li>\n"))


def what_lacks(downloads: list[Download]) -> list[str]:
    """A line for each package that has no wheel, system by system."""
    lines = []
    for each in downloads:
        for package, pythons in each.lacking.items():
            lines.append(f"{package.replace('==', ' ')}: {each.system.title}, Python {span(pythons)}")
        if each.lacking and each.system.elsewhere:
            lines[-1] += f". {each.system.elsewhere}"
    return lines


def summary(folder: Path, root: Path, downloads: list[Download], seconds: float) -> Iterator[str]:
    """What has been made, what lacks in it, and what to do next."""
    to_hand_out = sum(each.file.stat().st_size for each in downloads)
    in_all = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    files = "one file" if len(downloads) == 1 else f"{len(downloads)} files"
    yield f"Done in {seconds:.0f} s: {files} to hand out, {megabytes(to_hand_out)}; with all else {megabytes(in_all)}."
    if lines := what_lacks(downloads):
        yield "\nThese packages have no wheel there; index.html names them as well:"
        yield from (f"  {line}" for line in lines)
    python = "py" if os.name == "nt" else "python3"
    into = "" if folder == default_pack(root) else f" --into {shlex.quote(str(folder))}"
    yield "\nNext, in the classroom:"
    yield f"  {python} run.py classroom --serve{into}    hands it out in the network; or copy the folder to USB sticks"
    yield f"What else the class needs, such as Python's installers, put into {folder / MORE}: the page leads there."


def span(pythons: list[str]) -> str:
    """As in 3.10 to 3.15; those between which others are missing, one by one."""
    first = PYTHONS.index(pythons[0])
    if len(pythons) > 2 and list(PYTHONS[first : first + len(pythons)]) == pythons:
        return f"{pythons[0]} to {pythons[-1]}"
    return ", ".join(pythons)


def megabytes(size: int) -> str:
    return f"{max(1, round(size / 1e6)):,} MB"
