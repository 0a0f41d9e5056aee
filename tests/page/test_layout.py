"""Both languages, on a laptop and on a phone, by day and by night: nothing overlaps, and nothing is cut."""

from __future__ import annotations

import json
import time

import pytest

from tests.kit.browser import LAPTOP, PHONE, Browser
from tests.kit.pages import Kitchen
from tests.page.layout import problems

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
LANGUAGES = pytest.mark.parametrize("language", ["en-US", "zh-CN"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])

ON = {"en-US": "LED of kitchen: on", "zh-CN": "kitchen 的 LED：开"}  # noqa: RUF001 - Chinese has its own colon


@SIZES
@LANGUAGES
def test_one_lamp_fits_on_the_screen(kitchen: Kitchen, browser: Browser, size: tuple[int, int], language: str) -> None:
    """In the state with the longest texts."""
    browser.be(size, language)
    browser.open(kitchen.page.url)
    kitchen.board.set_light(80)
    kitchen.publish("override", json.dumps({"led_on": True, "until": time.time() + 86_400}), retain=True)
    browser.until(lambda: browser.lamps() == [ON[language]], "the lamp")
    browser.until(lambda: browser.all(".chart svg"), "the curve")
    assert problems(browser, fits=True) == []


@SIZES
@LANGUAGES
def test_an_offline_one_fits_as_well(kitchen: Kitchen, browser: Browser, size: tuple[int, int], language: str) -> None:
    browser.be(size, language)
    kitchen.device.kill()
    browser.open(kitchen.page.url)
    browser.until(lambda: browser.all(".presence.offline"), "offline")
    browser.until(lambda: browser.all(".chart svg"), "the curve")
    assert problems(browser, fits=True) == []


def test_without_a_broker_nothing_overlaps(kitchen: Kitchen, browser: Browser) -> None:
    kitchen.broker.kill()
    for size in (LAPTOP, PHONE):
        for language in ("en-US", "zh-CN"):
            browser.be(size, language)
            browser.open(kitchen.page.url)
            browser.until(lambda: browser.one("[role=alert]").is_displayed(), "the trouble")
            assert problems(browser, fits=False) == []
    kitchen.broker.start()


def test_the_page_speaks_chinese_to_who_reads_it(kitchen: Kitchen, browser: Browser) -> None:
    browser.be(language="zh-CN")
    browser.open(kitchen.page.url)
    browser.until(lambda: browser.one("[role=radiogroup] .choices").text.split() == ["自动", "开", "关"], "the switch")
    assert browser.run("return document.documentElement.lang") == "zh-CN"
    assert browser.driver.title == "kitchen - 小夜灯"
    browser.one("input[type=radio][value=on]").click()
    browser.until(lambda: browser.lamps() == [ON["zh-CN"]], "on")
    browser.wait_for("由你决定")


def test_the_next_who_comes_is_spoken_to_in_english_again(kitchen: Kitchen, browser: Browser) -> None:
    for language, lamp in (("zh-CN", "kitchen 的 LED"), ("en-US", "LED of kitchen")):
        browser.be(language=language)
        browser.open(kitchen.page.url)
        browser.until(lambda lamp=lamp: browser.lamps() and lamp in browser.lamps()[0], lamp)  # type: ignore[misc]
        assert browser.run("return document.documentElement.lang") == language


@SCHEMES
def test_by_day_it_is_light_and_by_night_dark(kitchen: Kitchen, browser: Browser, scheme: str) -> None:
    browser.be(scheme=scheme)
    browser.open(kitchen.page.url)
    card = browser.one(".card")
    for element, property in ((browser.one("body"), "background-color"), (card, "background-color"), (card, "color")):
        red, green, blue = map(float, element.value_of_css_property(property)[5:].split(",")[:3])
        is_light = (red + green + blue) / 3 > 128
        assert is_light == ((scheme == "light") == (property == "background-color")), property
