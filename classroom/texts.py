"""The project's texts as web pages, for those who have no GitHub that shows them."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

STYLE = """\
body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; color: #222; }
a { color: #0b57b0; }
pre { background: #f3f4f6; padding: .8rem; overflow-x: auto; border-radius: .4rem; line-height: 1.4; }
code { font-family: ui-monospace, Consolas, Menlo, monospace; font-size: .9em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top; }
img { max-width: 100%; }
@media (prefers-color-scheme: dark) {
  body { background: #17181c; color: #ddd; }
  a { color: #8ab8ff; }
  pre { background: #26282e; }
}
"""


def page(title: str, body: str) -> str:
    """A whole page, which needs no other file."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>
{STYLE}</style>
</head>
<body>
{body}</body>
</html>
"""


def as_page(markdown: str) -> str:
    """A text as a page. Its links to other texts lead to their pages."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(markdown)
    title = ""
    for before, token in itertools.pairwise(tokens):
        if before.type == "heading_open":
            words = _words(token.children or ())
            title = title or words
            before.attrSet("id", anchor(words))
        for inside in token.children or ():
            if inside.type == "link_open":
                inside.attrSet("href", _link(str(inside.attrs["href"])))
    return page(title, parser.renderer.render(tokens, parser.options, {}))


def anchor(heading: str) -> str:
    """What `#` links call a heading, as GitHub makes it."""
    return "".join(sign for sign in heading.lower().replace(" ", "-") if sign.isalnum() or sign in "-_")


def _link(target: str) -> str:
    if re.match(r"[a-z]+:", target):
        return target
    return re.sub(r"\.md(?=$|#)", ".html", target)


def _words(tokens: Sequence[Token]) -> str:
    return "".join(" " if token.type == "softbreak" else token.content for token in tokens)
