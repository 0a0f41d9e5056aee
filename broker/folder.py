"""A folder of secrets that is changed all at once, or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2  # Linux, renameat2(2)


@contextmanager
def changed(folder: Path) -> Iterator[Path]:
    """A copy of the folder, or a new one of mode 700, to be changed; at the end of the block it takes its place.

    Whatever interrupts this, the folder is what it was before or what it is to be. Programs that run at the same time
    wait for one another.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f".{folder.name}.old")
    with _alone(folder.parent):
        if aside.exists() and not folder.exists():  # interrupted, where two folders cannot change places at once
            aside.rename(folder)
        for left in [*folder.parent.glob(f".{folder.name}.new-*"), aside]:  # by one that was interrupted
            shutil.rmtree(left, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))  # of mode 700
        try:
            put(new / ".gitignore", "*\n")  # first of all: what is here goes to no repository
            if folder.exists():
                _copy(folder, new)
            yield new
            _take_place(new, folder, aside)
        finally:
            shutil.rmtree(new, ignore_errors=True)  # by now the old one, if there was one
            if folder.exists():
                shutil.rmtree(aside, ignore_errors=True)


def put(file: Path, content: str | bytes) -> None:
    """Write a file that its owner alone can read, and with it the folders that it is in."""
    for parent in reversed(file.parents):
        if not parent.exists():
            parent.mkdir(mode=0o700)
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content.encode() if isinstance(content, str) else content)
        opened.flush()
        os.fsync(opened.fileno())


def _copy(folder: Path, new: Path) -> None:
    shutil.copytree(folder, new, symlinks=True, dirs_exist_ok=True)
    if hasattr(os, "chown"):  # a copy belongs to whoever makes it, but Mosquitto may be another
        for old in [folder, *folder.rglob("*")]:
            status = old.lstat()
            os.chown(new / old.relative_to(folder), status.st_uid, status.st_gid, follow_symlinks=False)


def _take_place(new: Path, folder: Path, aside: Path) -> None:
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        folder.rename(aside)
        new.rename(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places at once. False where the system or the file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except AttributeError:  # a C library without it
        return False
    status: int = renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
    return status == 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One program at a time."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)  # let go when it is closed, or the program killed
        yield
    finally:
        os.close(opened)
