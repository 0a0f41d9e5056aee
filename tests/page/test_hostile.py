"""What strangers publish is shown as text: no script runs, nothing is asked elsewhere, and the page goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from page.lamps import MOST_LAMPS
from tests.kit.browser import Browser
from tests.kit.pages import Kitchen, Lamps, Page
from tests.kit.programs import until
from tests.kit.stranger import Stranger

pytestmark = pytest.mark.browser

ATTACKS = [
    "<script>window.hacked=1<:script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1>",
    "\"><a onmouseover='window.hacked=1'>",
    "javascript:window.hacked=1",
    "{{window.hacked=1}}",
    "${window.hacked=1}",
    "\u202egnp.exe",
    "\u200b\u2066invisible",
    "';window.hacked=1;'",
    "%3Cscript%3E&amp;?id=x",
]


def is_hacked(browser: Browser) -> bool:
    return browser.run("return window.hacked") is not None


def test_no_id_becomes_more_than_text(room: Page, kitchen: Kitchen, browser: Browser) -> None:
    for attack in ATTACKS:
        kitchen.stranger.publish(f"room/{attack}/telemetry", '{"light": 80}')
    browser.open(room.url)
    browser.until(lambda: browser.says(ATTACKS[0]) and browser.says(ATTACKS[1]), "the ids as text")
    assert not browser.all("main img, main script, main svg[onload]")
    assert "\u202e" not in browser.text, "what turns the direction of writing is written out"
    assert not is_hacked(browser)
    for attack in [*ATTACKS[:2], *ATTACKS[7:8]]:
        browser.open(f"{room.url}/lamp?id={quote(f'room/{attack}')}")
        browser.until(lambda: "80" in browser.one(".face .light").text, f"the lamp {attack!r}")
        assert not is_hacked(browser)
        assert room.get(f"/history.csv?id={quote(f'room/{attack}')}").status_code == 200
    assert browser.complaints() == []


@pytest.mark.parametrize("name", ["\x00", "+", "#", "a\nb", "x" * 1000])
def test_what_can_be_in_no_topic_is_no_lamp(room: Page, kitchen: Kitchen, browser: Browser, name: str) -> None:
    """To switch it would end the page's connection to the broker."""
    browser.open(f"{room.url}/lamp?id={quote(f'room/{name}', safe='')}")
    browser.wait_for("is not among them")


def test_no_payload_becomes_more_than_text(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    for kind in ("telemetry", "commands", "led", "status", "override"):
        for attack in [*ATTACKS, "\x00\x07\x1b[2J", "\ufeff", "💡" * 3000]:
            kitchen.publish(kind, attack)
            kitchen.publish(kind, json.dumps({"light": attack, "led_on": attack}))
    kitchen.publish("telemetry", "<b>last</b>")
    browser.wait_for("<b>last</b>")
    assert not browser.all(".messages img, .messages script, .messages b, .wire img, .wire script")
    assert not is_hacked(browser)
    kitchen.board.set_light(80)
    browser.wait_for_lamp("kitchen", "on")
    assert browser.complaints() == []


def test_no_id_in_the_address_becomes_more_than_text(room: Page, browser: Browser) -> None:
    for attack in ["<img src=x onerror=window.hacked=1>", "room/<script>window.hacked=1</script>", "\x00", "x" * 9000]:
        browser.open(f"{room.url}/lamp?id={quote(attack)}")
        browser.until(lambda: "room/+" in browser.text or browser.lamps(), "the page")
        browser.open(f"{room.url}/?group={quote(attack)}")
        browser.one(".grid-page")
        assert not is_hacked(browser)


def test_a_page_without_broker_or_with_anything_asks_nobody_else(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    kitchen.board.set_light(80)
    browser.wait_for_lamp("kitchen", "on")
    browser.button("24 hours").click()
    browser.until(lambda: browser.all(".chart svg"), "the curve")
    own = (f"{kitchen.page.url}/", f"ws://127.0.0.1:{kitchen.page.port}/", "data:")
    asked = browser.requests()
    assert len(asked) > 5
    assert [address for address in asked if not address.startswith(own)] == []
    loaded = browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [address for address in loaded if not address.startswith(own)] == []
    assert browser.complaints() == []


@pytest.fixture
def crowd(kitchen: Kitchen, tmp_path: Path) -> Iterator[Lamps]:
    with closing(Lamps(kitchen.broker, tmp_path, "crowd")) as page:
        yield page


def test_thousands_of_invented_ids_are_bounded_and_the_page_goes_on(
    crowd: Lamps, kitchen: Kitchen, browser: Browser
) -> None:
    """As many at a time as the broker keeps for one client."""
    browser.open(crowd.url)
    browser.wait_for("Nothing was heard yet. A lamp appears here by itself.")
    with closing(Stranger(kitchen.broker.port)) as inventor:
        for number in range(MOST_LAMPS + 500):
            inventor.post(f"crowd/{number:05}/telemetry", '{"light": 80}')
            if number % 500 == 499:
                path = f"/history.csv?id=crowd/{number:05}"
                until(lambda path=path: crowd.get(path).status_code == 200, path)  # type: ignore[misc]
        inventor.publish("crowd/last/telemetry", '{"light": 80}')
    browser.until(lambda: browser.says(f"{MOST_LAMPS} lamps") and browser.says("crowd/last"), "the last one")
    assert not browser.says("crowd/00000 to"), "the first are forgotten"
    kitchen.stranger.publish("crowd/last/led", '{"led_on": true, "by": "server"}')
    browser.wait_for(f"{MOST_LAMPS} lamps · 1 on", 5)
    browser.open(f"{crowd.url}/lamp?id=crowd/last")
    browser.wait_for_lamp("crowd/last", "on", 5)


def test_topics_as_long_as_mqtt_has_them_are_ignored(room: Page, kitchen: Kitchen, browser: Browser) -> None:
    browser.open(room.url)
    with closing(Stranger(kitchen.broker.port)) as inventor, suppress(AssertionError):
        inventor.publish(f"room/{'x' * 65_000}/telemetry", '{"light": 80}')
    room.program.wait_for("its id has more than 1,000 characters")
    until(lambda: kitchen.stranger.is_connected, "the stranger")
    kitchen.stranger.publish(f"room/{'y' * 900}/telemetry", '{"light": 80}')
    browser.until(lambda: browser.says("yyyy"), "the other one")
    assert "xxxx" not in browser.text
