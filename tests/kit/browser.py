"""Browser: a real Chromium without a screen, and without the Internet."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.kit.programs import PATIENCE

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOK = 0.1  # seconds between looks at a page, each of which keeps the browser busy for a while
LAPTOP, PHONE = (1280, 800), (390, 844)
"""Sizes in CSS pixels."""


@contextmanager
def chromium(folder: Path, width: int = 1100, height: int = 1000) -> Iterator[webdriver.Chrome]:
    """Keeps its profile in this folder."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for argument in (*OPTIONS, f"--window-size={width},{height}", f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        browser.quit()


class Browser:
    """What a person does with a page and sees of it: parts of it are named as a screen reader names them."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.blank()

    def tell(self, command: str, **values: object) -> Any:
        """A command of the Chrome DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, values)

    def blank(self) -> None:
        """As if it was new."""
        self.driver.get("about:blank")
        self.driver.delete_all_cookies()
        self.tell("Network.clearBrowserCookies")
        self.be()
        self.requests()
        self.complaints()

    def be(
        self,
        size: tuple[int, int] = LAPTOP,
        language: str = "en-US",
        scheme: str = "light",
        calm: bool = False,
        zone: str = "UTC",
    ) -> None:
        """Another screen, or another person's: what the next page that is opened is told."""
        width, height = size
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=size == PHONE,
        )
        agent = self.driver.execute_script("return navigator.userAgent")
        self.tell("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        self.tell("Emulation.setTimezoneOverride", timezoneId=zone)
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce" if calm else "no-preference"}
        self.tell("Emulation.setEmulatedMedia", features=[{"name": n, "value": v} for n, v in features.items()])

    def open(self, url: str) -> None:
        self.driver.get(url)

    def run(self, script: str, *values: object) -> Any:
        return self.driver.execute_script(script, *values)

    # ---- what is there ----

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css: str) -> WebElement:
        """As soon as it is there."""
        self.until(lambda: self.all(css), css)
        return self.all(css)[0]

    def button(self, text: str) -> WebElement:
        """As soon as it can be pressed."""

        def found() -> list[WebElement]:
            buttons = self.driver.find_elements(By.XPATH, f"//button[normalize-space()='{text}']")
            return [button for button in buttons if button.is_displayed()]

        self.until(found, f"the button {text!r}")
        return found()[0]

    @property
    def text(self) -> str:
        """All that can be read."""
        return str(self.run("return document.body.innerText"))

    def says(self, words: str) -> bool:
        return words in self.text

    def wait_for(self, words: str, seconds: float = PATIENCE) -> None:
        self.until(lambda: self.says(words), repr(words), seconds)

    def wait_for_lamp(self, id: str, state: str, seconds: float = PATIENCE) -> None:
        """The picture of a lamp, as it is told to who cannot see it."""
        name = f"LED of {id}: {state}"
        self.until(lambda: name in self.lamps(), f"{name} (not {self.lamps()})", seconds)

    def lamps(self) -> list[str]:
        return [str(name) for name in self.run(
            "return [...document.querySelectorAll('[role=img].lamp')].map(lamp => lamp.getAttribute('aria-label'))"
        )]  # fmt: skip

    def until(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait for a condition, also while the page is built anew."""
        deadline = time.monotonic() + seconds
        while not self._holds(condition):
            assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s; the page says:\n{self.text}"
            time.sleep(LOOK)

    def _holds(self, condition: Callable[[], object]) -> object:
        try:
            return condition()
        except StaleElementReferenceException:
            return False

    # ---- what it did ----

    def requests(self) -> list[str]:
        """The addresses that it has asked for, WebSockets too, since the last look at what it did."""
        done = self._done()
        sent = [values["request"]["url"] for method, values in done if method == "Network.requestWillBeSent"]
        return sent + [values["url"] for method, values in done if method == "Network.webSocketCreated"]

    def received(self) -> list[str]:
        """What came over its WebSockets since the last look at what it did."""
        return [
            str(values["response"]["payloadData"])
            for method, values in self._done()
            if method == "Network.webSocketFrameReceived"
        ]

    def _done(self) -> list[tuple[str, dict[str, Any]]]:
        entries = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [(entry["method"], entry["params"]) for entry in entries]

    def complaints(self) -> list[str]:
        """What its console says of what went wrong, since the last call."""
        return [str(entry["message"]) for entry in self._log("browser") if entry["level"] != "INFO"]

    def _log(self, name: str) -> list[dict[str, Any]]:
        """What was written there since the last call."""
        entries: list[dict[str, Any]] = self.driver.get_log(name)  # type: ignore[no-untyped-call]
        return entries
