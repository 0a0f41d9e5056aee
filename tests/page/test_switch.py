"""The switch: what a person wants goes before the rule, and the page says what holds."""

from __future__ import annotations

import json
import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests.kit.browser import Browser
from tests.kit.pages import Kitchen
from tests.kit.programs import until

pytestmark = pytest.mark.browser


def choose(browser: Browser, name: str) -> None:
    browser.driver.find_element(By.XPATH, f"//label[normalize-space()='{name}']").click()


def choose_for(browser: Browser, span: str) -> None:
    Select(browser.one("fieldset select")).select_by_visible_text(span)


def chosen(browser: Browser) -> str:
    """Which of the radio buttons is marked, in the browser."""
    return str(browser.run("return document.querySelector('[role=radiogroup] :checked[type=radio]')?.value"))


def wishes(kitchen: Kitchen, since: int) -> list[dict[str, object]]:
    """What was published on the override's topic since then."""
    heard = [payload for topic, payload in kitchen.stranger.heard[since:] if topic == "kitchen/override"]
    return [json.loads(payload) for payload in heard]


def test_it_is_three_radio_buttons_in_a_group(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    group = browser.one("[role=radiogroup]")
    assert group.accessible_name == "Switch"
    buttons = group.find_elements(By.CSS_SELECTOR, "input[type=radio]")
    assert [(button.aria_role, button.accessible_name) for button in buttons] == [
        ("radio", "auto"),
        ("radio", "on"),
        ("radio", "off"),
    ]
    browser.until(lambda: chosen(browser) == "auto", "auto")


def test_on_off_and_auto(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for("The server decides by the light.")
    since = len(kitchen.stranger.heard)
    choose(browser, "on")
    browser.wait_for_lamp("kitchen", "on")
    kitchen.board.led_becomes(True)
    browser.wait_for("You decide, until you choose auto.")
    browser.wait_for("a person decided")
    kitchen.board.set_light(80)
    choose(browser, "off")
    browser.wait_for_lamp("kitchen", "off")
    kitchen.board.led_becomes(False)
    choose(browser, "auto")
    browser.wait_for_lamp("kitchen", "on")
    kitchen.board.led_becomes(True)
    browser.wait_for("The server decides by the light.")
    assert wishes(kitchen, since) == [{"led_on": True}, {"led_on": False}, {"led_on": None}]


def test_what_is_wanted_is_retained_for_a_server_that_comes_later(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    choose(browser, "on")
    browser.wait_for_lamp("kitchen", "on")
    kitchen.server.kill()
    kitchen.start_server()
    kitchen.server.wait_for("a person decides: on")
    kitchen.board.set_light(990)
    kitchen.server.wait_for("Message received: {'light': 990}")
    kitchen.server.wait_for("Sending message: {'led_on': True}")
    assert kitchen.board.led_on
    assert browser.lamps() == ["LED of kitchen: on"]
    assert chosen(browser) == "on"


def test_for_an_hour_tells_when_it_ends(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    since = len(kitchen.stranger.heard)
    choose_for(browser, "for an hour")
    choose(browser, "on")
    until(lambda: wishes(kitchen, since), "the wish")
    [wish] = wishes(kitchen, since)
    assert wish["led_on"] is True
    assert wish["until"] == pytest.approx(time.time() + 3600, abs=10)
    browser.wait_for("You decide until ")


def test_another_span_is_sent_at_once_if_something_is_wanted(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    choose(browser, "off")
    browser.wait_for("You decide, until you choose auto.")
    since = len(kitchen.stranger.heard)
    choose_for(browser, "until the morning")
    until(lambda: wishes(kitchen, since), "the wish")
    [wish] = wishes(kitchen, since)
    assert wish["led_on"] is False
    end = wish["until"]
    assert isinstance(end, float)
    assert time.gmtime(end)[3:6] == (7, 0, 0), "the browser is in UTC"
    assert 0 < end - time.time() <= 86_400


def test_its_end_brings_the_rule_back_by_itself(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    kitchen.publish("override", json.dumps({"led_on": True, "until": time.time() + 6}), retain=True)
    browser.until(lambda: chosen(browser) == "on", "on")
    browser.wait_for_lamp("kitchen", "on")
    browser.until(lambda: chosen(browser) == "auto", "auto again")
    browser.wait_for_lamp("kitchen", "off")
    kitchen.board.led_becomes(False)
    browser.wait_for("the server decided")


def test_one_that_somebody_else_sends_is_shown(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    for name, payload in (("on", '{"led_on": true}'), ("off", '{"led_on": false}'), ("auto", "")):
        kitchen.publish("override", payload, retain=True)
        browser.until(lambda name=name: chosen(browser) == name, name)  # type: ignore[misc]


def test_without_a_broker_it_says_not_sent_and_goes_back(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.until(lambda: chosen(browser) == "auto", "auto")
    kitchen.broker.kill()
    browser.wait_for("No connection to the broker")
    choose(browser, "on")
    browser.wait_for("Not sent: there is no connection to the broker.")
    browser.until(lambda: chosen(browser) == "auto", "back to auto")
    kitchen.broker.start()
    browser.until(lambda: not browser.says("No connection to the broker"), "the connection")
    choose(browser, "on")
    browser.wait_for_lamp("kitchen", "on")
    assert not browser.says("Not sent")
