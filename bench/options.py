"""The bench's options. Python's own library is enough to read them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

WHAT = """
Measures how fast this is, how many devices one server can have, and beside what. Takes less than ten minutes on two
cores. Tables and plots go to bench/results, and from there into docs/speed.md.
"""
MORE = """
Needs Mosquitto. Node-RED is measured as well if npx is there and npm can get it. Leave the machine alone meanwhile.
"""


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Ends the program if it was only asked for help, or if something is misspelled."""
    parser = argparse.ArgumentParser("run.py bench", description=WHAT, epilog=MORE)
    parser.add_argument("--quick", action="store_true", help="one short turn of each, without Node-RED: does it work?")
    help = "where tables and plots go; then docs/speed.md stays as it is (with --quick by default a new folder)"
    parser.add_argument("--into", type=Path, metavar="FOLDER", help=help)
    return parser.parse_args(arguments)
