"""Where the time of this server goes while it decides as fast as it can: a profile, by samples.

    .venv/bin/python -m bench.where_time_goes [--quick]

Every few milliseconds of processor time it is noted in which file Python is. What Python's own library or a function
of C takes, such as the system's recv, counts for the file that has called it. For that, the link works in the main
thread: only there does Python hear the signal that a timer sends.
"""

from __future__ import annotations

import json
import runpy
import signal
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from types import FrameType

from bench.box import Box
from bench.decisions import WARM_UP, WINDOW
from bench.effort import FULL, QUICK, Effort
from bench.load import Load
from bench.peers import Peer
from bench.progress import Bar
from bench.tables import table
from nightlight.link import Link
from tests.kit.programs import ROOT

EVERY = 0.001  # seconds of processor time from a sample to the next; some systems make 4 ms of it

PLACES = {
    "/nightlight/loop.py": "the loop: to wait, and to wake",
    "/nightlight/packets.py": "packets: to read and write, to take apart and make",
    "/paho/": "paho-mqtt: whatever is no message",
    "/nightlight/messages.py": "messages: checked, decoded, encoded",
    "/nightlight/": "link and connection",
    "/server/": "the decision: what is known of a device, rule, command",
}
"""What files are for, by a part of their path."""

WhereTimeGoes = dict[str, dict[str, int]]
"""By QoS, then by place: samples."""


def measure(effort: Effort, bar: Bar) -> WhereTimeGoes:
    if not hasattr(signal, "setitimer"):  # on Windows
        return {}
    bar.begin("profile", 2)
    found: WhereTimeGoes = {}
    for qos in (0, 1):
        with tempfile.TemporaryDirectory() as folder, closing(Box()) as box:
            file = Path(folder) / "samples.json"
            server = box.start(Peer("profiled", lambda port, id, qos: _command(file, port, id, qos)), qos)  # noqa: B023
            rate, _ = box.measure(server, Load.flood, WINDOW, WARM_UP, effort.seconds * 3)
            server.terminate()
            found[str(qos)] = json.loads(file.read_text(encoding="utf-8"))
        bar.step(f"QoS {qos}, profiled: {rate:,.0f} decisions a second")
    return found


def _command(file: Path, port: int, id: str, qos: int) -> list[str]:
    broker = ["--broker", f"mqtt://127.0.0.1:{port}", "--id", f"{id}/+", "--qos", str(qos)]
    return [sys.executable, "-m", "bench.where_time_goes", "serve", str(file), "--quiet", *broker]


def serve(file: Path, options: list[str]) -> None:
    """Be the server, and leave the samples in this file."""
    samples: Counter[str] = Counter()

    def note(_: int, frame: FrameType | None) -> None:
        while frame:
            path = Path(frame.f_code.co_filename).as_posix()
            if place := next((place for part, place in PLACES.items() if part in path), None):
                samples[place] += 1
                return
            frame = frame.f_back

    def stay(link: Link) -> None:
        signal.signal(signal.SIGPROF, note)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        link._stay_connected()

    Link.__enter__ = lambda link: link  # type: ignore[method-assign]
    Link.stay = stay  # type: ignore[method-assign, assignment]
    Link.__exit__ = lambda link, *_: None  # type: ignore[method-assign]
    sys.argv = ["server/app.py", *options]
    try:
        runpy.run_path(str(ROOT / "server/app.py"), run_name="__main__")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        file.write_text(json.dumps(samples), encoding="utf-8")


def tables(found: WhereTimeGoes) -> str:
    rows = []
    for place in PLACES.values():
        rows.append([place, *(f"{100 * of.get(place, 0) / sum(of.values()):.0f} %" for of in found.values())])
    return table(["where this server's time goes", *(f"QoS {qos}" for qos in found)], rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), sys.argv[3:])
    else:
        with Bar() as bar:
            result = measure(QUICK if "--quick" in sys.argv else FULL, bar)
        print(tables(result))
