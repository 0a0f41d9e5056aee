"""docs/cupboard.md: its boxes make a locked broker out of Debian's own, and what server and page show to it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.boards import CounterFit
from tests.kit.brokers import MOSQUITTO, Broker
from tests.kit.programs import ROOT, Program, clean_environment, free_port, start_script
from tests.kit.stranger import Stranger

CUPBOARD = ROOT / "docs/cupboard.md"
TEXT = CUPBOARD.read_text(encoding="utf-8")


def commands(heading: str) -> str:
    """The boxes of a section."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^    ( *\S.*)$", section, re.MULTILINE))


def test_the_nightlight_works_as_the_page_sets_it_up(
    tmp_path: Path, start: Callable[..., Program], board: CounterFit
) -> None:
    """In a folder in place of /etc, on a port of its own, without systemd, and as whoever runs this."""
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    etc, port = tmp_path / "etc", free_port()
    (etc / "mosquitto/conf.d").mkdir(parents=True)
    own = {"sudo ": "", "/etc/": f"{etc}/", ".venv/bin/python": sys.executable, "--device": f"--port {port} --device"}
    text = "\n".join([commands("The broker"), commands("The server and the page")])
    script = "\n".join(line for line in text.splitlines() if not re.search("systemctl|nano|password|systemd", line))
    for written, here in own.items():
        script = script.replace(written, here)
    user = os.environ.get("USER", "root")
    run = Program("bash", "-e", "-c", script, env=clean_environment(USER=user))
    assert run.wait() == 0, run.text

    main = etc / "mosquitto/mosquitto.conf"
    (tmp_path / "lib").mkdir(mode=0o777)
    # As Debian's own, but for the places and for whom Mosquitto becomes.
    main.write_text(f"persistence true\npersistence_location {tmp_path}/lib/\ninclude_dir {etc}/mosquitto/conf.d\n")
    with closing(Broker(MOSQUITTO, "-c", main, port=port)) as broker:
        assert "rror" not in broker.program.text
        lines = re.findall(r"^(NIGHTLIGHT_\w+)=(.*)$", (etc / "nightlight-server.env").read_text(), re.MULTILINE)
        environment = {name: value.replace("/etc/", f"{etc}/") for name, value in lines}
        assert environment["NIGHTLIGHT_BROKER"] == "mqtts://localhost"
        environment["NIGHTLIGHT_BROKER"] += f":{port}"
        with closing(start_script("server/app.py", **environment)) as server:
            server.wait_for("MQTT connected!")
            options = ["--board", board.name, "--broker", f"mqtts://localhost:{port}"]
            credentials = str(etc / "mosquitto/nightlight/devices/my-room")
            start("device/app.py", "--id", "my-room", *options, "--credentials", credentials)
            for light in (100, 900):
                board.set_light(light)
                board.led_becomes(light < 300)
            with closing(Stranger(port, "#", credentials=etc / "nightlight-page")) as page:
                page.wait_for("my-room/telemetry", b'{"light": 900}')


def test_what_it_installs_is_what_it_removes() -> None:
    """All files, and the page's state; each one that is installed from this folder is there."""
    installed = set(re.findall(r"(?:server|page)/\S+\.(?:service|env)", TEXT))
    assert installed == {
        "server/nightlight-server.env",
        "server/nightlight-server@.service",
        "page/nightlight-page.env",
        "page/nightlight-page@.service",
    }
    removing = TEXT.partition("## To be rid of it")[2]
    for file in installed:
        assert (ROOT / file).exists()
        assert re.search(rf"/etc/\S*{re.escape(Path(file).name)}\b", removing)
    made = ["mosquitto/nightlight", "mosquitto/conf.d/nightlight.conf", "nightlight-server", "nightlight-page"]
    for file in (*made, "nightlight-page.password"):
        assert re.search(rf" /etc/{file}( |$)", removing, re.MULTILINE), file
    [state] = re.findall(r"^StateDirectory=(.+)$", (ROOT / "page/nightlight-page@.service").read_text(), re.MULTILINE)
    assert f"sudo rm -r /var/lib/{state.replace('%i', '$USER')}\n" in removing
