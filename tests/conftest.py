"""Fixtures: the real parts, started when a test asks for them and ended after it."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kit.boards import CounterFit
from tests.kit.brokers import Broker, embedded_broker, mosquitto
from tests.kit.programs import Program, start_script
from tests.kit.stranger import Stranger

collect_ignore = (
    []
    if sys.platform == "linux"
    else ["device/test_grove_hat.py", "test_pi.py", "test_checkup.py", "faults", "lessons"]
)
"""A Pi runs Linux, and so does its stand-in: what smbus2 asks of the system is nowhere else. Nor are the networks of
their own in which the course's texts are followed."""


settings.register_profile("no stopwatch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no stopwatch")

_state = tempfile.TemporaryDirectory()
os.environ["XDG_STATE_HOME"] = _state.name  # the programs that the tests start keep nothing where the user's are
for name in ("DISPLAY", "WAYLAND_DISPLAY"):
    os.environ.pop(name, None)  # nor do they open a browser


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failure")
    parser.addoption(
        "--fault-pairs", type=int, default=2, metavar="N", help="so many random pairs of faults (default 2)"
    )
    parser.addoption(
        "--fault-seed", type=int, default=1, help="the first pair's seed, of the next the next (default 1)"
    )
    parser.addoption("--fault-full", action="store_true", help="faults last as in docs/reliability.md")


GROUPS = {
    "demo": "demo",
    "lessons": "course",
    "classroom": "demo",
    "broker": "locked",
    "locked": "locked",
    "bench": "many",
    "microcontroller": "faults",
}
"""Rooms whose tests take long: each has a group of its own, unless a browser has to look."""

FILES = {"test_run.py": "demo", "test_texts.py": "", "test_teacher.py": "", "test_many.py": "many"}
"""Files that are in another group than their room, or in none."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        group = FILES.get(item.path.name, GROUPS.get(item.path.parent.name, ""))
        if group and not item.get_closest_marker("browser"):
            item.add_marker(getattr(pytest.mark, group))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("A test was skipped, and --no-skips allows none.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(params=["embedded", "mosquitto"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """Each test that asks for a broker runs with the embedded one and with Mosquitto."""
    with closing(embedded_broker() if request.param == "embedded" else mosquitto(tmp_path)) as broker:
        yield broker


@pytest.fixture(scope="session")
def shared_counterfit() -> Iterator[CounterFit]:
    with closing(CounterFit()) as counterfit:
        yield counterfit


@pytest.fixture
def board(shared_counterfit: CounterFit) -> CounterFit:
    """The CounterFit app in bright light with the LED off, not to be killed."""
    shared_counterfit.set_light(1000)
    shared_counterfit.set_led(False)
    return shared_counterfit


@pytest.fixture
def own_board() -> Iterator[CounterFit]:
    """A CounterFit app that a test may kill."""
    with closing(CounterFit()) as counterfit:
        yield counterfit


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    """As in start("server/app.py", "--id", "x"): a script, ended with the test and checked for tracebacks."""
    with ExitStack() as programs:
        yield lambda name, *options, **more: programs.enter_context(closing(start_script(name, *options, **more)))


@pytest.fixture
def warnings_said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The problems that the nightlight itself has put into words so far; paho's own log does not count.

    Nor do those of a test before this one, which a Flood still holds back: they are waited for.
    """
    while timers := [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]:
        for timer in timers:
            timer.join()
    caplog.clear()
    return lambda: [record.getMessage() for record in caplog.records if record.name == "nightlight"]


@pytest.fixture
def stranger(broker: Broker) -> Iterator[Stranger]:
    """A plain MQTT client that hears everything."""
    with closing(Stranger(broker.port, "#")) as stranger:
        yield stranger
