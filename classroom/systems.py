"""The systems and Pythons that a class may bring along, and what pip calls them. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")

MACOS = ("10_9", "10_10", "10_11", "10_12", "10_13", "10_14", "10_15", "11_0")
GLIBC = ("2_17", "2_24", "2_26", "2_27", "2_28", "2_31")
"""What wheels are made for, up to the oldest that a class may bring: macOS 11, Ubuntu 20.04."""


@dataclass(frozen=True, eq=False)
class System:
    """One kind of computer, for which there is one file to download."""

    name: str
    title: str
    needs: str
    """Beside Python, in words."""
    platforms: tuple[str, ...]
    """pip's platform tags. The oldest come first, so that pip takes the wheel that runs on most computers."""
    markers: dict[str, str]
    """What the markers of a requirement see there, as in `colorzero==2.0 ; sys_platform == 'linux'`."""
    lists: tuple[str, ...] = ("course", "counterfit", "page")
    """Those of requirements/pinned/ that are needed there; `laptop` is a part of `course`."""
    elsewhere: str = ""
    """Where else there are packages for it, in a sentence."""


def _linux(name: str, title: str, machine: str, needs: str, **more: Any) -> System:
    old = ["manylinux1", "manylinux2010", "manylinux2014"] if machine == "x86_64" else ["manylinux2014"]
    platforms = tuple(f"{policy}_{machine}" for policy in (*old, *(f"manylinux_{glibc}" for glibc in GLIBC)))
    return System(name, title, needs, platforms, _markers("posix", "linux", "Linux", machine), **more)


def _macos(name: str, title: str, machine: str) -> System:
    platforms = tuple(f"macosx_{version}_{machine}" for version in MACOS if machine == "x86_64" or version == "11_0")
    return System(name, title, "macOS 11 or newer", platforms, _markers("posix", "darwin", "Darwin", machine))


def _markers(os_name: str, sys_platform: str, platform_system: str, machine: str) -> dict[str, str]:
    return {
        "os_name": os_name,
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "platform_machine": machine,
        "platform_release": "",  # on a Raspberry Pi it has `rpi` in it, and then less is needed, not more
        "platform_version": "",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }


LINUX = "Debian 12, Ubuntu 22.04 or newer"
RASPBERRY_PI_OS = "Raspberry Pi OS Bookworm or newer"

SYSTEMS = {
    system.name: system
    for system in (
        System("windows-amd64", "Windows", "64 bit", ("win_amd64",), _markers("nt", "win32", "Windows", "AMD64")),
        _macos("macos-arm64", "macOS, Apple silicon", "arm64"),
        _macos("macos-x86_64", "macOS, Intel", "x86_64"),
        _linux("linux-x86_64", "Linux", "x86_64", LINUX),
        _linux("linux-aarch64", "Raspberry Pi, 64 bit", "aarch64", f"{RASPBERRY_PI_OS}; also Linux on ARM"),
        _linux(
            "linux-armv7l",
            "Raspberry Pi, 32 bit",
            "armv7l",
            RASPBERRY_PI_OS,
            lists=("course", "counterfit"),  # on a Pi, run.py shows no page
            elsewhere="With the Internet, a Pi gets most packages from piwheels, for its own system's Python.",
        ),
    )
}
