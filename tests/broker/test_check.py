"""--check and a locked broker: what is wrong is named, and what to do."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from broker import certificates
from broker.certificates import Authority
from tests.kit.boards import CounterFit
from tests.kit.locked import LockedBroker
from tests.kit.programs import Program
from tests.test_checkup import CheckUp

Start = Callable[..., Program]


def findings(locked: LockedBroker, party: str, *options: str) -> CheckUp:
    script = "device" if party.startswith("devices/") else party
    return CheckUp(f"{script}/app.py", *locked.options(party), *options)


def test_all_is_well_while_all_run(locked: LockedBroker, board: CounterFit, start: Start) -> None:
    kitchen = ["--id", "kitchen", "--board", board.name]
    server = start("server/app.py", "--id", "+", *locked.options("server"))
    device = start("device/app.py", *kitchen, *locked.options("devices/kitchen"))
    board.led_becomes(False)
    device.wait_for("Message received")
    for found in (
        findings(locked, "devices/kitchen", *kitchen),
        findings(locked, "server", "--id", "+"),
        findings(locked, "page", "--id", "+"),
    ):
        assert not found.crosses
        if "device" in found.subjects:  # it is the server's, or the page's
            assert found.about("queue")["found"].startswith("2,000 messages can wait")
    for script in (server, device):
        assert not script.says("The connection is lost")


def test_another_authority(locked: LockedBroker) -> None:
    other = Authority.new("Another").identity.cert
    (locked.folder / "server/check/ca.pem").write_bytes(other)
    findings(locked, "server").finds("TLS", "certificate is not trusted", "has not signed it")


def test_another_name(locked: LockedBroker) -> None:
    elsewhere = ["--broker", f"mqtts://127.0.0.2:{locked.port}"]  # this machine, too
    found = CheckUp("server/app.py", *elsewhere, "--credentials", str(locked.folder / "server"))
    found.finds("TLS", "IP address mismatch", "python3 run.py lock --host 127.0.0.2")


@pytest.mark.parametrize(
    ("days", "cause", "remedy"),
    [(-800, "has expired", "python3 run.py lock --renew"), (10, "not yet valid", "This machine's clock says 20")],
)
def test_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, cause: str, remedy: str) -> None:
    then = certificates.now() + datetime.timedelta(days=days)
    monkeypatch.setattr(certificates, "now", lambda: then)
    with closing(LockedBroker.new(tmp_path / "locked", "kitchen")) as locked:
        found = findings(locked, "server")
        found.finds("TLS", cause, remedy)
        assert "clock" in found.crosses[0]["remedy"]


def test_a_key_of_another(locked: LockedBroker) -> None:
    shutil.copy(locked.folder / "page/key.pem", locked.folder / "server/check/key.pem")
    findings(locked, "server").finds("TLS", "does not belong to the certificate in", "Take its own")


def test_no_right_to_write(locked: LockedBroker, board: CounterFit) -> None:
    rights = locked.folder / "broker/rights"
    rights.write_text(rights.read_text().replace("topic readwrite kitchen/telemetry\n", ""))
    locked.notice()
    found = findings(locked, "devices/kitchen", "--id", "kitchen", "--board", board.name)
    found.finds("server", "no right to write kitchen/telemetry", "locked/broker/rights")


def test_no_rights_at_all(locked: LockedBroker) -> None:
    (locked.folder / "broker/rights").write_text("user nobody\n")
    locked.notice()
    findings(locked, "server").finds("message", "no right to write or to read check-up/server", "locked/broker/rights")


def test_a_certificate_is_asked_for(tmp_path: Path) -> None:
    with closing(LockedBroker.new(tmp_path / "locked", "kitchen", by_certificate=True)) as locked:
        ca = str(locked.folder / "broker/ca.pem")
        found = CheckUp("server/app.py", "--broker", locked.url, "--ca", ca)
        found.finds("TLS", "wants to see a certificate of ours", "--credentials")
