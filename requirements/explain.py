"""What pip's words mean, and what to do. Standard library only: run.py asks before anything is installed."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def package_in(text: str) -> str | None:
    """The package that pip failed with, as in `iotcore==0.4.0`, if it names one."""
    named = re.search(r"(?:No matching distribution found for|Failed building wheel for|Failed to build) (\S+)", text)
    named = named or re.search(r"^(\S+==\S+) from ", text, re.MULTILINE)  # whose hash is another one
    return named.group(1) if named else None


def is_nowhere(package: str, text: str) -> bool:
    """Whether there is no such package for this Python and system. pip says so, too, when nobody could be asked."""
    asked_again = re.search(rf"Retrying .*/{re.escape(package.partition('==')[0])}/", text)
    return f"No matching distribution found for {package}" in text and not asked_again


def remedy(text: str, wheels: Path | None = None) -> str:
    """What to do after this text of pip's, which was to install from the folder `wheels`, or from PyPI."""
    this_python = f"Python {sys.version_info[0]}.{sys.version_info[1]} on this machine"
    if "No space left" in text:
        return "The disk is full: make some room, then run this again."
    if wheels and "DO NOT MATCH THE HASHES" in text:
        return f"Its file in {wheels} is damaged: unpack or copy that folder again, then run this again."
    if "DO NOT MATCH THE HASHES" in text:
        return (
            "What came is not the package that was checked for this project, so it is not used."
            " Run this again; if it stays so, somebody on the way changes files: try another network."
        )
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "The connection to PyPI is not trusted; a proxy may be in between. Ask who runs this network."
    if re.search(r"Retrying|NewConnectionError|ConnectTimeout|ReadTimeout|name resolution", text):
        return "PyPI cannot be reached. Check the Internet connection, then run this again."
    if wheels and "No matching distribution" in text:
        return (
            f"The folder {wheels} has none for {this_python}. Try another Python, 3.10 to 3.15;"
            " or, with the Internet, delete that folder and run this again."
        )
    if "No matching distribution" in text:
        return f"There is none for {this_python}; or one of the lists says --no-index: then delete that line."
    if "Failed building wheel" in text or "Failed to build" in text:
        return f"It has nothing ready-made for {this_python}. Try another Python, 3.10 to 3.15."
    return "Run this again; if it stays so, delete the folder .venv first."


def last_errors(output: list[str]) -> str:
    """The end of what pip said, indented."""
    errors = [line for line in output if line.startswith("ERROR")] or output[-3:]
    return "pip says:\n  " + "\n  ".join(line[:200] for line in errors[-5:])
