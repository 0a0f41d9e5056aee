"""Parts that are gone: the page says which, and heals by itself."""

from __future__ import annotations

import pytest

from tests.kit.browser import Browser
from tests.kit.pages import Kitchen
from tests.kit.programs import until

pytestmark = pytest.mark.browser

HEALED_WITHIN = 10.0  # seconds


def place(browser: Browser, name: str) -> tuple[str, str]:
    """A place of the flow: how its border is drawn, and what it says."""
    element = browser.one(f".way .{name}")
    return element.value_of_css_property("border-top-style"), element.text


def test_while_all_is_well_nothing_is_said_to_be_wrong(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.until(lambda: place(browser, "server") == ("solid", "server\nanswers"), "the server's answer")
    assert place(browser, "device") == ("solid", "device\nonline")
    assert place(browser, "broker") == ("solid", "broker\nconnected")
    assert not browser.one("[role=alert]").is_displayed()


def test_a_device_that_was_killed_is_seen_offline(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for("online since")
    kitchen.device.kill()
    browser.wait_for("offline since")
    assert place(browser, "device") == ("dashed", "device\noffline")
    assert place(browser, "board")[0] == "dashed"
    assert browser.one(".lamp .glass").value_of_css_property("stroke-dasharray") != "none"
    browser.wait_for("(as last reported)")
    kitchen.start_device()
    browser.wait_for("online since")
    browser.until(lambda: place(browser, "device") == ("solid", "device\nonline"), "the device")


def test_a_server_that_was_killed_is_seen_where_the_flow_stops(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.until(lambda: place(browser, "server")[1] == "server\nanswers", "the server's answer")
    kitchen.server.kill()
    browser.until(lambda: place(browser, "server") == ("dashed", "server\nno answer"), "the server's end")
    # It stays so, although readings still come.
    seen = browser.one("dl.wire dd").text
    kitchen.board.set_light(555)
    browser.until(lambda: browser.one("dl.wire dd").text != seen, "a reading")
    assert place(browser, "server") == ("dashed", "server\nno answer")
    assert place(browser, "device")[0] == place(browser, "broker")[0] == "solid"
    kitchen.start_server()
    browser.until(lambda: place(browser, "server") == ("solid", "server\nanswers"), "the server's answer")


def test_a_broker_that_was_killed_is_said_and_all_heals(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    kitchen.broker.kill()
    browser.wait_for(f"No connection to the broker 127.0.0.1:{kitchen.broker.port} since ")
    assert browser.one("[role=alert]").is_displayed()
    assert place(browser, "broker") == ("dashed", "broker\nlost")
    kitchen.broker.start()
    browser.until(lambda: place(browser, "broker")[0] == "solid", "the connection", HEALED_WITHIN)
    assert not browser.says("No connection")
    kitchen.board.set_light(80)
    browser.wait_for_lamp("kitchen", "on", HEALED_WITHIN)


def test_an_open_page_heals_by_itself_when_its_program_was_killed(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    kitchen.page.program.kill()
    browser.wait_for("Connection lost")
    kitchen.page.start()
    kitchen.board.set_light(80)
    browser.wait_for_lamp("kitchen", "on", HEALED_WITHIN)
    browser.until(lambda: not browser.says("Connection lost"), "the end of what it says", HEALED_WITHIN)
    kitchen.board.set_light(800)
    browser.wait_for_lamp("kitchen", "off")


def test_a_page_that_ends_properly_says_nothing_wrong(kitchen: Kitchen, browser: Browser) -> None:
    """Ctrl+C, with somebody looking: exit status 0 and no complaint."""
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    lines = len(kitchen.page.program.lines)
    assert kitchen.page.program.interrupt() == 0
    assert kitchen.page.program.lines[lines:] == []
    kitchen.page.start()


def test_a_counterfit_that_is_gone_is_said(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.button("a day")
    kitchen.board.kill()
    browser.wait_for("CounterFit does not answer.")
    kitchen.board.start()
    browser.until(lambda: not browser.says("CounterFit does not answer."), "CounterFit")
    until(lambda: kitchen.board.light >= 0, "its sensor")
