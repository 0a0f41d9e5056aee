"""The kit itself: what it calls a fault is one, and what goes wrong is noticed."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from nightlight.address import BrokerAddress
from nightlight.link import Link
from nightlight.messages import Telemetry
from tests.faults.catalogue import Fault
from tests.faults.network import Proxy
from tests.faults.trial import trial
from tests.faults.world import STAND_IN, World
from tests.kit.brokers import MOSQUITTO, mosquitto
from tests.kit.programs import PATIENCE, until
from tests.kit.stranger import Stranger

needs_mosquitto = pytest.mark.skipif(not MOSQUITTO, reason="mosquitto is not installed")


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(65_536):
            self.request.sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """The way to somebody who says everything back."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        with closing(Proxy(server.server_address[1])) as proxy:
            yield proxy
        server.shutdown()
        thread.join()


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE)


def stays_silent(connection: socket.socket, data: bytes) -> bool:
    """Whether nothing comes back within a second."""
    connection.settimeout(1)
    try:
        echo(connection, data)
    except TimeoutError:
        return True
    finally:
        connection.settimeout(PATIENCE)
    return False


def echo(connection: socket.socket, data: bytes) -> bytes:
    """What comes back: b"" when the connection is closed."""
    connection.sendall(data)
    back = b""
    while len(back) < len(data):
        piece = connection.recv(65_536)
        back += piece
        if not piece:
            break
    return back


# ---- the network ----


def test_it_passes_everything_on(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        assert echo(connection, b"x" * 100_000) == b"x" * 100_000


def test_cut_closes_what_is_open_and_lets_new_ones_in(proxy: Proxy) -> None:
    with connect(proxy) as old:
        assert echo(old, b"x") == b"x"
        proxy.cut()
        assert old.recv(1) == b""
    with connect(proxy) as new:
        assert echo(new, b"x") == b"x"


def test_refuse_closes_what_is_open_and_lets_nobody_in_until_welcome(proxy: Proxy) -> None:
    with connect(proxy) as old:
        assert echo(old, b"x") == b"x"
        proxy.refuse()
        assert old.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.welcome()
    with connect(proxy) as new:
        assert echo(new, b"x") == b"x"


def test_stall_holds_everything_back_until_flow(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        proxy.stall()
        assert stays_silent(connection, b"held back")
        proxy.flow()
        assert connection.recv(100) == b"held back"


def test_forget_silences_what_is_open_for_ever_and_lets_new_ones_in(proxy: Proxy) -> None:
    with connect(proxy) as old:
        assert echo(old, b"x") == b"x"
        proxy.forget()
        assert stays_silent(old, b"x")
    with connect(proxy) as new:
        assert echo(new, b"x") == b"x"


def test_slow_takes_its_time(proxy: Proxy) -> None:
    proxy.slow(1000)
    with connect(proxy) as connection:
        started = time.monotonic()
        assert echo(connection, b"x" * 500) == b"x" * 500
        assert time.monotonic() - started >= 1, "500 bytes there and 500 back, at 1 kB/s"


def test_lose_swallows_every_second_packet(proxy: Proxy) -> None:
    proxy.lose()
    with connect(proxy) as connection:
        connection.sendall(b"first")
        assert connection.recv(100) == b"first"
        connection.sendall(b"second")
        until(lambda: proxy.lost == 1, "a packet lost")
        proxy.flow()
        assert echo(connection, b"third") == b"third"


def test_turn_away_accepts_and_closes(proxy: Proxy) -> None:
    proxy.turn_away()
    with connect(proxy) as connection:
        assert connection.recv(1) == b""


# ---- the stand-in for name service and clock ----


def ask(folder: Path, expression: str) -> str:
    """What a Python that has the stand-in says."""
    environment = {**os.environ, "PYTHONPATH": str(STAND_IN), "FAULTS": str(folder)}
    command = [sys.executable, "-c", f"import socket, time, datetime; print({expression})"]
    ended = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    return ended.stdout + ended.stderr


def test_the_name_is_found_until_it_is_not(tmp_path: Path) -> None:
    find = "socket.getaddrinfo('broker.test', 1883)[0][4]"
    assert ask(tmp_path, find) == "('127.0.0.1', 1883)\n"
    (tmp_path / "no-names").touch()
    assert "gaierror: [Errno -3] Temporary failure in name resolution" in ask(tmp_path, find)


def test_the_clock_is_right_until_it_is_not(tmp_path: Path) -> None:
    now = "[time.time(), datetime.datetime.now().timestamp(), time.monotonic()]"
    clock, date, monotonic = json.loads(ask(tmp_path, now))
    assert abs(clock - time.time()) < 60
    assert abs(date - time.time()) < 60
    (tmp_path / "clock").write_text("1000000")
    clock, date, still_monotonic = json.loads(ask(tmp_path, now))
    assert abs(clock - time.time() - 1_000_000) < 60
    assert abs(date - time.time() - 1_000_000) < 60
    assert abs(still_monotonic - monotonic) < 60


# ---- what goes wrong is noticed ----


def nothing_happens(world: World) -> Iterator[None]:
    yield


def never_ends(world: World) -> Iterator[None]:
    world.device_network.refuse()
    yield


def a_fault(act: object) -> Fault:
    return Fault("a test", act, None, blinds=True, kills=False, seconds=3, full_seconds=3)  # type: ignore[arg-type]


@needs_mosquitto
def test_a_fault_that_is_none_and_one_that_does_not_end_and_a_script_that_does() -> None:
    with World() as world:
        with pytest.raises(AssertionError, match="the LED follows the light"):
            trial(world, [a_fault(nothing_happens)], 3, random.Random(0), proves=True)
        with pytest.raises(AssertionError, match="the LED does not go"):
            trial(world, [a_fault(never_ends)], 2, random.Random(0), limit=2)
        os.kill(world.server.program.process.pid, signal.SIGKILL)
        world.server.program.wait()
        with pytest.raises(AssertionError, match=r"server/app\.py has ended"):
            world.check_alive()


@needs_mosquitto
def test_a_reading_that_nobody_heard_is_counted() -> None:
    with World() as world:
        world.device_network.stall()
        _, lost = world.readings
        world.move_light(True)
        until(lambda: world.readings[1] > lost, "a reading without a listener")


# ---- what the nightlight does not survive, at its smallest ----


@needs_mosquitto
def test_a_link_speaks_again_after_twenty_messages_were_lost(tmp_path: Path) -> None:
    with ExitStack() as parts:
        broker = parts.enter_context(closing(mosquitto(tmp_path)))
        proxy = parts.enter_context(closing(Proxy(broker.port)))
        stranger = parts.enter_context(closing(Stranger(broker.port, "#")))
        with Link(BrokerAddress("127.0.0.1", proxy.port)) as link:
            until(lambda: link.connections, "the connection")
            proxy.lose(every=1)
            for light in range(20):
                assert link.publish("room/telemetry", Telemetry(light))
            until(lambda: proxy.lost, "the loss")
            time.sleep(1)  # until all of them are lost
            proxy.flow()

            def is_heard() -> bool:
                time.sleep(0.2)
                link.publish("room/telemetry", Telemetry(1000))
                return ("room/telemetry", b'{"light": 1000}') in stranger.heard

            until(is_heard, "what comes after that")
