"""Many sensors, one decision: what is decided, how, who was left out and why; and a switch for all."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from page.group_card import MOST_CARDS, MOST_NAMES
from tests.kit.browser import LAPTOP, PHONE, Browser
from tests.kit.pages import Group, Kitchen, Lamps, Page
from tests.kit.programs import Program, start_script, until
from tests.kit.stranger import Stranger
from tests.page.axe import check_each
from tests.page.layout import problems

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
LANGUAGES = pytest.mark.parametrize("language", ["en-US", "zh-CN"])
GROUP_OF = {"en-US": "The group {}", "zh-CN": "分组 {}"}


def card(browser: Browser, name: str, language: str = "en-US") -> WebElement:
    """As soon as it is there."""
    return browser.one(f'[aria-label="{GROUP_OF[language].format(name)}"]')


def says(browser: Browser, name: str, *texts: str) -> None:
    """Wait until the card of this group says all of this."""
    for text in texts:
        browser.until(lambda text=text: text in card(browser, name).text, f"{text!r} in {name}")  # type: ignore[misc]


def decision(browser: Browser, name: str, state: str) -> None:
    """Wait until this is what is told to who cannot see it."""
    label = f"Decision for {name}: {state}"
    browser.until(lambda: label in browser.lamps(), label)


def names(browser: Browser, summary: str) -> list[str]:
    """Those in the list with these words in its heading, as far as they can be seen."""
    for details in browser.all(".names"):
        if summary in details.text:
            return [item.text for item in details.find_elements(By.TAG_NAME, "li") if item.is_displayed()]
    return []


def open_list(browser: Browser, summary: str) -> None:
    browser.until(lambda: summary in browser.text, summary)
    browser.driver.find_element(By.XPATH, f"//summary[contains(., '{summary}')]").click()


# ---- what is decided ----


def test_without_a_group_the_page_is_as_it_was(thirty: Lamps, kitchen: Kitchen, browser: Browser) -> None:
    kitchen.stranger.publish("class/override", '{"led_on": true}')
    browser.open(thirty.url)
    browser.until(lambda: len(browser.all("a.tile")) == 30, "thirty lamps")
    assert browser.all(".group-card") == []
    assert not browser.one(".group-cards").is_displayed()
    browser.one("a.tile[href$='seat-2']").click()
    browser.wait_for_lamp("class/seat-2", "on")
    browser.wait_for("The server decides by the light.")
    assert not browser.says("group")


def test_what_is_decided_and_since_when(group: Group, browser: Browser) -> None:
    group.is_decided(False)
    group.has(800, 900, 1000)
    browser.open(group.page.url)
    decision(browser, group.name, "off")
    says(browser, group.name, "since before", "the server decided", "members: 3, left out: 0")
    says(browser, group.name, "median of 3 fresh sensors: light 900; dark below 300")
    group.is_decided(True)
    decision(browser, group.name, "on")
    browser.until(lambda: "since before" not in card(browser, group.name).text, "it is known since when")
    assert "since " in card(browser, group.name).text


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("median", "median of 4 fresh sensors: light 251; dark below 300"),
        ("mean", "mean of 4 fresh sensors: light 1,338; dark below 300"),
        ("quorum", "quorum of 4 fresh sensors: dark for 3; dark below 300"),
    ],
)
def test_how_it_is_decided(group: Group, browser: Browser, by: str, words: str) -> None:
    group.is_decided(True, by=by)
    group.has(100, 250, 252, 4750)
    browser.open(group.page.url)
    says(browser, group.name, words)


def test_a_reading_changes_what_it_is_made_of_at_once(group: Group, browser: Browser) -> None:
    group.is_decided(True)
    group.has(100)
    browser.open(group.page.url)
    says(browser, group.name, "median of 1 fresh sensor: light 100")
    group.says(2, telemetry={"light": 200})
    group.says(3, telemetry={"light": 200})
    says(browser, group.name, "median of 3 fresh sensors: light 200")


def test_one_that_is_taken_back_is_none_any_more(group: Group, browser: Browser) -> None:
    group.is_decided(True)
    browser.open(group.page.url)
    decision(browser, group.name, "on")
    group.forget()
    browser.until(lambda: f"Decision for {group.name}: on" not in browser.lamps(), "gone")


def test_when_the_server_has_gone_it_is_said_of_when_the_decision_is(group: Group, browser: Browser) -> None:
    group.is_decided(True)
    group.has(100, 110, 120)
    for member in (1, 2, 3):
        group.says(member, commands={"led_on": True})
    browser.open(group.page.url)
    decision(browser, group.name, "on")
    assert "No server answers" not in card(browser, group.name).text
    group.has(130, 140, 150)
    says(browser, group.name, "No server answers. This was decided")
    assert browser.all(".group-card .lamp.on.stale")
    for member in (1, 2):
        group.says(member, commands={"led_on": True})
    browser.until(lambda: "No server answers" not in card(browser, group.name).text, "it is back")


def test_a_page_that_comes_later_shows_it_too(group: Group, kitchen: Kitchen, browser: Browser, tmp_path: Path) -> None:
    """The broker has kept the decision, and nothing else is known."""
    group.is_decided(True)
    with closing(Page(kitchen.broker, tmp_path, f"{group.name}/+")) as page:
        browser.open(page.url)
        decision(browser, group.name, "on")
        says(browser, group.name, "since before", "members: 0, left out: 0")
        says(browser, group.name, "no sensor is fresh: what was decided last holds")


# ---- its members ----


def test_who_is_left_out_and_why(group: Group, browser: Browser) -> None:
    group.is_decided(True)
    group.has(100, 110, 120)
    group.says("gone", telemetry={"light": 900}, status="offline")
    group.says("mute", status="online")
    group.says("late", status="online", telemetry={"light": 900, "time": time.time() - 3600})
    browser.open(group.page.url)
    says(browser, group.name, "members: 6, left out: 3")
    reasons = {"1 offline": "gone", "1 silent: no reading for 600 s": "late", "1 of which no reading was heard": "mute"}
    says(browser, group.name, "median of 3 fresh sensors: light 110", *reasons)
    assert browser.all(".names li") == [], "no name is there before a list is opened"
    for reason, member in reasons.items():
        open_list(browser, reason)
        browser.until(lambda reason=reason, member=member: names(browser, reason) == [member], member)  # type: ignore[misc]
    browser.driver.find_element(By.LINK_TEXT, "late").click()
    browser.wait_for("silent since")


def test_a_reading_grows_too_old_by_itself(group: Group, browser: Browser) -> None:
    group.is_decided(True, fresh=2)
    group.has(100)
    browser.open(group.page.url)
    says(browser, group.name, "1 silent: no reading for 2 s", "no sensor is fresh: what was decided last holds")
    decision(browser, group.name, "on")


def test_who_disagrees_is_named(group: Group, browser: Browser) -> None:
    group.is_decided(True)
    group.has(100, 110, 900, 120, 1000)
    browser.open(group.page.url)
    summary = "2 disagree (light on the other side of 300): probably broken"
    open_list(browser, summary)
    browser.until(lambda: names(browser, summary) == ["3", "5"], "the two")
    group.says(3, telemetry={"light": 130})
    summary = summary.replace("2", "1", 1)
    browser.until(lambda: names(browser, summary) == ["5"], "one less")


def test_whose_led_is_not_yet_as_decided(group: Group, browser: Browser) -> None:
    group.is_decided(False)
    for member in (1, 2, 3):
        group.says(member, status="online", led={"led_on": False, "by": "server"})
    browser.open(group.page.url)
    decision(browser, group.name, "off")
    assert "LED" not in card(browser, group.name).text
    group.is_decided(True)
    says(browser, group.name, "3 whose LED is not (yet) on")
    group.says(2, led={"led_on": True, "by": "server"})
    open_list(browser, "2 whose LED is not (yet) on")
    browser.until(lambda: names(browser, "2 whose LED is not") == ["1", "3"], "the two")
    for member in (1, 3):
        group.says(member, led={"led_on": True, "by": "server"})
    browser.until(lambda: "LED" not in card(browser, group.name).text, "all of them")


# ---- the switch for all ----


def choose(browser: Browser, name: str, value: str) -> None:
    card(browser, name).find_element(By.CSS_SELECTOR, f"input[value={value}]").click()


def test_a_person_switches_all_of_them(group: Group, kitchen: Kitchen, browser: Browser) -> None:
    group.is_decided(False)
    group.has(900, 910)
    browser.open(group.page.url)
    says(browser, group.name, "The server decides by the light of all.")
    switch = card(browser, group.name).find_element(By.CSS_SELECTOR, "[role=radiogroup]")
    assert switch.accessible_name == f"Switch for all of {group.name}"
    since = len(kitchen.stranger.heard)
    choose(browser, group.name, "on")
    kitchen.stranger.wait_for(f"{group.name}/override", b'{"led_on": true}', since)
    decision(browser, group.name, "on")
    says(browser, group.name, "asked; the server has not answered yet", "a person decided")
    group.says(1, commands={"led_on": True})
    says(browser, group.name, "You decide, until you choose auto.")
    with closing(Stranger(kitchen.broker.port, f"{group.name}/override")) as later:
        until(lambda: later.retained == [(f"{group.name}/override", b'{"led_on": true}')], "what the broker has kept")
    choose(browser, group.name, "auto")
    kitchen.stranger.wait_for(f"{group.name}/override", b'{"led_on": null}', since)
    decision(browser, group.name, "off")
    says(browser, group.name, "the server decided", "The server decides by the light of all.")


def test_each_group_has_its_own_switch(group: Group, kitchen: Kitchen, browser: Browser) -> None:
    """One that is announced meanwhile takes nothing out of a hand that is on another."""
    other, first = Group(group.page, kitchen.stranger), Group(group.page, kitchen.stranger)
    first.name = "town/a-hall"
    group.is_decided(False)
    group.has(100)
    group.says("gone", status="offline")
    browser.open(group.page.url)
    choose(browser, group.name, "on")
    decision(browser, group.name, "on")
    open_list(browser, "1 offline")
    browser.until(lambda: names(browser, "1 offline") == ["gone"], "the list")
    other.is_decided(False)
    first.is_decided(False)
    decision(browser, first.name, "off")
    decision(browser, other.name, "off")
    cards = [element.get_attribute("aria-label") for element in browser.all(".group-card")]
    assert cards == [f"The group {one.name}" for one in (first, group, other)]
    assert names(browser, "1 offline") == ["gone"]
    first.forget()
    choose(browser, other.name, "off")
    says(browser, other.name, "a person decided")
    checked = [button.get_property("value") for button in browser.all("[type=radio]") if button.is_selected()]
    assert checked == ["on", "off"]
    decision(browser, group.name, "on")
    other.forget()


def test_a_member_says_that_a_person_decided_for_the_group(group: Group, browser: Browser) -> None:
    group.is_decided(False)
    group.has(900)
    group.says(1, commands={"led_on": False}, led={"led_on": False, "by": "server"})
    browser.open(f"{group.page.url}/lamp?id={group.name}/1")
    browser.wait_for("the server decided (for the group)")
    browser.wait_for(f"The server decides for the group {group.name}.")
    group._stranger.publish(f"{group.name}/override", '{"led_on": true}', retain=True)
    browser.wait_for(f"A person decides for the group {group.name}: on.")
    group.says(1, commands={"led_on": True}, led={"led_on": True, "by": "server"})
    browser.wait_for("a person decided (for the group)")
    browser.wait_for("from the group's decision to LED")
    group.says(1, override={"led_on": False}, commands={"led_on": False}, led={"led_on": False, "by": "server"})
    browser.until(lambda: browser.says("a person decided") and not browser.says("(for the group)"), "its own person")


def test_without_a_broker_the_switch_says_so_and_all_is_as_it_was(
    group: Group, kitchen: Kitchen, browser: Browser
) -> None:
    group.is_decided(True)
    group.has(100, 110)
    browser.open(group.page.url)
    says(browser, group.name, "median of 2 fresh sensors: light 105")
    kitchen.broker.kill()
    browser.wait_for("No connection to the broker")
    assert browser.all(".group-card .lamp.on.stale")
    choose(browser, group.name, "off")
    says(browser, group.name, "Not sent: there is no connection to the broker.", "median of 2 fresh sensors: light 105")
    decision(browser, group.name, "on")
    kitchen.broker.start()
    until(lambda: kitchen.stranger.is_connected and group.page.is_connected, "the connections")


# ---- with a real server ----


@pytest.fixture
def server(group: Group, kitchen: Kitchen) -> Iterator[Program]:
    options = ("--id", f"{group.name}/+", "--broker", kitchen.broker.url, "--group", "median", "--fresh", "600")
    with closing(start_script("server/app.py", *options)) as server:
        server.wait_for("MQTT connected!")
        yield server


def test_what_the_server_decides_is_what_the_page_shows(
    group: Group, server: Program, kitchen: Kitchen, browser: Browser
) -> None:
    browser.open(group.page.url)
    group.has(100, 110, 900)
    decision(browser, group.name, "on")
    says(browser, group.name, "median of 3 fresh sensors: light 110", "1 disagree")
    group.has(800, 810, 900)
    decision(browser, group.name, "off")
    since = len(kitchen.stranger.heard)
    choose(browser, group.name, "on")
    for member in (1, 2, 3):
        kitchen.stranger.wait_for(f"{group.name}/{member}/commands", b'{"led_on": true}', since)
    says(browser, group.name, "You decide, until you choose auto.")
    decision(browser, group.name, "on")
    choose(browser, group.name, "auto")
    decision(browser, group.name, "off")
    server.kill()
    group.has(820, 830, 900)
    says(browser, group.name, "No server answers. This was decided")
    decision(browser, group.name, "off")


# ---- many ----


@pytest.fixture
def stadium(kitchen: Kitchen, tmp_path: Path) -> Iterator[Lamps]:
    with closing(Lamps(kitchen.broker, tmp_path, "stadium")) as page:
        yield page


def test_two_thousand_members_are_counted_and_not_all_named(stadium: Lamps, kitchen: Kitchen, browser: Browser) -> None:
    browser.open(stadium.url)
    browser.wait_for("Nothing was heard yet. A lamp appears here by itself.")
    with closing(Stranger(kitchen.broker.port)) as members:
        for number in range(1, 2001):
            light = 900 if number % 4 == 0 else 100
            members.post(f"stadium/seat-{number}/telemetry", json.dumps({"light": light}))
            if number % 400 == 0:  # no more than the broker keeps for one client
                path = f"/history.csv?id=stadium/seat-{number}"
                until(lambda path=path: stadium.get(path).status_code == 200, path)  # type: ignore[misc]
        members.publish("stadium/group", '{"led_on": true, "by": "median", "fresh": 600}', retain=True)
        says(browser, "stadium", "members: 2,000, left out: 0", "median of 2,000 fresh sensors: light 100")
        before = browser.run("return document.querySelectorAll('*').length")
        assert before < 2000, "elements"
        summary = "500 disagree"
        open_list(browser, summary)
        browser.until(lambda: len(names(browser, summary)) == MOST_NAMES, "the first of them")
        assert names(browser, summary)[:3] == ["seat-4", "seat-8", "seat-12"]
        says(browser, "stadium", f"and {500 - MOST_NAMES} more")
        assert browser.run("return document.querySelectorAll('*').length") < before + 2 * MOST_NAMES + 10
        members.publish("stadium/group", '{"led_on": false, "by": "median", "fresh": 600}', retain=True)
        decision(browser, "stadium", "off")
        browser.open(f"{stadium.url}/?group=/2")
        says(browser, "stadium", "members: 2,000, left out: 0")
        assert len(browser.all("a.tile")) == 50
        members.publish("stadium/group", "", retain=True)


def test_cards_are_bounded(group: Group, kitchen: Kitchen, browser: Browser) -> None:
    others = [Group(group.page, kitchen.stranger) for _ in range(MOST_CARDS + 2)]
    for other in others:
        other.is_decided(True)
    browser.open(group.page.url)
    browser.until(lambda: len(browser.all(".group-card")) == MOST_CARDS, "as many cards as there may be")
    browser.wait_for("and 2 more")
    for other in others:
        other.forget()
    browser.until(lambda: not browser.all(".group-card"), "none")


# ---- for everybody ----


def a_group_with_everything(group: Group) -> None:
    """In the state with the longest texts."""
    group.is_decided(True, by="quorum")
    group.has(100, 110, 900, 120, 1000)
    group.says("gone", telemetry={"light": 900}, status="offline")
    group.says("mute", status="online")
    group.says("late", status="online", telemetry={"light": 900, "time": time.time() - 3600})
    group.says(2, led={"led_on": False, "by": "server"})
    until_then = json.dumps({"led_on": True, "until": time.time() + 86_400})
    group._stranger.publish(f"{group.name}/override", until_then, retain=True)
    group.says(1, commands={"led_on": True})


@SIZES
@LANGUAGES
def test_a_group_does_not_overlap(group: Group, browser: Browser, size: tuple[int, int], language: str) -> None:
    a_group_with_everything(group)
    browser.be(size, language)
    browser.open(group.page.url)
    browser.until(lambda: len([one for one in browser.all(".names") if one.is_displayed()]) == 5, "all five lists")
    assert problems(browser, fits=False) == []
    for summary in browser.all(".names summary"):
        summary.click()
    browser.until(lambda: len(browser.all(".names li")) == 6, "all names")
    assert problems(browser, fits=False) == []


@SIZES
@LANGUAGES
def test_the_page_of_a_member_fits_as_well(
    group: Group, browser: Browser, size: tuple[int, int], language: str
) -> None:
    a_group_with_everything(group)
    group.says(1, led={"led_on": True, "by": "server"})
    browser.be(size, language)
    browser.open(f"{group.page.url}/lamp?id={group.name}/1")
    words = {"en-US": "a person decided (for the group)", "zh-CN": "为整个分组"}
    browser.wait_for(words[language])
    browser.until(lambda: browser.all(".chart svg"), "the curve")
    assert problems(browser, fits=True) == []


def test_axe_finds_nothing_wrong_with_a_group(group: Group, browser: Browser, axe: str) -> None:
    a_group_with_everything(group)

    def open() -> None:
        browser.open(group.page.url)
        browser.until(lambda: len([one for one in browser.all(".names") if one.is_displayed()]) == 5, "all five lists")
        for summary in browser.all(".names summary"):
            summary.click()
        browser.until(lambda: len(browser.all(".names li")) == 6, "all names")

    check_each(browser, axe, open)


def test_lists_are_opened_and_closed_with_the_keyboard(group: Group, browser: Browser) -> None:
    group.is_decided(True)
    group.has(100)
    group.says("gone", telemetry={"light": 900}, status="offline")
    browser.open(group.page.url)
    says(browser, group.name, "1 offline")
    keys = ActionChains(browser.driver, duration=0)
    keys.send_keys(Keys.TAB, Keys.ENTER).perform()
    browser.until(lambda: names(browser, "1 offline") == ["gone"], "the name")
    keys.send_keys(Keys.TAB).perform()
    assert browser.run("return document.activeElement.innerText") == "gone"
    ActionChains(browser.driver, duration=0).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).send_keys(
        Keys.ENTER
    ).perform()
    browser.until(lambda: names(browser, "1 offline") == [], "closed")


def test_it_speaks_chinese_to_who_reads_it(group: Group, browser: Browser) -> None:
    group.is_decided(True)
    group.has(100, 110, 120)
    browser.be(language="zh-CN")
    browser.open(group.page.url)
    card(browser, group.name, "zh-CN")
    browser.wait_for("3 个有效传感器的中位数")
    browser.wait_for("全部的开关")
