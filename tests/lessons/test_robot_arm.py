"""Step 7's robot arm obeys each command once and in order, whatever happens to the connections or to the arm."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack, closing
from pathlib import Path

from tests.faults.network import Proxy
from tests.kit.brokers import mosquitto
from tests.kit.programs import ROOT, Program, until

FILES = ["1-broker/seat.py", "6-promises/lab.py", "7-memory/arm.py", "7-memory/commander.py"]
COMMANDS, CUTS = 200, 20
MOVEMENT = 0.05
"""Seconds: longer than the commander's pause, so that commands always wait in the arm, also when it is killed."""


def test_200_commands_are_obeyed_once_and_in_order_through_20_cuts(tmp_path: Path) -> None:
    """Every fifth time the arm is killed as well."""
    for file in FILES:
        shutil.copy(ROOT / "lessons" / file, tmp_path)
    with ExitStack() as parts:
        broker = parts.enter_context(closing(mosquitto(tmp_path)))
        network = parts.enter_context(closing(Proxy(broker.port)))

        def start(script: str, *options: object) -> Program:
            program = Program(sys.executable, tmp_path / script, *map(str, options), cwd=tmp_path)
            return parts.enter_context(closing(program))

        def obeyed() -> list[int]:
            file = tmp_path / "obeyed.txt"
            return [int(number) for number in file.read_text().split()] if file.exists() else []

        arm = start("arm.py", MOVEMENT, network.port)
        arm.wait_for("ready")
        commander = start("commander.py", 1, COMMANDS, network.port)
        stretch = COMMANDS // CUTS
        for cut in range(1, CUTS + 1):
            commander.wait_for(f"sent {cut * stretch - 5}")
            connections, ready = network.accepted, arm.lines.count("ready")
            network.cut()
            if cut % 5 == 0:
                arm.kill()
                arm, ready = start("arm.py", MOVEMENT, network.port), 0
            # The commander has no connection any more if it has sent its last command before the last cut.
            until(lambda: network.accepted >= connections + 1 + commander.is_running)  # noqa: B023 (used at once)
            until(lambda: arm.lines.count("ready") > ready)  # noqa: B023 (used at once)

        assert commander.wait() == 0
        until(lambda: COMMANDS in obeyed())
        assert obeyed() == list(range(1, COMMANDS + 1))
