"""One lamp on one screen: the light moves, the LED follows, and the page shows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

import page.board
from page.board import Board, Found
from tests.kit.boards import CounterFit
from tests.kit.browser import Browser
from tests.kit.pages import Kitchen, Page
from tests.kit.programs import Program, until

Start = Callable[..., Program]
SUN = "input[type=range][aria-label=Light]"

pytestmark = pytest.mark.browser


def drag_the_sun(browser: Browser, light: int) -> None:
    """As a finger does: the browser tells each place that it passes."""
    browser.run(
        "const sun = arguments[0]; sun.value = arguments[1]; sun.dispatchEvent(new Event('input', {bubbles: true}))",
        browser.one(f"{SUN}:not([disabled])"),
        light,
    )


def light_shown(browser: Browser) -> int:
    return int(browser.one(".face .light .number").text.replace(",", ""))


# ---- the sun ----


def test_dragging_the_sun_switches_the_lamp(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.wait_for_lamp("kitchen", "off")
    for light, led in ((100, "on"), (900, "off"), (299, "on"), (300, "off")):
        drag_the_sun(browser, light)
        browser.wait_for_lamp("kitchen", led)
        until(lambda light=light: kitchen.board.light == light, "CounterFit's light")  # type: ignore[misc]
        kitchen.board.led_becomes(led == "on")
        assert light_shown(browser) == light
    browser.wait_for("the server decided")
    browser.wait_for(" ms from light to LED")


def test_of_a_long_drag_the_last_light_counts(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.run(
        """const sun = arguments[0];
        for (const light of [...Array(500).keys(), 123]) {
          sun.value = light;
          sun.dispatchEvent(new Event('input', {bubbles: true}));
        }""",
        browser.one(f"{SUN}:not([disabled])"),
    )
    until(lambda: kitchen.board.light == 123, "the last light")
    browser.until(lambda: light_shown(browser) == 123, "the light")


def test_the_slider_follows_a_light_that_was_moved_elsewhere(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    kitchen.board.set_light(77)
    browser.until(lambda: browser.one(SUN).get_property("value") == "77", "the slider")


def test_a_day_plays_until_it_is_stopped(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    browser.button("a day").click()
    browser.wait_for_lamp("kitchen", "on")  # it begins in the dark
    until(lambda: 20 < kitchen.board.light < 1000, "the dawn")
    before = kitchen.board.light
    until(lambda: kitchen.board.light > before, "more light")
    browser.button("stop the day").click()
    browser.button("a day")
    browser.until(lambda: light_shown(browser) == kitchen.board.light, "the light where the day stopped")


def test_a_day_goes_from_night_to_noon_to_night(own_board: CounterFit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.board, "A_DAY", 4.0)
    monkeypatch.setattr(page.board, "STEP", 0.05)
    lights: list[int] = []

    async def day() -> None:
        board = Board(own_board.url)
        board.play_a_day()
        while board.plays_a_day:
            lights.append(await asyncio.to_thread(lambda: own_board.light))
        lights.append(own_board.light)
        await board.close()

    asyncio.run(day())
    noon = lights.index(max(lights))
    assert max(lights) > 800
    assert lights[:noon] == sorted(lights[:noon]) or lights[0] == 1000, "it rises"
    assert lights[noon:] == sorted(lights[noon:], reverse=True), "it falls"
    assert lights[-1] == 0


def test_a_finger_that_stops_the_day_has_the_last_word(own_board: CounterFit) -> None:
    async def day() -> None:
        board = Board(own_board.url)
        for light in (900, 500):
            board.play_a_day()
            await asyncio.sleep(0)
            await asyncio.sleep(0)  # now its first light is on its way
            board.stop_the_day()
            await board.set_light(light)
            for _ in range(1000):
                if await asyncio.to_thread(lambda: own_board.light) == light:
                    break
            assert own_board.light == light
            assert not board.plays_a_day
        await board.close()

    asyncio.run(day())


def test_a_missing_sensor_is_created_by_one_click(kitchen: Kitchen, browser: Browser) -> None:
    kitchen.board.remove_sensor()
    browser.open(kitchen.page.url)
    browser.wait_for("CounterFit has no light sensor on pin 0.")
    assert browser.all(f"{SUN}[disabled]")
    browser.button("Create the light sensor").click()
    browser.until(lambda: not browser.says("CounterFit has no"), "the sensor")
    drag_the_sun(browser, 80)
    browser.wait_for_lamp("kitchen", "on")


def test_a_missing_led_is_created_by_one_click(kitchen: Kitchen, browser: Browser) -> None:
    kitchen.board.remove_led()
    browser.open(kitchen.page.url)
    browser.wait_for("CounterFit has no LED on pin 5.")
    browser.button("Create the LED").click()
    browser.until(lambda: not browser.says("CounterFit has no"), "the LED")
    drag_the_sun(browser, 80)
    kitchen.board.led_becomes(True)


def test_without_a_counterfit_there_is_no_sun() -> None:
    async def look() -> Found:
        board = Board("http://127.0.0.1:9")
        try:
            return await board.look()
        finally:
            await board.close()

    assert asyncio.run(look()) == Found(answers=False)


# ---- the lamp ----


def test_a_device_that_reports_no_led_is_shown_by_its_commands(
    room: Page, kitchen: Kitchen, browser: Browser, start: Start
) -> None:
    start("server/app.py", "--broker", kitchen.broker.url, "--id", "room/+").wait_for("MQTT connected!")
    kitchen.stranger.publish("room/plain/telemetry", '{"light": 80}')
    browser.open(f"{room.url}/lamp?id=room/plain")
    browser.wait_for_lamp("room/plain", "on")
    assert browser.says("as commanded; this device does not report its LED")
    assert browser.says("it does not say whether it is online")
    kitchen.stranger.publish("room/plain/telemetry", '{"light": 800}')
    browser.wait_for_lamp("room/plain", "off")


def test_a_lamp_that_nobody_has_heard_is_unknown(room: Page, browser: Browser) -> None:
    browser.open(f"{room.url}/lamp?id=room/nobody")
    browser.wait_for_lamp("room/nobody", "unknown")
    assert browser.says("no reading yet")
    assert browser.says("never heard")


def test_a_lamp_of_somebody_else_is_not_shown(room: Page, browser: Browser) -> None:
    browser.open(f"{room.url}/lamp?id=kitchen")
    browser.wait_for("This page shows room/+, and kitchen is not among them.")
    assert not browser.lamps()


def test_the_messages_are_shown_as_they_went_over_the_wire(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    kitchen.board.set_light(123)
    browser.wait_for('{"light": 123}')
    browser.wait_for('{"led_on": true, "by": "server"}')
    kitchen.publish("commands", "switch it on")
    browser.wait_for("ignored: it is not JSON")


def test_the_messages_can_be_held_still_and_read(kitchen: Kitchen, browser: Browser) -> None:
    def newest() -> str:
        return browser.one(".messages ol").text

    browser.open(kitchen.page.url)
    kitchen.publish("telemetry", '{"light": 701}')
    browser.until(lambda: "701" in newest(), "the reading")
    browser.one(".hold input").click()

    def flow_goes_on() -> bool:
        kitchen.publish("telemetry", '{"light": 702}')  # each time, since the device reports as well
        return "702" in browser.one("dl.wire").text

    browser.until(flow_goes_on, "the flow goes on")
    assert "702" not in newest()
    browser.one(".hold input").click()
    kitchen.publish("telemetry", '{"light": 703}')
    browser.until(lambda: "703" in newest(), "the messages go on")


# ---- two people ----


def test_two_who_look_see_the_same(kitchen: Kitchen, browser: Browser) -> None:
    browser.open(kitchen.page.url)
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    try:
        browser.open(kitchen.page.url)
        kitchen.publish("override", '{"led_on": true}', retain=True)
        for window in (browser.driver.current_window_handle, first):
            browser.driver.switch_to.window(window)
            browser.wait_for_lamp("kitchen", "on")
            browser.wait_for("You decide, until you choose auto.")
    finally:
        for window in browser.driver.window_handles:
            if window != first:
                browser.driver.switch_to.window(window)
                browser.driver.close()
        browser.driver.switch_to.window(first)


def test_the_time_is_that_of_who_looks(kitchen: Kitchen, browser: Browser) -> None:
    browser.be(zone="Asia/Kolkata")
    browser.open(kitchen.page.url)
    half_past = (
        time.strftime(":%M:", time.gmtime(time.time() + 1800)),
        time.strftime(":%M:", time.gmtime(time.time() + 1860)),
    )
    browser.until(
        lambda: any(f"{minute}" in browser.one(".messages time").text for minute in half_past), "India's time"
    )
