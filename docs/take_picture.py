"""Takes docs/nightlight.png, CounterFit's page beside the terminal in which run.py runs, and the page for the course.

.venv/bin/python docs/take_picture.py      (needs chromium and chromedriver)
"""

from __future__ import annotations

import html
import re
import shutil
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it runs from any folder

from selenium import webdriver

from tests.kit.boards import CounterFitPage
from tests.kit.programs import ROOT, Program

COLOURS = {"broker": "#c586c0", "board": "#dcdcaa", "device": "#6a9955", "server": "#4ec9b0"}
FRAME = "width:1480px; height:1560px; border:0; transform:scale(.46); transform-origin:0 0"
LAYOUT = """<!DOCTYPE html><meta charset="utf-8">
<body style="margin:0; display:flex; height:100vh; background:#1e1e1e; overflow:hidden">
<div style="width:680px; height:100%; overflow:hidden">
  <iframe src="{page}" scrolling="no" style="{frame}"></iframe>
</div>
<pre style="flex:1; margin:16px; color:#d4d4d4; font:13px/1.45 monospace; white-space:pre-wrap">{terminal}</pre>
"""

PAGE = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0; height:100vh; overflow:hidden">
<iframe src="{page}" scrolling="no" style="{frame}"></iframe>
"""


def main() -> None:
    run = Program(sys.executable, ROOT / "run.py", own_group=True)
    try:
        page = re.search(r"http://\S+", run.wait_for("Open http"))
        assert page
        with closing(CounterFitPage(int(page[0].rpartition(":")[2]))) as board:
            run.wait_for("device | Message received")
            for light in (400, 100):
                board.set_light(light)
                board.led_becomes(light < 300)
            time.sleep(0.5)  # the last lines of the terminal
            take(page_beside(page[0], "$ python3 run.py\n" + run.text), "1280,660", ROOT / "docs/nightlight.png")
            board.set_light(400)
            board.led_becomes(False)
            time.sleep(0.5)
            take(
                PAGE.format(page=page[0], frame=FRAME.replace(".46", ".5")),
                "740,690",
                ROOT / "lessons/2-connect/board.png",
            )
    finally:
        run.interrupt()


def page_beside(page: str, terminal: str) -> str:
    """The layout of one picture with both."""
    lines = []
    for line in terminal.splitlines():
        name = line.partition(" |")[0].strip()
        text = html.escape(line)
        if name in COLOURS:
            label, bar, rest = text.partition(" |")
            text = f'<span style="color:{COLOURS[name]}">{label}{bar}</span>{rest}'
        lines.append(text)
    return LAYOUT.format(page=page, frame=FRAME, terminal="\n".join(lines))


def take(layout: str, size: str, picture: Path) -> None:
    """What Chromium shows of this page, in a window of this size."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    with tempfile.TemporaryDirectory() as folder:
        html_file = Path(folder) / "picture.html"
        html_file.write_text(layout, encoding="utf-8")
        for argument in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--window-size={size}",
            f"--user-data-dir={folder}/profile",
        ):
            options.add_argument(argument)
        browser = webdriver.Chrome(options, webdriver.ChromeService(str(shutil.which("chromedriver"))))
        try:
            browser.get(html_file.as_uri())
            time.sleep(2)  # the frame's own script draws the LED
            browser.save_screenshot(str(picture))
        finally:
            browser.quit()


if __name__ == "__main__":
    main()
