"""What a Markdown text consists of, for the tests."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass
class Piece:
    """One thing in a text."""

    kind: str
    """`heading`, `block` (of code), `bold`, `link` (also to a picture) or `comment`."""
    text: str
    line: int
    """Where in the file, from 1."""
    info: tuple[str, ...] = ()
    """Of a block: the words after its ```; of a heading: its level; of a link: what it says."""


def read(path: Path) -> list[Piece]:
    """All pieces of this text, in order."""
    pieces: list[Piece] = []
    for token in MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8")):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "fence":
            pieces.append(Piece("block", token.content, line, tuple(token.info.split())))
        elif token.type == "html_block" and token.content.startswith("<!--"):
            pieces.append(
                Piece("comment", token.content.strip().removeprefix("<!--").removesuffix("-->").strip(), line)
            )
        elif token.type == "inline":
            pieces += _inline(token.children or [], line)
        elif token.type == "heading_open":
            pieces.append(Piece("heading", "", line, (token.tag,)))
    for heading, first in itertools.pairwise(pieces):
        if heading.kind == "heading" and first.kind == "words":
            heading.text = first.text
    return [piece for piece in pieces if piece.kind != "words"]


def _inline(tokens: list[Token], line: int) -> list[Piece]:
    words = _text_of(tokens)
    found = [Piece("words", words, line)]
    for number, token in enumerate(tokens):
        if token.type == "strong_open":
            inside = tokens[number : _end(tokens, number, "strong_close")]
            found.append(Piece("bold", _text_of(inside), line))
        elif token.type == "link_open":
            inside = tokens[number : _end(tokens, number, "link_close")]
            says = _text_of(inside)
            found.append(Piece("link", str(token.attrs["href"]), line, (says,)))
        elif token.type == "image":
            found.append(Piece("link", str(token.attrs["src"]), line, (token.content,)))
    return found


def _text_of(tokens: list[Token]) -> str:
    return "".join(" " if token.type == "softbreak" else token.content for token in tokens)


def _end(tokens: list[Token], begin: int, kind: str) -> int:
    return next(number for number in range(begin, len(tokens)) if tokens[number].type == kind)


def anchors(path: Path) -> set[str]:
    """What `#` links into this text may name, as GitHub makes them of headings."""
    return {
        "".join(sign for sign in piece.text.lower().replace(" ", "-") if sign.isalnum() or sign in "-_")
        for piece in read(path)
        if piece.kind == "heading"
    }
