"""What a check-up finds, a line at a time, for people and for machines. Needs nothing but Python."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from nightlight.notices import Problem, show


@dataclass(frozen=True)
class Finding:
    """The answer to one of a check-up's questions."""

    subject: str
    found: str
    remedy: str = ""  # what to do about it; empty if there is nothing to do
    open: bool = False  # whether it is for the person to judge

    @property
    def ok(self) -> bool:
        return self.open or not self.remedy

    def lines(self) -> list[str]:
        """As people read it: a tick, a cross or a question mark, what was found, and on a second line what to do."""
        tick, cross, arrow = _signs()
        sign = f"{'?':{len(tick)}}" if self.open else tick if self.ok else cross
        line = f"{sign} {self.subject:8} {self.found}"
        return [line, f"  {'':8} {arrow} {self.remedy}"] if self.remedy else [line]


def tick(subject: str, found: str) -> Finding:
    """All is well with it."""
    return Finding(subject, found)


def open_question(subject: str, found: str, remedy: str = "") -> Finding:
    """Nothing is wrong with it, as far as can be told from here; `remedy` if you judge that something is."""
    return Finding(subject, found, remedy, open=True)


def cross(subject: str, problem: Problem) -> Finding:
    """Something is wrong with it."""
    return Finding(subject, problem.what, problem.remedy)


def report(findings: Iterable[Finding], as_json: bool = False, quiet: bool = False) -> int:
    """Show each finding as soon as it is there, with `quiet` only crosses, or all at the end `as_json`.

    Returns the exit status: 0, or 1 if there was a cross, or Ctrl+C.
    """
    all_of_them = []
    interrupted = False
    try:
        for finding in findings:
            all_of_them.append(finding)
            if not as_json and not (quiet and finding.ok):
                show(*finding.lines())
    except KeyboardInterrupt:
        interrupted = True
    well = not interrupted and all(finding.ok for finding in all_of_them)
    if as_json:
        rows = [{"subject": f.subject, "ok": f.ok, "found": f.found, "remedy": f.remedy} for f in all_of_them]
        show(*json.dumps({"ok": well, "findings": rows}, indent=2).split("\n"))
    elif interrupted:
        show("", "Interrupted: not everything has been checked.")
    elif not well:
        show("", "Put right what has a cross, then check again: there may be more.")
    elif not quiet:
        is_open = any(finding.open for finding in all_of_them)
        show("", "Nothing is wrong, but what has a ? is open." if is_open else "All is well.")
    return 0 if well else 1


def _signs() -> tuple[str, str, str]:
    """A tick, a cross and an arrow, as far as this terminal has them."""
    try:
        "\u2713\u2717\u2192".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return "ok", "NO", "->"
    return "\u2713", "\u2717", "\u2192"
