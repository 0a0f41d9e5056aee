"""How many minutes a step of the course costs a reader, counted from its text.

    .venv/bin/python docs/minutes.py        # each step, and what its minutes are made of

Counted is what stands before the quiz and is not folded up. A minute is 150 words of text (by somebody who
reads English as a second language), or 40 lines of code or of output that are looked at, or 4 commands, or 6
things to do or to watch, or 200 signs of code that are typed (40 words a minute). To copy a file takes 20 seconds.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.kit import markdown  # noqa: E402
from tests.lessons.reader import commands_in  # noqa: E402

WORDS, LINES, COMMANDS, ACTIONS, SIGNS, FILES = 150, 40, 4, 6, 200, 3
"""Of each of these, what takes a minute."""

NOT_CODE = {"output", "sh", "mermaid", "json", "text"}
"""Kinds of blocks that nobody types into a file."""


@dataclass
class Cost:
    """What a text asks of its reader."""

    words: int
    lines: int
    """Of code, or of output."""
    commands: int
    actions: int
    waiting: int
    """Seconds that the text has one wait."""
    typed: int
    """Lines of code that are new, so that one types them if one does not copy the file."""
    signs: int
    """In these lines."""
    files: int

    @property
    def _besides(self) -> float:
        """Minutes for all but lines of code and of output."""
        return self.words / WORDS + self.commands / COMMANDS + self.actions / ACTIONS + self.waiting / 60

    @property
    def copying(self) -> int:
        """Minutes of who copies the files."""
        return round(self._besides + self.lines / LINES + self.files / FILES)

    @property
    def typing(self) -> int:
        """Minutes of who types them, and so has read them."""
        return round(self._besides + (self.lines - self.typed) / LINES + self.signs / SIGNS)


def cost_of(step: Path, before: Path | None = None) -> Cost:
    """What this step's text costs; lines that the same files of the step `before` have already are not typed again."""
    text = step / "README.md"
    folded = _folded_lines(text)
    pieces = []
    for piece in markdown.read(text):
        if piece.kind == "heading" and piece.text == "Quiz":
            break
        pieces.append(piece)
    open_pieces = [piece for piece in pieces if piece.line not in folded]
    blocks = [piece for piece in open_pieces if piece.kind == "block"]
    shown = [piece for piece in blocks if piece.info[:1] != ("mermaid",)]
    bold = [piece.text for piece in open_pieces if piece.kind == "bold" and piece.text.endswith(".")]
    waits = [int(found[1]) for sentence in bold if (found := re.fullmatch(r"Wait (\d+) seconds\.", sentence))]
    named = [
        piece for piece in pieces if piece.kind == "block" and len(piece.info) > 1 and piece.info[0] not in NOT_CODE
    ]
    whole = "\n".join(piece.text for piece in named)
    code = [piece for piece in blocks if piece.info and piece.info[0] not in NOT_CODE]
    lines = [line.removesuffix("  # new") for piece in code for line in piece.text.splitlines()]
    old = _lines_of(before, {piece.info[1] for piece in named})
    typed = [line for line in lines if line.strip() and line in whole and line not in old]
    return Cost(
        words=len(_words(text, folded)),
        lines=sum(len(piece.text.splitlines()) for piece in shown),
        commands=sum(len(list(commands_in(piece.text))) for piece in blocks if piece.info[:1] == ("sh",)),
        actions=len(bold) - len(waits),
        waiting=sum(waits),
        typed=len(typed),
        signs=sum(len(line.strip()) for line in typed),
        files=len({piece.info[1] for piece in named}),
    )


def _lines_of(step: Path | None, names: set[str]) -> set[str]:
    """Of those of its files that have one of these names."""
    files = [step / name for name in names if (step / name).exists()] if step else []
    return {line for file in files for line in file.read_text(encoding="utf-8").splitlines()}


def _folded_lines(text: Path) -> set[int]:
    """The numbers of the lines between <details> and </details>."""
    folded, depth = set(), 0
    for number, line in enumerate(text.read_text(encoding="utf-8").splitlines(), 1):
        depth += line.count("<details>")
        if depth:
            folded.add(number)
        depth -= line.count("</details>")
    return folded


def _words(text: Path, folded: set[int]) -> list[str]:
    """Those that are read as words: not code, comments or addresses."""
    words: list[str] = []
    in_block = False
    for number, line in enumerate(text.read_text(encoding="utf-8").splitlines(), 1):
        if line == "## Quiz":
            break
        if line.startswith("```"):
            in_block = not in_block
        elif not in_block and number not in folded and not line.startswith("<!--"):
            words += re.findall(r"\w[\w'.-]*", re.sub(r"\]\([^)]*\)", "]", line))
    return words


def all_costs() -> dict[Path, Cost]:
    """Each step's folder, in order, and what it costs."""
    steps = sorted((ROOT / "lessons").glob("*-*"), key=lambda step: int(step.name.partition("-")[0]))
    befores = [None, *steps]
    return {step: cost_of(step, before) for step, before in zip(steps, befores, strict=False)}


if __name__ == "__main__":
    for step, cost in all_costs().items():
        print(f"{step.name:28}{cost.copying:4} to {cost.typing:3} minutes: {cost}")
