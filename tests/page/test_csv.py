"""The history as a file and as a curve, also of what came late, after a restart, and when the disk fails."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.kit.browser import Browser
from tests.kit.pages import Kitchen, Lamps, Page
from tests.kit.programs import until

pytestmark = pytest.mark.browser

Row = tuple[float, str, str, str]


def rows(page: Page, id: str) -> list[Row]:
    answer = page.get(f"/history.csv?id={id}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    head, *lines = csv.reader(answer.text.splitlines())
    assert head == ["time", "light", "led_on", "by"]
    return [(datetime.fromisoformat(at).timestamp(), light, led_on, by) for at, light, led_on, by in lines]


def light_of(page: Page, id: str) -> list[str]:
    """The readings, without the changes of the LED."""
    return [light for _, light, led_on, _ in rows(page, id) if not led_on]


def curve(browser: Browser) -> list[list[list[float | None]]]:
    """What the chart draws: the light and the LED, as times in milliseconds and values."""
    drawn: list[list[list[float | None]]] = browser.run(
        """const chart = getElement(Number(document.querySelector('.nicegui-echart').id.slice(1))).chart;
        return chart.getOption().series.map(series => series.data)"""
    )
    return drawn


def test_it_has_the_readings_and_the_changes_of_the_led_in_order(kitchen: Kitchen) -> None:
    begin = time.time()

    def since() -> list[Row]:
        return [row for row in rows(kitchen.page, "kitchen") if row[0] > begin]

    for light, led in (("100", "true"), ("900", "false"), ("200", "true")):
        kitchen.board.set_light(int(light))
        until(lambda led=led: [row[2] for row in since() if row[2]][-1:] == [led], f"the LED {led}")  # type: ignore[misc]
    times = [row[0] for row in since()]
    assert times == sorted(times)
    values = [light or led for _, light, led, _ in since() if light != "1000"]
    later = iter(values)
    assert all(value in later for value in ("100", "true", "900", "false", "200", "true")), values
    assert all(bool(light) != bool(led) for _, light, led, _ in since()), "a line is of one or of the other"
    assert {by for _, _, led, by in since() if led} == {"server"}


def test_it_is_given_as_a_file(kitchen: Kitchen) -> None:
    disposition = kitchen.page.get("/history.csv").headers["content-disposition"]
    assert disposition == 'attachment; filename="kitchen.csv"'


def test_late_readings_land_where_they_belong(room: Page, kitchen: Kitchen, browser: Browser) -> None:
    now = time.time()
    kitchen.stranger.publish("room/late/telemetry", json.dumps({"light": 500, "time": now}))
    for seconds in (300, 200, 100):
        kitchen.stranger.publish("room/late/telemetry", json.dumps({"light": seconds, "time": now - seconds}))
    until(lambda: len(rows(room, "room/late")) == 4, "four readings")
    assert [(round(now - at), light) for at, light, _, _ in rows(room, "room/late")] == [
        (300, "300"),
        (200, "200"),
        (100, "100"),
        (0, "500"),
    ]
    browser.open(f"{room.url}/lamp?id=room/late")
    browser.until(lambda: "500" in browser.one(".face .light").text, "the newest")
    browser.until(lambda: [value for _, value in curve(browser)[0] if value][:4] == [300, 200, 100, 500], "the curve")


def test_of_what_nobody_heard_there_is_none_and_that_is_said(kitchen: Kitchen) -> None:
    answer = kitchen.page.get("/history.csv?id=nobody")
    assert answer.status_code == 404
    assert answer.text == "There is no history of nobody.\n"
    assert answer.headers["content-type"].startswith("text/plain")
    for id in ("<script>", "%0d%0aSet-Cookie:x=1", "..%2f..%2fetc%2fpasswd", "%00", "x" * 5000):
        answer = kitchen.page.get(f"/history.csv?id={id}")
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer.headers
        assert len(answer.text) < 400


def test_it_is_still_there_after_a_restart(kitchen: Kitchen, browser: Browser) -> None:
    kitchen.board.set_light(111)
    kitchen.board.led_becomes(True)
    until(lambda: "111" in [row[1] for row in rows(kitchen.page, "kitchen")], "the reading")
    until(lambda: rows(kitchen.page, "kitchen")[-1][1] == "111", "a later reading than the LED")
    before = rows(kitchen.page, "kitchen")
    assert kitchen.page.program.interrupt() == 0
    kitchen.device.kill()  # so that what the curve shows is from before
    kitchen.page.start()
    assert rows(kitchen.page, "kitchen")[: len(before)] == before
    browser.open(kitchen.page.url)

    def is_drawn() -> bool:
        light, led = curve(browser)
        return 111 in [value for _, value in light] and {0, 1} <= {value for _, value in led}

    browser.until(is_drawn, "the curve")


@pytest.mark.parametrize("span", ["10 minutes", "last night", "24 hours", "7 days"])
def test_each_span_is_drawn_from_its_begin_to_its_end(kitchen: Kitchen, browser: Browser, span: str) -> None:
    browser.open(kitchen.page.url)
    browser.button(span).click()
    browser.until(lambda: browser.button(span).get_attribute("aria-pressed") == "true", span)
    lengths = {"10 minutes": (600, 600), "last night": (0, 14 * 3600), "24 hours": (86_400, 86_400)}
    least, most = lengths.get(span, (7 * 86_400, 7 * 86_400))

    def length() -> float:
        axis: list[float] = browser.run(
            """const chart = getElement(Number(document.querySelector('.nicegui-echart').id.slice(1))).chart;
            const axis = chart.getOption().xAxis[0]; return [axis.min, axis.max]"""
        )
        return (axis[1] - axis[0]) / 1000 if axis[0] else -1.0

    browser.until(lambda: least <= round(length()) <= most, f"{span}: from {least} to {most} s")


# ---- disks that fail ----


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "nightlight"


@pytest.fixture
def spoilt(kitchen: Kitchen, tmp_path: Path, state: Path, request: pytest.FixtureRequest) -> Iterator[Lamps]:
    """A page whose folder or file is no good."""
    if request.param == "damaged":
        state.mkdir()
        (state / "history-spoilt%2F%2B.sqlite3").write_bytes(b"These are no readings. " * 500)
    else:
        state.write_text("A file, where the folder should be.")
    with closing(Lamps(kitchen.broker, tmp_path, "spoilt")) as page:
        yield page


@pytest.mark.parametrize("spoilt", ["damaged"], indirect=True)
def test_a_damaged_file_is_said_and_a_new_one_begun(
    spoilt: Lamps, kitchen: Kitchen, browser: Browser, state: Path
) -> None:
    spoilt.tell(kitchen.stranger, 2)
    until(lambda: spoilt.get("/history.csv?id=spoilt/seat-2").status_code == 200, "the history")
    until(lambda: light_of(spoilt, "spoilt/seat-2") == ["100"], "the reading")
    assert spoilt.program.says("The history is damaged (file is not a database). The file is set aside as ")
    assert len(list(state.glob("*.damaged-*"))) == 1
    browser.open(f"{spoilt.url}/lamp?id=spoilt/seat-2")
    browser.wait_for("The history is damaged (file is not a database)")


@pytest.mark.parametrize("spoilt", ["no folder"], indirect=True)
def test_a_folder_that_cannot_be_written_is_said_and_the_page_goes_on(
    spoilt: Lamps, kitchen: Kitchen, browser: Browser
) -> None:
    spoilt.tell(kitchen.stranger, 2)
    spoilt.program.wait_for("The history cannot be kept in ")
    browser.open(f"{spoilt.url}/lamp?id=spoilt/seat-2")
    browser.wait_for_lamp("spoilt/seat-2", "on")
    browser.wait_for("The history cannot be kept in ")
    assert browser.one("[role=alert]").is_displayed()
    until(lambda: light_of(spoilt, "spoilt/seat-2") == ["100"], "the reading, in memory")
