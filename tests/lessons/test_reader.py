"""The reader notices what is not as a text says."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.boards import CounterFitPage
from tests.kit.programs import free_port
from tests.lessons import browser
from tests.lessons import reader as readers
from tests.lessons.reader import NotAsWritten, Reader, commands_in, loosely

Read = Callable[[str], None]

HELLO = """
```sh one
echo hello
echo world
```

```output one
hello
world
```
"""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Follow a text."""
    monkeypatch.setattr(readers, "PATIENCE", 5.0)
    lesson, home = tmp_path / "lesson", tmp_path / "home"
    lesson.mkdir()
    home.mkdir()
    (lesson / "letter.txt").write_text("Dear reader\n")
    with closing(Reader(home)) as reader:
        reader.counterfit = CounterFitPage(free_port())  # nobody's: whoever runs the tests may have a board at 5000

        def follow(text: str) -> None:
            (lesson / "README.md").write_text(text)
            reader.follow(lesson / "README.md")
            reader.leave()

        yield follow


@pytest.mark.parametrize(
    "text",
    [
        HELLO,
        "```sh one\necho hello; echo more; echo world\n```\n```output one\nhello\n...\nworld\n```\n",
        "```text letter.txt\nDear reader\n```\n```sh one\ncat letter.txt\n```\n```output one\nDear reader\n```\n",
        "```sh one\nsleep 100\n```\n\n**Press Ctrl+C in *one*.**\n" + HELLO,
        "```sh one\nsleep 100\n```\n\n**Close the terminal *one*.**\n" + HELLO,
        "```sh one\nread\n```\n\n**Press Enter in *one*.**\n" + HELLO,
        "```sh one\necho a; echo b; echo a; echo c\n```\n```output one\na\nb\nc\n```\n",
        "```sh one\necho it fails; false\n```\n```output one\nit fails\n```\n" + HELLO,
        "<!-- the reader: skip -->\n```sh one\nfalse\n```\n" + HELLO,
        "```sh one\necho 12:34:56 1795470968 auto-1F-2E after 3.5 ms\n```\n"
        "```output one\n01:02:03 1234567890 auto-AA after 12 ms\n```\n",
        HELLO.replace("echo world", "echo world; echo more").replace("\nworld\n```\n", "\nworld\n...\n```\n"),
        HELLO.replace("output one", "output one unordered").replace("\nhello\nworld\n", "\nworld\nhello\n"),
        "A word in **bold**, and **two words**.\n" + HELLO,
    ],
)
def test_a_text_that_is_right(read: Read, text: str) -> None:
    read(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HELLO.replace("\nworld\n```\n", "\nword\n```\n"), "one shows\n    world\nwhere the text says\n    word"),
        (HELLO.replace("\nhello\nworld\n", "\nhello\nworld\nagain\n"), "one does not show\n    again"),
        (HELLO.replace("\nhello\nworld\n", "\nworld\n"), "one shows\n    hello"),
        (HELLO.replace("echo hello", "echo hallo"), "hallo"),
        (HELLO.replace("output one", "output one unordered").replace("echo hello", "echo hallo"), "hallo"),
        (HELLO.replace("output one", "output one unordered").replace("\nworld\n`", "\nworld\nmore\n`"), "more"),
        (HELLO.replace("echo world", "echo world; sleep 0.1; echo more"), "one shows more than the text:\n    more"),
        (HELLO.replace("echo world", "echo world; sleep 0.1; echo more") + HELLO, "one shows more than the text"),
        ("```sh one\nfalse\n```\n", "fails with status 1"),
        ("```sh one\nfalse\n```\n" + HELLO, "fails with status 1"),
        ("```sh one\nno-such-program\n```\n", "fails with status 127"),
        ("```output one\nhello\n```\n", "there is no terminal one yet"),
        ("```text letter.txt\nDear writer\n```\n", "the text's letter.txt is not that of its folder"),
        ("**Do what you like.**\n", "nobody has taught the reader this sentence"),
        ("```sh one\ntrue\n```\n\n**Press Ctrl+C in *one*.**\n", "nothing runs in one"),
        ("```sh one\necho a; echo a; echo b\n```\n```output one once\na\nb\n```\n", "one shows\n    a"),
        ("```sh one\nsleep 100\n```\n" + HELLO, "the end of the command did not happen"),
        ("**The LED is on.**\n", "Connection refused"),
    ],
)
def test_a_text_that_is_wrong(read: Read, text: str, says: str) -> None:
    with pytest.raises(NotAsWritten) as wrong:
        read(text)
    assert says in str(wrong.value)


def test_it_says_where_the_text_is_wrong(read: Read) -> None:
    with pytest.raises(NotAsWritten, match=r"README\.md:7: one shows"):
        read(HELLO.replace("\nworld\n```\n", "\nword\n```\n"))


def test_commands() -> None:
    assert list(commands_in("# look:\na \\\n   b\n\nc\n")) == ["a b", "c"]


def test_only_what_may_differ_is_compared_loosely() -> None:
    assert loosely("port 1883, light 400") == "port 1883, light 400"
    assert loosely("12:00:01 on port 51234 as auto-1A-2B") == loosely("23:59:59 on port 40000 as auto-FF-00")
    assert loosely("976/s after 0.04 s") == loosely("3210/s after 1.3 s")


PAGE = """<p>Hello, <b>you</b>.</p> <p hidden>Nothing.</p> <button onclick="this.textContent = 'off'">on</button>"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where PAGE is, and another one that needs something from elsewhere."""
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "greedy.html").write_text('<script src="http://127.0.0.1:9/library.js"></script>')
    (tmp_path / "broken.html").write_text('<script src="library.js"></script>')

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Silent, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.skipif(not browser.CHROMIUM or not browser.DRIVER, reason="chromium and chromedriver are not installed")
def test_a_text_that_has_a_browser(read: Read, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "PATIENCE", 0.5)
    monkeypatch.setattr(readers, "LOOK", 0.1)
    read(
        f"**Open `{address}/page.html` in a browser.** **The page says *Hello, you*.** **The page still says *on*.**\n"
        "**Press *on* on the page.** **The page says *off*.** **The page no longer says *on*.**\n"
    )
    for text, says in [
        ("**The page says *Hello*.**\n", "the page does not say\n    Hello\nbut\n    Hello, you"),
        ("**The page says *Nothing*.**\n", "the page does not say\n    Nothing"),
        ("**The page still says *on*.**\n", "the page does not go on to say\n    on"),
        ("**The page no longer says *off*.**\n", "the end of 'off' on the page did not happen"),
        ("**Press *on* on the page.**\n", "the page has no button on"),
        (f"**Open `http://127.0.0.1:{free_port()}` in a browser.**\n", "does not open"),
        (f"**Open `{address}/greedy.html` in a browser.**\n", "needs http://127.0.0.1:9/library.js"),
        (f"**Open `{address}/broken.html` in a browser.**\n", "there is no"),
    ]:
        with pytest.raises(NotAsWritten) as wrong:
            read(text)
        assert says in str(wrong.value)


def test_a_page_is_looked_at_in_a_browser(read: Read) -> None:
    with pytest.raises(NotAsWritten, match="there is no browser yet"):
        read("**The page says *hello*.**\n")
