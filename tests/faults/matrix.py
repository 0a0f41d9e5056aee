"""The fault matrix: how long the nightlight takes to recover from each fault, and what is lost.

    .venv/bin/python -m tests.faults.matrix [--times 5] [--only frozen] [--locked] [--write]

Each fault has a World of its own and befalls it several times, for as long as it takes to be felt in
full; meanwhile the light goes on and off four times a second. The table goes to standard output
and, with --write, into docs/reliability.md. Takes about 15 minutes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.catalogue import FAULTS, OF_A_MICROCONTROLLER, OF_A_SCRIPT, OF_THE_CONNECTION, Fault
from tests.faults.trial import LIMIT, Outcome, trial
from tests.faults.world import World
from tests.kit.programs import ROOT

PATIENCE = 60
"""Seconds after which a World is given up, far beyond the limit: the table tells by how much it is missed."""

WORLDS = 3
"""How many there are at a time."""

PLAIN, LOCKED = "fault matrix", "locked fault matrix"
"""What the comments say in docs/reliability.md between which the tables stand."""


@dataclass
class Results:
    """What came of one fault."""

    outcomes: list[Outcome] = field(default_factory=list)
    dark_nights: int = 0
    """How often the LED did not follow within our patience."""
    harm: list[str] = field(default_factory=list)
    """What else was not as before."""

    @property
    def times(self) -> int:
        return len(self.outcomes) + self.dark_nights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="how often each fault befalls its world (default 5)")
    parser.add_argument("--only", default="", metavar="WORDS", help="only faults with these words in their name")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--locked", action="store_true", help="with a locked broker: those faults that befall TLS")
    options = parser.parse_args()
    if options.only and options.write:
        parser.error("--write is for the whole table")
    faults = [fault for fault in (OF_THE_CONNECTION if options.locked else FAULTS) if options.only in fault.name]
    longest_first = sorted(faults, key=lambda fault: -fault.full_seconds)
    with ThreadPoolExecutor(WORLDS) as pool:
        running = {
            (fault, is_micro): pool.submit(measure, fault, options.times, options.locked, is_micro)
            for fault in longest_first
            for is_micro, can_befall in ((False, OF_A_SCRIPT), (True, OF_A_MICROCONTROLLER))
            if fault in can_befall
        }
        results = {key: each.result() for key, each in running.items()}
    table = "".join(lines(faults, results))
    print(table, end="")
    if options.write:
        write(ROOT / "docs/reliability.md", LOCKED if options.locked else PLAIN, table)


def measure(fault: Fault, times: int, is_locked: bool, is_micro: bool) -> Results:
    """With one kind of device. A World that does not recover, or comes to harm, is replaced by another."""
    results = Results()
    while results.times < times:
        with World(is_locked=is_locked, is_micro=is_micro) as world:
            while results.times < times:
                try:
                    results.outcomes.append(trial(world, [fault], fault.full_seconds, random.Random(0), limit=PATIENCE))
                except AssertionError as error:
                    results.dark_nights += 1
                    print(f"{fault}: {error}", file=sys.stderr)
                    break
                try:
                    world.check_alive()
                except AssertionError as error:
                    results.harm.append(str(error).partition("\n")[0])
                    print(f"{fault}: {error}", file=sys.stderr)
                    break
    print(f"{fault}{' (microcontroller)' * is_micro}: {results}", file=sys.stderr, flush=True)
    return results


def lines(faults: list[Fault], results: dict[tuple[Fault, bool], Results]) -> list[str]:
    """The table, in Markdown."""
    worst = f"worst of {max(of.times for of in results.values())}"
    head = f"| fault | lasts | recovery: median | {worst} | lost readings | microcontroller: median | {worst} |"
    return [
        f"{head} lost readings | missed |\n",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        *(f"| {fault} | {fault.full_seconds:g} s | {row(fault, results)} |\n" for fault in faults),
    ]


def row(fault: Fault, results: dict[tuple[Fault, bool], Results]) -> str:
    """Of both kinds of device: recovery and lost readings; then what was not as it has to be."""
    both = {name: results.get((fault, is_micro)) for name, is_micro in (("", False), ("microcontroller: ", True))}
    cells = [figures(of) if of else "- | - | -" for of in both.values()]
    return " | ".join([*cells, "; ".join(name + what for name, of in both.items() if of for what in missed(of))])


def recoveries(results: Results) -> list[float]:
    return [outcome.recovery for outcome in results.outcomes] + [float("inf")] * results.dark_nights


def figures(results: Results) -> str:
    """Seconds to recover, and readings lost."""
    sent = sum(outcome.sent for outcome in results.outcomes)
    lost = sum(outcome.lost for outcome in results.outcomes)
    told = f"{lost} of {sent}" if sent else "not printed"
    return f"{seconds(statistics.median(recoveries(results)))} | {seconds(max(recoveries(results)))} | {told}"


def missed(results: Results) -> list[str]:
    late = sum(recovery > LIMIT for recovery in recoveries(results))
    return [f"{late} times not within {LIMIT} s"] * bool(late) + [
        f"{results.harm.count(each)} times {each}" for each in sorted(set(results.harm))
    ]


def seconds(value: float) -> str:
    return f"{value:.1f} s" if value < PATIENCE else f"over {PATIENCE} s"


def write(page: Path, name: str, table: str) -> None:
    """Between the two comments that mark its place."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    text = page.read_text()
    before, rest = text.split(begin)
    page.write_text(before + begin + "\n" + table + "\n" + end + rest.split(end)[1])


if __name__ == "__main__":
    main()
