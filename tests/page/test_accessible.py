"""For everybody: axe-core finds nothing wrong, the keyboard is enough, and nothing moves for who wants it calm."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.kit.browser import Browser
from tests.kit.pages import Kitchen
from tests.kit.programs import until
from tests.page.axe import check_each, violations

pytestmark = [pytest.mark.timeout(300), pytest.mark.browser]


def test_axe_finds_nothing_wrong_with_the_page_of_a_lamp(kitchen: Kitchen, browser: Browser, axe: str) -> None:
    kitchen.board.set_light(80)
    kitchen.board.led_becomes(True)

    def open() -> None:
        browser.open(kitchen.page.url)
        browser.until(lambda: browser.all(".lamp.on") and browser.all(".chart svg"), "the lamp")

    check_each(browser, axe, open)


def test_axe_finds_nothing_wrong_when_parts_are_gone(kitchen: Kitchen, browser: Browser, axe: str) -> None:
    browser.open(kitchen.page.url)
    kitchen.device.kill()
    browser.wait_for("offline since")
    kitchen.board.kill()
    browser.wait_for("CounterFit does not answer.")
    kitchen.broker.kill()
    browser.wait_for("No connection to the broker")
    for scheme in ("light", "dark"):
        browser.be(scheme=scheme)
        assert violations(browser, axe) == []
    kitchen.broker.start()
    kitchen.board.start()


# ---- the keyboard ----

FOCUSED = """
const element = document.activeElement;
return element === document.body ? "" : element.getAttribute("aria-label") || element.value || element.innerText.trim()
"""


def press(browser: Browser, *keys: str) -> None:
    ActionChains(browser.driver, duration=0).send_keys(*keys).perform()


def focused(browser: Browser) -> str:
    return str(browser.run(FOCUSED)).split("\n")[0]


def walk(browser: Browser, to: str) -> None:
    """Press Tab until this is focused."""
    for _ in range(40):
        press(browser, Keys.TAB)
        if focused(browser) == to:
            return
    raise AssertionError(f"Tab does not lead to {to!r}")


def test_everything_is_reached_with_tab_in_the_order_of_the_screen(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.button("a day")
    browser.until(lambda: browser.all("input[type=radio]:checked"), "the switch")
    reached = []
    for _ in range(30):
        press(browser, Keys.TAB)
        if not focused(browser) or focused(browser) in reached:
            break
        reached.append(focused(browser))
        outline = browser.run(
            """const seen = document.activeElement.closest(".choice") ?? document.activeElement;
            return getComputedStyle(seen).outlineStyle"""
        )
        assert outline != "none", f"where one is, is seen: {reached[-1]}"
    assert reached == [
        *("CSV", "CounterFit"),
        *("until I change it", "auto", "a day", "Light"),
        *("10 minutes", "last night", "24 hours", "7 days"),
        *("Last messages", "on"),
    ], "the last is the checkbox"


def test_the_sun_and_the_switch_are_used_with_arrow_keys(kitchen: Kitchen, browser: Browser) -> None:
    kitchen.board.set_light(300)
    browser.open(kitchen.page.url)
    browser.until(lambda: browser.one("input[type=range]").get_property("value") == "300", "the light")
    walk(browser, "auto")
    press(browser, Keys.ARROW_DOWN)
    browser.wait_for_lamp("kitchen", "on")
    press(browser, Keys.ARROW_DOWN)
    browser.wait_for_lamp("kitchen", "off")
    press(browser, Keys.ARROW_DOWN)
    browser.wait_for("The server decides by the light.")
    browser.one("input[type=range]").send_keys(Keys.ARROW_LEFT)
    until(lambda: kitchen.board.light == 299, "the light")
    browser.wait_for_lamp("kitchen", "on")


def test_what_changes_is_told_to_who_cannot_see_it(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    roles = {css: browser.one(css).get_attribute("role") for css in (".lamp", ".switch .fact", ".trouble")}
    assert roles == {".lamp": "img", ".switch .fact": "status", ".trouble": "alert"}
    browser.button("a day")
    parts = browser.all("input, select, button, a, [role=img], ol")
    names = [(element.tag_name, element.accessible_name) for element in parts if element.is_displayed()]
    assert [name for name in names if not name[1]] == []
    assert ("input", "hold still") in names


# ---- calm ----


def moving(browser: Browser) -> list[str]:
    """What is moved or changed step by step just now."""
    moved: list[str] = browser.run(
        """return document.getAnimations().filter(animation => {
          const frames = animation.effect.getKeyframes().map(({left, opacity}) => `${left} ${opacity}`);
          return new Set(frames).size > 1 || animation.constructor.name !== "Animation";
        }).map(animation => animation.effect.target.outerHTML.slice(0, 100))"""
    )
    return moved


@pytest.mark.parametrize("calm", [True, False], ids=["calm", "lively"])
def test_nothing_moves_for_who_wants_it_calm(kitchen: Kitchen, browser: Browser, calm: bool) -> None:
    browser.be(calm=calm)
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    seen: list[str] = []
    for light, led in ((80, "on"), (800, "off")):
        kitchen.board.set_light(light)
        pulses = 0

        def follows(led: str = led) -> bool:
            nonlocal pulses
            pulses += len(browser.all(".lane i"))
            seen.extend(moving(browser))
            return bool(pulses) and browser.lamps() == [f"LED of kitchen: {led}"]

        browser.until(follows, f"the lamp {led}, and a pulse")
    assert bool(seen) is not calm
