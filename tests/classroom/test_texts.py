"""The texts as web pages."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from classroom import project, texts
from tests.kit import markdown
from tests.kit.programs import ROOT

HIDDEN = re.compile(r"(^|/)\.")
TEXTS = [text for text in sorted(ROOT.rglob("*.md")) if not HIDDEN.search(text.relative_to(ROOT).as_posix())]


def test_a_text_becomes_a_page() -> None:
    page = texts.as_page(
        "# Step 1: **your** broker\n\nSee [step 2](../2-connect/README.md#a-client).\n\n```sh\npip\n```\n"
    )
    assert "<title>Step 1: your broker</title>" in page
    assert '<h1 id="step-1-your-broker">' in page
    assert 'href="../2-connect/README.html#a-client"' in page
    assert "<pre><code" in page


def test_what_is_elsewhere_stays_where_it_is() -> None:
    page = texts.as_page("[a](https://example.org/README.md) [b](#b) [c](device.py)")
    assert [*re.findall('href="(.*?)"', page)] == ["https://example.org/README.md", "#b", "device.py"]


def test_html_in_a_text_is_kept_and_words_are_not_taken_for_it() -> None:
    page = texts.as_page("<details><summary>Q</summary>\n\nA `<b>` & c\n\n</details>\n")
    assert "<details><summary>Q</summary>" in page
    assert "<code>&lt;b&gt;</code> &amp; c" in page


@pytest.fixture(scope="module")
def files() -> project.Files:
    return project.read(ROOT)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.relative_to(ROOT).as_posix())
def test_its_links_lead_somewhere(files: project.Files, text: Path) -> None:
    """Also those with `#`; but not those into what is hidden, which no learner gets."""
    name = text.relative_to(ROOT).with_suffix(".html").as_posix()
    page = files[name].decode()
    for link in re.findall(r'<(?:a|img) (?:href|src)="([^"]+)"', page):
        path, _, anchor = unquote(link).partition("#")
        if re.match("[a-z]+:", link) or HIDDEN.search(path.replace("../", "")):
            continue
        target = ((ROOT / name).parent / path).resolve().relative_to(ROOT).as_posix() if path else name
        assert target in files or (ROOT / target).is_dir(), link
        if anchor and target.endswith(".html"):
            assert f'id="{anchor}"' in files[target].decode(), link


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.relative_to(ROOT).as_posix())
def test_headings_are_called_as_the_tests_of_the_texts_believe(text: Path) -> None:
    headings = {piece.text for piece in markdown.read(text) if piece.kind == "heading"}
    assert {texts.anchor(heading) for heading in headings} == markdown.anchors(text)
