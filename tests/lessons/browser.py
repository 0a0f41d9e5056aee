"""A real browser, looked at and clicked as a reader of the course does it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from urllib.parse import urljoin

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

from tests.kit.browser import LOOK, OPTIONS
from tests.kit.programs import until

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


class Browser:
    """Chromium without a screen, with one page open."""

    def __init__(self, profile: Path) -> None:
        if not CHROMIUM or not DRIVER:
            raise FileNotFoundError("chromium and chromedriver are not installed")
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in (*OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        self._chrome = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))

    def open(self, address: str) -> None:
        """AssertionError if it, or a part of it, is not there, or if a part comes from elsewhere."""
        try:
            self._chrome.get(address)
        except WebDriverException as error:
            raise AssertionError(f"{address} does not open: {error.msg}") from None
        parts = "return performance.getEntriesByType('resource').map(part => [part.name, part.responseStatus])"
        for part, status in self._chrome.execute_script(parts):
            assert part.startswith(urljoin(address, "/")), f"{address} needs {part}"
            assert status < 400 or part.endswith("/favicon.ico"), f"there is no {part}"

    @property
    def lines(self) -> list[str]:
        """What can be read on the page, without full stops at the ends: the sentence of the course has its own."""
        text: str = self._chrome.execute_script("return document.body.innerText")
        return [line.strip().rstrip(".") for line in text.splitlines() if line.strip()]

    def wait_for(self, line: str, seconds: float) -> None:
        """Until this is a line of the page."""
        try:
            until(lambda: line in self.lines, line, seconds, LOOK)
        except AssertionError:
            raise AssertionError(f"the page does not say\n    {line}\nbut\n    {self.shown}") from None

    def stays(self, line: str, seconds: float) -> None:
        """Look for a while whether this is a line of the page."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert line in self.lines, f"the page does not go on to say\n    {line}\nbut says\n    {self.shown}"
            time.sleep(0.05)

    def lacks(self, line: str, seconds: float) -> None:
        """Until this is no line of the page."""
        until(lambda: line not in self.lines, f"the end of {line!r} on the page", seconds, LOOK)

    def press(self, button: str) -> None:
        """The button with these words."""
        for found in self._chrome.find_elements(By.TAG_NAME, "button"):
            if found.text == button:
                found.click()
                return
        raise AssertionError(f"the page has no button {button}, but says\n    {self.shown}")

    @property
    def shown(self) -> str:
        return "\n    ".join(self.lines)

    def close(self) -> None:
        self._chrome.quit()
