"""Many lamps at a glance."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.kit.browser import LAPTOP, PHONE, Browser
from tests.kit.pages import Kitchen, Lamps, Page
from tests.page.axe import check_each
from tests.page.layout import problems

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
LANGUAGES = pytest.mark.parametrize("language", ["en-US", "zh-CN"])
WORDS = ["off", "on", "silent", "offline"]


def tiles(browser: Browser) -> list[tuple[str, str]]:
    """The name of each lamp, in the order of the screen, and the word that is said of it."""
    found = browser.run(
        """return [...document.querySelectorAll("a.tile")].map(tile => {
          const box = tile.getBoundingClientRect();
          return [Math.round(box.top), Math.round(box.left),
                  tile.querySelector("b").innerText, tile.querySelector(".fact").innerText];
        })"""
    )
    return [(name, word) for _, _, name, word in sorted(found, key=lambda tile: tile[:2])]


def test_thirty_lamps_are_all_there_sorted_and_told_by_words(thirty: Lamps, browser: Browser) -> None:
    browser.open(thirty.url)
    browser.until(
        lambda: tiles(browser) == [(f"seat-{number + 1}", WORDS[number % 4]) for number in range(30)], "thirty lamps"
    )
    assert problems(browser, fits=True) == []
    assert browser.says("30 lamps · 8 on · 7 silent · 7 offline")


def test_a_change_is_seen_at_once(thirty: Lamps, kitchen: Kitchen, browser: Browser) -> None:
    browser.open(thirty.url)
    browser.until(lambda: len(tiles(browser)) == 30, "thirty lamps")
    kitchen.stranger.publish("class/seat-1/led", '{"led_on": true, "by": "server"}')
    browser.until(lambda: ("seat-1", "on") in tiles(browser), "on", 2)
    kitchen.stranger.publish("class/seat-1/status", "offline")
    browser.until(lambda: ("seat-1", "offline") in tiles(browser), "offline", 2)


def test_one_click_opens_a_lamp_and_another_leads_back(thirty: Lamps, browser: Browser) -> None:
    browser.open(thirty.url)
    browser.one("a.tile[href$='seat-2']").click()
    browser.wait_for_lamp("class/seat-2", "on")
    browser.one("nav a[href='/']").click()
    browser.until(lambda: len(tiles(browser)) == 30, "all lamps")


def test_the_switch_of_one_of_many_is_its_own(thirty: Lamps, kitchen: Kitchen, browser: Browser) -> None:
    browser.open(f"{thirty.url}/lamp?id=class/seat-1")
    browser.wait_for_lamp("class/seat-1", "off")
    since = len(kitchen.stranger.heard)
    browser.one("input[type=radio][value=on]").click()
    kitchen.stranger.wait_for("class/seat-1/override", b'{"led_on": true}', since)
    kitchen.stranger.publish("class/seat-1/override", "", retain=True)


def test_a_new_lamp_appears_by_itself_at_its_place(room: Page, kitchen: Kitchen, browser: Browser) -> None:
    for number in (1, 3):
        kitchen.stranger.publish(f"room/new-{number}/telemetry", '{"light": 80}')
    browser.open(room.url)
    browser.until(lambda: {"new-1", "new-3"} <= {name for name, _ in tiles(browser)}, "the first")
    kitchen.stranger.publish("room/new-2/telemetry", '{"light": 80}')
    browser.until(lambda: "new-2" in [name for name, _ in tiles(browser)], "the new one")
    names = [name for name, _ in tiles(browser)]
    assert names.index("new-1") < names.index("new-2") < names.index("new-3")


def test_a_hundred_and_twenty_fold_into_groups(many: Lamps, browser: Browser) -> None:
    browser.open(many.url)
    names = ["hall/seat-1 to hall/seat-50", "hall/seat-51 to hall/seat-100", "hall/seat-101 to hall/seat-120"]
    browser.until(lambda: [name for name, _ in tiles(browser)] == names, "three groups")
    browser.wait_for("120 lamps · 30 on · 30 silent · 30 offline")
    assert problems(browser, fits=True) == []
    browser.all("a.tile")[2].click()
    browser.until(lambda: len(tiles(browser)) == 20, "the lamps of a group")
    assert tiles(browser)[0][0] == "seat-101"
    browser.wait_for("20 lamps · 5 on · 5 silent · 5 offline")
    browser.driver.find_element("link text", "all groups").click()
    browser.until(lambda: [name for name, _ in tiles(browser)] == names, "all groups")


# ---- for everybody ----


def test_a_lamp_of_many_is_opened_with_the_keyboard(thirty: Lamps, browser: Browser) -> None:
    browser.open(thirty.url)
    browser.until(lambda: len(browser.all("a.tile")) == 30, "thirty lamps")
    ActionChains(browser.driver, duration=0).send_keys(Keys.TAB, Keys.TAB, Keys.ENTER).perform()
    browser.wait_for_lamp("class/seat-2", "on")


def test_axe_finds_nothing_wrong_with_many_lamps(thirty: Lamps, browser: Browser, axe: str) -> None:
    def open() -> None:
        browser.open(thirty.url)
        browser.until(lambda: len(browser.all("a.tile")) == 30, "thirty lamps")

    check_each(browser, axe, open)


def test_axe_finds_nothing_wrong_with_groups(many: Lamps, browser: Browser, axe: str) -> None:
    def open() -> None:
        browser.open(many.url)
        browser.until(lambda: len(browser.all("a.tile.group")) == 3, "three groups")

    check_each(browser, axe, open)


@SIZES
@LANGUAGES
def test_many_lamps_do_not_overlap(thirty: Lamps, browser: Browser, size: tuple[int, int], language: str) -> None:
    browser.be(size, language)
    browser.open(thirty.url)
    browser.until(lambda: len(browser.all("a.tile")) == 30, "thirty lamps")
    assert problems(browser, fits=size == LAPTOP) == []


@SIZES
@LANGUAGES
def test_groups_do_not_overlap(many: Lamps, browser: Browser, size: tuple[int, int], language: str) -> None:
    browser.be(size, language)
    browser.open(many.url)
    browser.until(lambda: len(browser.all("a.tile")) == 3, "three groups")
    assert problems(browser, fits=True) == []
