"""How long Ctrl+C takes to end everything that run.py has started.

    .venv/bin/python bench/goodbye.py [--times 10]

Beside it, as a reference, the time in which one Python that does nothing starts and ends.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

from tests.kit.programs import ROOT, Program, free_port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="how often it is started and ended (default 10)")
    times = parser.parse_args().times
    ends = [goodbye() for _ in range(times)]
    reference = statistics.median(nothing() for _ in range(times))
    print("| | median | longest | of a Python that does nothing |")
    print("| --- | --- | --- | --- |")
    median, longest = statistics.median(ends), max(ends)
    print(f"| Ctrl+C until all has ended | {median:.2f} s | {longest:.2f} s | {median / reference:.0f} times |")


def goodbye() -> float:
    """Start everything, wait until the lamp is lit, press Ctrl+C: the seconds until all of it is gone."""
    ports = [f"--{part}-port={free_port()}" for part in ("broker", "board", "page")]
    program = Program(sys.executable, ROOT / "run.py", "--no-browser", *ports, own_group=True)
    program.wait_for("Open http")
    program.wait_for("device | Message received")
    started = time.monotonic()
    program.interrupt()
    return time.monotonic() - started


def nothing() -> float:
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
