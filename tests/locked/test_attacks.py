"""A locked broker refuses all attacks, and the nightlight works through it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from broker.parties import folder_of
from tests.kit.boards import CounterFit
from tests.kit.brokers import MOSQUITTO
from tests.kit.programs import Program
from tests.locked.attacks import ATTACKS, NOT_REFUSED
from tests.locked.house import CERTIFICATES, CONFIGURATIONS, LOCKED, OPEN, A, Configuration, House
from tests.locked.table import BEGIN, END, PAGE, try_one

# paho-mqtt 2.2.0 does not close the socket of a handshake that fails, but leaves that to Python, which does it at once.
pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed <:ResourceWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)
needs_mosquitto = pytest.mark.skipif(not MOSQUITTO, reason="mosquitto is not installed")

QUICK = [attack for attack in ATTACKS if not attack.only_in_table]


@needs_mosquitto
@pytest.mark.parametrize("configuration", [LOCKED, CERTIFICATES], ids=["passwords", "certificates"])
def test_all_attacks_are_refused(
    configuration: Configuration, tmp_path: Path, start: Callable[..., Program], board: CounterFit
) -> None:
    with House(configuration, tmp_path) as house:
        outcomes = {attack.name: try_one(attack, house) for attack in QUICK}
        assert {name: seen for name, (refused, seen) in outcomes.items() if not refused} == {}
        options = ["--id", A, "--broker", house.broker.url, "--credentials"]
        server = start("server/app.py", *options, str(house.folder / "server"))
        server.wait_for("MQTT connected!")
        start("device/app.py", *options, str(house.folder / folder_of(A)), "--board", board.name)
        for light, dark in ((80, True), (900, False)):
            board.set_light(light)
            board.led_becomes(dark)


@needs_mosquitto
def test_the_attacks_are_real(tmp_path: Path) -> None:
    """Where nothing is locked they succeed, so that none is refused because it does nothing."""
    with House(OPEN, tmp_path) as house:
        outcomes = {attack.name: try_one(attack, house) for attack in QUICK}
    refused = {name for name, (refused, _) in outcomes.items() if refused}
    refused -= {"a message of 10 MB", "a CONNECT of 20 MB"}  # Mosquitto 2.1 refuses these on its own account
    assert refused == {"500 connections that say nothing, or a byte of a CONNECT"}


def test_the_table_has_these_attacks_and_no_others() -> None:
    """`python -m tests.locked.table --write` makes it anew."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    names = [configuration.name for configuration in CONFIGURATIONS]
    assert rows[0] == ["attack", *names, "how it is refused when locked"]
    assert [row[0] for row in rows[2:]] == [attack.name for attack in ATTACKS]
    locked = [rows[0].index(configuration.name) for configuration in (LOCKED, CERTIFICATES)]
    assert {row[0] for row in rows[2:] for column in locked if row[column] != "refused"} == {NOT_REFUSED}
