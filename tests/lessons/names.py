"""Step 8's names.txt, which says where each name of paho-mqtt has its example; and names.md, which is made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.lessons import guide

LESSON = Path(__file__).resolve().parents[2] / "lessons/8-paho"
DOCUMENTATION = "https://eclipse.dev/paho/files/paho.mqtt.python/html"
GLOBAL = ("topic_matches_sub", "connack_string", "error_string")
GUIDE_HEAD = "| in the guide | example | its description | today |"
ENUMS = {"MQTT_LOG": "LogLevel", "MQTT_ERR": "MQTTErrorCode", "MQTTv": "MQTTProtocolVersion"}
ELSEWHERE = {
    "Client": "Client",
    "suppress_exceptions": "Client",
    "topic_callback": "Client.message_callback_add",
    "wait_for_publish": "MQTTMessageInfo.wait_for_publish",
    "is_published": "MQTTMessageInfo.is_published",
}
"""Names whose description does not stand in that of `Client` under their own name."""


class Row(NamedTuple):
    """A line of names.txt."""

    chapter: str
    name: str
    example: str
    today: str
    """What is different in 2.x, or, of a name that the guide does not have, what it is."""

    @property
    def is_gone(self) -> bool:
        return self.today.startswith("gone")

    @property
    def spans(self) -> list[str]:
        """The pieces of code in `today`."""
        return re.findall(r"`([^`]+)`", self.today)


def rows() -> Iterator[Row]:
    """All of them."""
    chapter = ""
    for line in (LESSON / "names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            chapter = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            name, example, today = (*(cell.strip() for cell in line.split(" | ")), "")[:3]
            yield Row(chapter, name, example, today)


def pages() -> list[Path]:
    """The pages with examples, in the order of the README's list."""
    links = re.findall(r"^- \[[^]]+\]\(([a-z-]+\.md)\)", (LESSON / "README.md").read_text(encoding="utf-8"), re.M)
    return [LESSON / link for link in links if link != "names.md"]


def examples(page: Path) -> dict[str, str]:
    """The scripts that a page shows, each with the heading above it."""
    found, heading = {}, ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif listing := re.match(r'<!-- \[\[\[cog file\("(\w+\.py)"\)', line):
            found[listing[1]] = heading
    return found


def documentation(name: str) -> str:
    """Where paho-mqtt's own documentation describes it."""
    short = re.match(r"[\w.]+", name)[0]  # type: ignore[index]
    module, _, member = short.partition(".")
    if module in ("publish", "subscribe") and member:
        return f"{DOCUMENTATION}/helpers.html#paho.mqtt.{short}"
    for beginning, enum in ENUMS.items():
        if short.startswith(beginning):
            return f"{DOCUMENTATION}/types.html#paho.mqtt.enums.{enum}.{short}"
    if short == "message_retry_set":
        return f"{DOCUMENTATION}/migrations.html"
    if decorator := re.fullmatch(r"(connect|connect_fail|pre_connect)_callback", short):
        short = f"on_{decorator[1]}"
    if short not in GLOBAL and not short.startswith("MQTTMessage"):
        short = ELSEWHERE.get(short, f"Client.{short}")
    return f"{DOCUMENTATION}/client.html#paho.mqtt.client.{short}"


def appendix() -> Iterator[str]:
    """The lines of names.md: a table for each chapter, in which each name leads to its example."""
    places = {script: (page.name, heading) for page in pages() for script, heading in examples(page).items()}
    since = {name.name: name.since for name in guide.new_names()}
    chapter = ""
    for row in rows():
        is_new = row.name in since
        if row.chapter != chapter:
            chapter = row.chapter
            yield from ("", f"## {chapter}", "")
            yield "| name | since | example | its description | what it is |" if is_new else GUIDE_HEAD
            yield "| --- | --- | --- | --- | --- |" if is_new else "| --- | --- | --- | --- |"
        page, heading = places[row.example]
        cells = [f"[`{row.name}`]({page}#{anchor(heading)})", f"`{row.example}`", f"[paho]({documentation(row.name)})"]
        if is_new:
            cells.insert(1, since[row.name])
        yield f"| {' | '.join([*cells, row.today])} |"


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return "".join(sign for sign in heading.lower().replace(" ", "-") if sign.isalnum() or sign in "-_")
