"""One lamp on one screen: the light moves, the LED follows, and the page shows it."""

from __future__ import annotations

from tests.kit.browser import Browser
from tests.kit.pages import Kitchen
from tests.kit.programs import until


def drag_the_sun(browser: Browser, light: int) -> None:
    """As a finger does: the browser tells each place that it passes."""
    browser.run(
        "const sun = arguments[0]; sun.value = arguments[1]; sun.dispatchEvent(new Event('input', {bubbles: true}))",
        browser.one("input[type=range][aria-label=Light]:not([disabled])"),
        light,
    )


def test_dragging_the_sun_switches_the_lamp(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    for light, led in ((100, "on"), (900, "off"), (299, "on"), (300, "off")):
        drag_the_sun(browser, light)
        browser.wait_for_lamp("kitchen", led)
        until(lambda light=light: kitchen.board.light == light, "CounterFit's light")  # type: ignore[misc]
        kitchen.board.led_becomes(led == "on")
        browser.wait_for(f"{light}")
