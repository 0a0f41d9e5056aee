"""Node-RED, with the flow that its own tutorials have: mqtt in, json, function, mqtt out.

npx fetches it, into npm's own folder, the first time; that takes about half a minute.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "node-red@4.1"
FETCH_WITHIN = 300  # seconds
WRITE_SCRIPT = """
const [topic] = [msg.topic.replace('telemetry', 'commands')];
return {topic: topic, payload: {led_on: msg.payload.light < 300}};
"""


@functools.cache
def find() -> tuple[str, ...]:
    """How it is started, or nothing if there is no npx, or npm cannot get it."""
    npx, node = shutil.which("npx"), shutil.which("node")
    if not npx or not node:
        return ()
    script = (
        "node -p \"require('fs').realpathSync(process.env.PATH.split(require('path').delimiter)[0] + '/node-red')\""
    )
    try:
        found = subprocess.run(
            [npx, "--yes", "--package", PACKAGE, "--call", script],
            capture_output=True,
            text=True,
            timeout=FETCH_WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ()
    return (node, found.stdout.strip()) if found.returncode == 0 and found.stdout.strip() else ()


def version() -> str:
    """Of the Node-RED that was found."""
    package = Path(find()[1]).parent / "package.json"
    return str(json.loads(package.read_text(encoding="utf-8"))["version"])


def flow(name: str, port: int, id: str, qos: int) -> list[dict[str, Any]]:
    """One server: a tab with four nodes, and the broker that two of them share."""
    tab, broker = f"{name}-tab", f"{name}-broker"

    def node(kind: str, then: str | None, **more: Any) -> dict[str, Any]:
        wires = [[f"{name}-{then}"]] if then else []
        return {"id": f"{name}-{kind}", "z": tab, "type": kind, "x": 100, "y": 100, "wires": wires, **more}

    return [
        {"id": tab, "type": "tab", "label": name},
        {"id": broker, "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(port), "clientid": "",
         "autoConnect": True, "usetls": False, "protocolVersion": "4", "keepalive": "60", "cleansession": True},
        node("mqtt in", "json", topic=f"{id}/+/telemetry", qos=str(qos), datatype="utf8", broker=broker),
        node("json", "function", property="payload", action="obj"),
        node("function", "mqtt out", func=WRITE_SCRIPT, outputs=1),
        node("mqtt out", None, topic="", qos=str(qos), retain="false", broker=broker),
    ]  # fmt: skip


def command(folder: Path, *flows: list[dict[str, Any]]) -> list[str]:
    """Starts it with these flows and with its own defaults, but for the editor, which nobody needs here."""
    (folder / "flows.json").write_text(json.dumps([node for each in flows for node in each]))
    default = Path(find()[1]).parent / "settings.js"
    (folder / "settings.js").write_text(
        f"module.exports = {{...require({json.dumps(str(default))}), flowFile: 'flows.json', httpAdminRoot: false,"
        " httpNodeRoot: false, uiPort: 0, uiHost: '127.0.0.1', disableEditor: true}\n"
    )
    return [*find(), "--userDir", str(folder), "--settings", str(folder / "settings.js")]


if __name__ == "__main__":
    userdir = Path(tempfile.mkdtemp())
    words = command(userdir, flow("one", int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
    os.execv(words[0], words)
