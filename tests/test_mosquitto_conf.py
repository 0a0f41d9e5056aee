"""mosquitto.conf, the classroom's broker."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from nightlight.address import BrokerAddress
from nightlight.link import Link
from tests.kit.brokers import mosquitto
from tests.kit.programs import ROOT, free_port, until

CONFIGURATION = (ROOT / "mosquitto.conf").read_text()


def test_it_is_what_the_readme_says() -> None:
    settings = [line for line in CONFIGURATION.splitlines() if line and not line.startswith("#")]
    assert "listener 1883 0.0.0.0" in settings
    assert "listener 9001 0.0.0.0" in settings
    assert "set_tcp_nodelay true" in settings


def test_mosquitto_accepts_it_on_both_ports(tmp_path: Path, warnings_said: Callable[[], list[str]]) -> None:
    """The file as it is but for the ports, so that it does not meet a broker that is running."""
    tcp, websockets = free_port(), free_port()
    lines = CONFIGURATION.replace("listener 1883 0.0.0.0", f"listener {tcp} 127.0.0.1")
    lines = lines.replace("listener 9001 0.0.0.0", f"listener {websockets} 127.0.0.1")
    with closing(mosquitto(tmp_path, *lines.splitlines(), port=tcp)) as broker:
        for url in (f"mqtt://127.0.0.1:{tcp}", f"ws://127.0.0.1:{websockets}"):
            with Link(BrokerAddress.parse(url)) as link:
                until(lambda link=link: link.connections == 1, f"a connection to {url}")  # type: ignore[misc]
        assert not re.search("error", broker.program.text, re.IGNORECASE), broker.program.text
    assert warnings_said() == []
