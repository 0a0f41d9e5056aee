"""Asks OSV (https://osv.dev) what is known against the packages in pinned/, for every Python that they are pinned for.

    .venv/bin/python -m requirements.audit

Ends with status 1 when there is a release without the fault: then there is something to do. What nobody has mended yet
is said, but stops nothing, since it would stop everybody's work until somebody else has done theirs. Where OSV cannot
be reached, nothing has been audited: that is said, too, and stops nothing. Asks through `uv audit`, which is still
experimental; with pip-audit, whatever its source does not know counts as sound.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from requirements.pin import OLDEST_PYTHON, PINNED, read

PROJECT = """
[project]
name = "nightlight"
version = "0"
requires-python = ">={oldest}"
dependencies = {pins}

[[tool.uv.dependency-metadata]]  # CounterFit comes without what it asks for: requirements/counterfit.txt says why
name = "counterfit"
requires-dist = []
"""


def main(arguments: list[str]) -> int:
    """The arguments are passed on to `uv audit`."""
    names = ("tests", "counterfit", "bench")  # tests.txt has all the others in it
    pins = list(dict.fromkeys(pin for name in names for pin in read(PINNED / f"{name}.txt")))
    with TemporaryDirectory() as folder:
        # uv audits projects. So this is one, which needs exactly what is pinned.
        project = PROJECT.format(oldest=OLDEST_PYTHON, pins=json.dumps(pins))
        (Path(folder) / "pyproject.toml").write_text(project, encoding="utf-8")
        _uv(folder, "lock").check_returncode()
        asked = _uv(folder, "audit", "--frozen", "--output-format", "json", *arguments, stdout=subprocess.PIPE)
    if not asked.stdout:
        print("Nothing has been audited: OSV could not be asked, see above.")
        return 0
    return tell(json.loads(asked.stdout))


def _uv(folder: str, *command: str, stdout: int | None = None) -> subprocess.CompletedProcess[str]:
    uv = [sys.executable, "-m", "uv", "--quiet", "--directory", folder, *command]
    environment = {**os.environ, "UV_PYTHON": sys.executable}
    return subprocess.run(uv, env=environment, stdout=stdout, encoding="utf-8", check=False)


def tell(answer: dict[str, Any]) -> int:
    """Print what OSV knows; 1 if there is something to do."""
    for found in answer["vulnerabilities"]:
        package = f"{found['dependency']['name']} {found['dependency']['version']}"
        fixed = ", ".join(found["fix_versions"])
        print(
            f"{package}: {found['summary']} ({found['link']}). {f'Mended in {fixed}.' if fixed else 'Not mended yet.'}"
        )
    print(f"{answer['summary']['audited_packages']} packages audited: {len(answer['vulnerabilities'])} known faults.")
    if not any(found["fix_versions"] for found in answer["vulnerabilities"]):
        return 0
    print("Raise what a list names itself, then run: .venv/bin/python -m requirements.pin --upgrade")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
