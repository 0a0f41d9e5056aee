"""Puts hostile messages through everything that reads them, and says what it measured.

    python -m tests.hostile.flood --messages 100000

So many go through each decoder, and a twentieth of them to each topic of the running programs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.hostile import decoders, wire
from tests.hostile.messages import KINDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000, help="for each decoder (default 100000)")
    parser.add_argument("--seed", type=int, default=1, help="which messages: the same again, or others (default 1)")
    options = parser.parse_args()

    print("| decoder | messages | accepted | refused | slowest | it had |\n| --- | --- | --- | --- | --- | --- |")
    for kind in KINDS:
        of = decoders.flood(kind, options.messages, options.seed)
        refused, slowest = of.messages - of.accepted, f"{1000 * of.slowest:.1f} ms"
        print(
            f"| {kind.__name__} | {of.messages:,} | {of.accepted:,} | {refused:,} | {slowest} | {of.slowest_size:,} B |"
        )

    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = wire.flood(Path(folder), max(1, options.messages // 20), options.seed)
    print(f"""
| over the wire | |
| --- | --- |
| messages to device, server and page | {figures.messages:,} |
| taken in | {time.monotonic() - started:.0f} s |
| slowest burst of {wire.BURST}, until all three had taken it | {figures.slowest_burst:.1f} s |
| LED after each burst | unchanged |
| the LED follows the light afterwards, at worst within | {figures.obeyed_within:.1f} s |
| programs that ended | 0 |
| lines printed, with --verbose | {figures.lines:,} |
| forged lines | 0 |""")


if __name__ == "__main__":
    main()
