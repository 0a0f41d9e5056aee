"""CounterFit's own page in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker
from tests.kit.browser import chromium
from tests.kit.programs import Program, until

Start = Callable[..., Program]
pytestmark = pytest.mark.browser


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path) as browser:
        yield browser


def test_moving_the_light_on_the_page_switches_the_led_on_the_page(
    start: Start, broker: Broker, board: CounterFit, browser: webdriver.Chrome
) -> None:
    start("server/app.py", "--broker", broker.url)
    start("device/app.py", "--broker", broker.url, "--board", board.name)
    browser.get(board.url)

    def move_light(light: int) -> None:
        value = browser.find_element(By.ID, "value0")
        value.clear()
        value.send_keys(str(light))
        browser.find_element(By.ID, "sensor_set_button0").click()

    def led_shines() -> bool:
        return browser.find_element(By.ID, "led5").value_of_css_property("visibility") == "visible"

    for light, shines in ((100, True), (400, False), (299, True), (300, False)):
        move_light(light)
        until(lambda shines=shines: led_shines() == shines, f"the LED at {light}")  # type: ignore[misc]


def test_the_page_needs_nothing_from_the_internet(board: CounterFit, browser: webdriver.Chrome) -> None:
    browser.get(board.url)
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert loaded
    assert all(name.startswith(board.url) for name in loaded), loaded
    card = browser.find_element(By.CLASS_NAME, "card")
    assert card.value_of_css_property("display") == "flex", "Bootstrap's style is there"
