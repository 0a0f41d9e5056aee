"""Axe: what axe-core finds wrong with a page, for people who use it otherwise than with eyes and mouse."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.browser import LAPTOP, PHONE, Browser
from tests.kit.programs import ROOT

AXE = "axe-core@4.14.1"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def bring_axe() -> str:
    """Its script, which npm brings the first time."""
    kept = ROOT / ".venv" / f"{AXE}.js"
    if not kept.exists():
        npm = shutil.which("npm")
        if not npm:
            pytest.skip("npm, which brings axe-core, is not installed")
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            subprocess.run([npm, "pack", "--silent", AXE], cwd=folder, check=True, capture_output=True)
            [packed] = Path(folder).glob("*.tgz")
            with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as archive:
                script = archive.extractfile("package/axe.min.js")
                assert script
                new = Path(folder) / "axe.js"
                new.write_bytes(script.read())
            new.replace(kept)
    return kept.read_text(encoding="utf-8")


def violations(browser: Browser, axe: str) -> list[str]:
    """What axe-core finds, of level A and AA."""
    browser.run(axe)
    # Without preload: what axe itself would load, Quasar's loading bar would show.
    options = {"runOnly": LEVELS, "resultTypes": ["violations"], "preload": False}
    found = browser.driver.execute_async_script("axe.run(document, arguments[0]).then(arguments[1])", options)
    assert len(found["passes"]) > 5, "it has looked"
    return [
        f"{rule['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def check_each(browser: Browser, axe: str, open: Callable[[], None]) -> None:
    """In both languages, on a laptop and on a phone, by day and by night."""
    found = []
    for language, size in (("en-US", LAPTOP), ("zh-CN", PHONE)):
        browser.be(size, language)
        open()
        for scheme in ("light", "dark"):
            browser.be(size, language, scheme)
            found += [f"{language} {scheme} {size}: {line}" for line in violations(browser, axe)]
    assert found == [], "\n".join(found)
