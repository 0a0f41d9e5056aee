"""The systemd units, judged by systemd itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.programs import ROOT, clean_environment

UNITS = {
    "device/app.py": ROOT / "device/nightlight@.service",
    "server/app.py": ROOT / "server/nightlight-server@.service",
    "page/app.py": ROOT / "page/nightlight-page@.service",
}
"""Of each script its unit; the file with its options lies beside it."""

OPTIONS = {
    "device/app.py": {"NIGHTLIGHT_ID", "NIGHTLIGHT_BROKER"},
    "server/app.py": {"NIGHTLIGHT_ID", "NIGHTLIGHT_BROKER", "NIGHTLIGHT_CREDENTIALS"},
    "page/app.py": {
        "NIGHTLIGHT_ID",
        "NIGHTLIGHT_BROKER",
        "NIGHTLIGHT_CREDENTIALS",
        "NIGHTLIGHT_HOST",
        "NIGHTLIGHT_PAGE_PASSWORD_FILE",
    },
}
"""Those that are set in these files; more stand there behind a #."""

each_script = pytest.mark.parametrize("script", UNITS)


def options_file(script: str) -> Path:
    return UNITS[script].with_name(UNITS[script].name.replace("@.service", ".env"))


def analyze(*command: str | Path) -> str:
    """What systemd-analyze says; AssertionError if it does not agree."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    ended = subprocess.run(["systemd-analyze", *command], capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@each_script
def test_systemd_accepts_it_without_a_word(script: str) -> None:
    assert analyze("verify", "--man=no", UNITS[script]) == ""


@each_script
def test_it_gives_away_little(script: str) -> None:
    """Systemd's own score, from 0.0 (safe) to 10.0."""
    said = analyze("security", "--offline=true", "--threshold=20", UNITS[script])
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert score, said
    assert float(score[1]) <= 2.0


@each_script
def test_it_starts_its_script_with_its_options(script: str) -> None:
    unit = UNITS[script].read_text()
    assert f"\nExecStart=/usr/bin/env .venv/bin/python {script}\n" in unit
    assert f"\nEnvironmentFile=-/etc/{options_file(script).name}\n" in unit


@each_script
def test_what_its_comment_says_to_install_is_there(script: str) -> None:
    """The commands in the unit's head name it and its options, and end with its start."""
    head = UNITS[script].read_text().partition("[Unit]")[0]
    for file in (UNITS[script], options_file(script)):
        assert f" {file.relative_to(ROOT).as_posix()} /etc/" in head
    assert f"systemctl enable --now {UNITS[script].name.removesuffix('.service')}$USER\n" in head


@each_script
def test_its_options_are_those_of_the_script(script: str) -> None:
    """Each name in the environment file, also behind a #, is one that --help shows."""
    lines = options_file(script).read_text()
    told = subprocess.run(
        [sys.executable, ROOT / script, "--help"],
        env=clean_environment(COLUMNS="200"),
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert set(re.findall(r"^(\w+)=", lines, re.MULTILINE)) == OPTIONS[script]
    for name in re.findall(r"^(?:# )?(\w+)=", lines, re.MULTILINE):
        assert f"env var: {name}]" in " ".join(told.split()), told
