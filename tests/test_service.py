"""The systemd unit, judged by systemd itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.programs import ROOT

UNIT = ROOT / "device/nightlight@.service"


def analyze(*command: str | Path) -> str:
    """What systemd-analyze says; AssertionError if it does not agree."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    ended = subprocess.run(["systemd-analyze", *command], capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_systemd_accepts_it_without_a_word() -> None:
    assert analyze("verify", "--man=no", UNIT) == ""


def test_it_gives_away_little() -> None:
    """Systemd's own score, from 0.0 (safe) to 10.0."""
    said = analyze("security", "--offline=true", "--threshold=40", UNIT)
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert score, said
    assert float(score[1]) <= 4.0


def test_its_options_are_those_of_the_device() -> None:
    """Each name in the environment file is one that device/app.py --help shows."""
    lines = (ROOT / "device/nightlight.env").read_text().splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    told = subprocess.run(
        [sys.executable, ROOT / "device/app.py", "--help"], capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert names == ["NIGHTLIGHT_ID", "NIGHTLIGHT_BROKER"]
    assert all(f"env var: {name}]" in " ".join(told.split()) for name in names), told
