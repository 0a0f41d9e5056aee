"""The reader notices what is not as a text says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

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

        def follow(text: str) -> None:
            (lesson / "README.md").write_text(text)
            reader.follow(lesson)

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
