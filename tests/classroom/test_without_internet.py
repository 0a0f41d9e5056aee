"""The proof: what the pack has for this machine is enough, where there is no network at all."""

from __future__ import annotations

import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from classroom.systems import SYSTEMS
from tests.kit import own_network
from tests.kit.programs import ROOT, clean_environment

SYSTEM = f"linux-{platform.machine()}"
PYTHON = ".".join(map(str, sys.version_info[:2]))


@pytest.mark.demo
@pytest.mark.timeout(900)
def test_what_a_learner_unpacks_installs_and_runs_without_a_network(tmp_path: Path) -> None:
    """And names what lacks. The packages come from PyPI, or from pip's cache."""
    if not own_network.is_possible() or SYSTEM not in SYSTEMS:
        pytest.skip("this system has no network namespaces for us, or there is no pack for it")
    run("-m", "classroom", "--into", str(tmp_path / "pack"), "--system", SYSTEM, "--python", PYTHON)
    with zipfile.ZipFile(tmp_path / f"pack/nightlight-{SYSTEM}.zip") as file:
        file.extractall(tmp_path / "home of a learner")
    run("-m", "tests.classroom.learner", str(tmp_path / "home of a learner"), before=own_network.command())


def run(*words: str, before: list[str] | None = None) -> None:
    command = [*(before or []), sys.executable, *words]
    ended = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), capture_output=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
