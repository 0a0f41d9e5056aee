"""run.py bench: that it works, and shows what it has measured. How fast anything is, is no test's business."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pytest

from bench.box import Box
from bench.load import Load
from bench.peers import BARE
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import ROOT, clean_environment

pytestmark = [pytest.mark.bench, pytest.mark.skipif(not MOSQUITTO, reason="mosquitto is not installed")]

SHOWN = {
    "decisions": ["this server", "gmqtt", "aiomqtt", "usual paho script", "bare socket"],
    "under_load": ["this server", "gmqtt", "usual paho script", "bare socket"],
    "cost": ["10", "100"],
    "sharing": ["1", "2"],
    "light_to_led": ["this nightlight", "the lessons' scripts"],
    "recovery": ["this server", "broker restarted"],
}
"""Each measurement, and words that its table and its plot have."""


def words_of(svg: Path) -> str:
    """Text that is text, and no drawing."""
    return "\n".join(element.text or "" for element in ET.parse(svg).iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.timeout(600)  # it installs what it needs, the first time
def test_a_quick_run_makes_every_table_and_every_plot(tmp_path: Path) -> None:
    page = (ROOT / "docs/speed.md").read_bytes()
    command = [sys.executable, str(ROOT / "run.py"), "bench", "--quick", "--into", str(tmp_path)]
    ended = subprocess.run(command, env=clean_environment(), capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for name, words in SHOWN.items():
        table, plot = (tmp_path / f"{name}.md").read_text(encoding="utf-8"), words_of(tmp_path / f"{name}.svg")
        assert table in ended.stdout
        for word in words:
            assert word in table
            assert word in plot
        assert not re.search(r"\bnan\b|\binf\b", table + plot)
    assert (tmp_path / "machine.md").read_text(encoding="utf-8").strip() in ended.stdout
    assert (ROOT / "docs/speed.md").read_bytes() == page, "what went elsewhere is not shown there"


def test_docs_speed_shows_all_that_it_measures() -> None:
    page = (ROOT / "docs/speed.md").read_text(encoding="utf-8")
    figures = json.loads((ROOT / "bench/results/figures.json").read_text(encoding="utf-8"))
    assert set(figures["found"]) == {*SHOWN, "where_time_goes"}
    for name in SHOWN:
        assert f"(../bench/results/{name}.svg)" in page
        assert (ROOT / f"bench/results/{name}.md").read_text(encoding="utf-8") in page


def test_each_answer_is_counted_once(tmp_path: Path) -> None:
    """Also one that comes in two pieces, and an acknowledgement is none."""
    with closing(Box()) as box:
        server = box.start(BARE, 1)
        taken, _ = box.measure(server, Load.at_rate, 2000, 0.5)
        assert len(taken) == 1000
        assert all(seconds > 0 for seconds in taken)
        rate, shares = box.measure(server, Load.flood, 50, 0.0, 0.5)
        assert rate > 0
        assert shares.server > 0
