"""The faults.

Each is a function of a World: what it does before `yield` begins the fault, what comes after ends it.
Scripts that it kills are started again by whoever asked for the fault, as systemd would.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Literal

from tests.faults.nonsense import BrokenBoard, NonsenseServer
from tests.faults.world import World
from tests.payloads import BAD_COMMAND, BAD_TELEMETRY

A_DECADE = 10 * 365 * 86_400

Act = Callable[[World], Iterator[None]]
Proof = Callable[[World], bool]
Kind = Literal["script", "microcontroller"]


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong for a while."""

    name: str
    act: Act
    proof: str | Proof | None
    """How to see that it is there: words that a script prints, or a question to the world."""
    blinds: bool | None
    """Whether the LED cannot follow the light meanwhile; None if it may or may not."""
    kills: bool
    """Whether it ends a script."""
    seconds: float
    """How long it lasts in the tests: as long as it takes to be noticed."""
    full_seconds: float
    """How long it lasts in the matrix."""
    befalls: Kind | None = None
    """The only kind of device that it can befall; None if it may befall each."""

    def __str__(self) -> str:
        return self.name


FAULTS: list[Fault] = []


def fault(
    name: str,
    proof: str | Proof | None = None,
    *,
    blinds: bool | None = True,
    kills: bool = False,
    seconds: float = 3,
    full_seconds: float = 0,
    befalls: Kind | None = None,
) -> Callable[[Act], Act]:
    """Put a fault into the catalogue."""

    def add(act: Act) -> Act:
        FAULTS.append(Fault(name, act, proof, blinds, kills, seconds, full_seconds or seconds, befalls))
        return act

    return add


# ---- the one that takes longest, first so that the tests of all take less ----


@fault("device frozen", seconds=20, full_seconds=60)
def device_frozen(world: World) -> Iterator[None]:
    world.device.freeze()
    yield
    world.device.thaw()


# ---- the broker ----


@fault("broker absent at start", "no broker listens", kills=True)
def broker_absent(world: World) -> Iterator[None]:
    world.stop_broker()
    world.device.restart()
    world.server.restart()
    yield
    world.start_broker()


@fault("broker killed", "The connection is lost")
def broker_killed(world: World) -> Iterator[None]:
    world.stop_broker()
    yield
    world.start_broker()


@fault("broker restarted with its memory", "The connection is lost", blinds=None, seconds=1)
def broker_restarted(world: World) -> Iterator[None]:
    world.stop_broker(remembers=True)
    world.start_broker()
    yield


@fault("broker restarted without its memory", "The connection is lost", blinds=None, seconds=1)
def broker_without_memory(world: World) -> Iterator[None]:
    world.stop_broker(remembers=False)
    world.start_broker()
    yield


@fault("broker out of connections", "ends the connection before answering")
def broker_full(world: World) -> Iterator[None]:
    """What Mosquitto does beyond max_connections: it accepts, and closes at once."""
    for network in world.networks:
        network.turn_away()
    yield
    for network in world.networks:
        network.flow()


# ---- the network ----


@fault("device's connection cut", "The connection is lost")
def device_cut(world: World) -> Iterator[None]:
    world.device_network.refuse()
    yield
    world.device_network.welcome()


@fault("server's connection cut", "The connection is lost")
def server_cut(world: World) -> Iterator[None]:
    world.server_network.refuse()
    yield
    world.server_network.welcome()


@fault("device's connection silent", full_seconds=30)
def device_silent(world: World) -> Iterator[None]:
    world.device_network.stall()
    yield
    world.device_network.flow()


@fault("server's connection silent", full_seconds=30)
def server_silent(world: World) -> Iterator[None]:
    world.server_network.stall()
    yield
    world.server_network.flow()


@fault("device's connection forgotten by a router", seconds=2)
def device_forgotten(world: World) -> Iterator[None]:
    """It is over at once: only the old connection stays silent, for ever."""
    world.device_network.forget()
    yield


@fault("server's connection forgotten by a router", seconds=2)
def server_forgotten(world: World) -> Iterator[None]:
    world.server_network.forget()
    yield


@fault(
    "connections slow (1 kB/s)",  # a command that was still on its way may be there at once, but not each time
    lambda world: any(world.led_follows_within(15) > 0.1 for _ in range(3)),
    blinds=False,
)
def slow(world: World) -> Iterator[None]:
    for network in world.networks:
        network.slow(1000)
    yield
    for network in world.networks:
        network.flow()


@fault(
    "device's connection loses every second packet",
    lambda world: world.device_network.lost > 0,
    blinds=None,
    seconds=10,
)
def device_loses(world: World) -> Iterator[None]:
    world.device_network.lose()
    yield
    world.device_network.flow()


@fault(
    "server's connection loses every second packet",
    lambda world: world.server_network.lost > 0,
    blinds=None,
    seconds=10,
)
def server_loses(world: World) -> Iterator[None]:
    world.server_network.lose()
    yield
    world.server_network.flow()


@fault("name resolution fails", "The broker's name is not found")
def no_names(world: World) -> Iterator[None]:
    (world.folder / "no-names").touch()
    for network in world.networks:
        network.cut()
    yield
    (world.folder / "no-names").unlink(missing_ok=True)


@fault("Wi-Fi gone", "There is no Wi-Fi", befalls="microcontroller")
def no_wifi(world: World) -> Iterator[None]:
    """What is on its way is lost; the broker is told nothing."""
    (world.folder / "no-wifi").touch()
    world.device_network.stall()
    yield
    world.device_network.forget()
    world.device_network.flow()
    (world.folder / "no-wifi").unlink(missing_ok=True)


# ---- the server and the device ----


@fault("server killed", kills=True)
def server_killed(world: World) -> Iterator[None]:
    world.server.kill()
    yield


@fault("server frozen", blinds=None, seconds=20, full_seconds=60)
def server_frozen(world: World) -> Iterator[None]:
    world.server.freeze()
    yield
    world.server.thaw()


@fault("two servers at once", "Sending message: {'led_on': True}", blinds=None)
def two_servers(world: World) -> Iterator[None]:
    with closing(world.rival_server("--threshold", "65535")):  # for which it is always dark
        yield


@fault("server answers nonsense", "Ignored a message on room/commands", kills=True)
def nonsense(world: World) -> Iterator[None]:
    world.server.kill()
    with closing(NonsenseServer(world.broker.port)):
        yield


@fault("device killed", kills=True)
def device_killed(world: World) -> Iterator[None]:
    world.device.kill()
    yield


@fault("two devices with one id", "The connection is lost", blinds=None)
def two_devices(world: World) -> Iterator[None]:
    with closing(world.rival_device()):
        yield


# ---- the board ----


@fault("board absent at start", "CounterFit is not there", kills=True)
def board_absent(world: World) -> Iterator[None]:
    world.stop_board()
    world.device.restart()
    yield
    world.start_board()


@fault("board killed", "CounterFit is not there")
def board_killed(world: World) -> Iterator[None]:
    world.stop_board()
    yield
    world.start_board()


@fault("board hangs", "accepts the connection but does not answer", seconds=4)
def board_hangs(world: World) -> Iterator[None]:
    world.board_network.stall()
    yield
    world.board_network.flow()


@fault("board returns errors", "answers with an error (500)")
def board_errors(world: World) -> Iterator[None]:
    with closing(BrokenBoard()) as broken:
        world.board_network.lead_to(broken.port)
        yield
        world.board_network.lead_to(world.board.port)


# ---- the rest ----


@fault("malformed messages on every topic", "Ignored a message on", blinds=None)
def malformed(world: World) -> Iterator[None]:
    for topic in ("telemetry", "commands", "status", "else", "telemetry/else"):
        for payload in [*BAD_TELEMETRY.values(), *BAD_COMMAND.values(), b"x" * 1_000_000]:
            world.say(topic, payload, retain=len(payload) % 2 == 0)
    yield


@fault(
    "disk full: nothing can be printed",
    lambda world: world.device.prints_to("/dev/full") or world.device.prints_to("/dev/null"),  # when it has noticed
    blinds=False,
    kills=True,
    befalls="script",
)
def nothing_can_be_printed(world: World) -> Iterator[None]:
    world.device.restart(output="/dev/full")
    yield


@fault(
    "terminal paused with Ctrl+S",
    lambda world: world.device.prints_to("/dev/pts/") and world.server.prints_to("/dev/pts/"),
    blinds=False,
    kills=True,
    seconds=12,
    full_seconds=30,
    befalls="script",
)
def terminal_paused(world: World) -> Iterator[None]:
    """Long enough for the keep-alive to lapse, if anybody waited for the terminal."""
    screen, keyboard = os.openpty()
    os.write(screen, b"\x13")
    for script in (world.device, world.server):
        script.restart(output=os.ttyname(keyboard))
    yield
    os.write(screen, b"\x11")
    os.close(screen)  # as when its window is closed at last, for whom nobody has left a SIGHUP
    os.close(keyboard)


@fault("clock moved ahead", lambda world: (world.folder / "clock-was-read").exists(), blinds=False)
def clock_ahead(world: World) -> Iterator[None]:
    with clock_moved(world, A_DECADE):
        yield


@fault("clock moved back", lambda world: (world.folder / "clock-was-read").exists(), blinds=False)
def clock_back(world: World) -> Iterator[None]:
    with clock_moved(world, -A_DECADE):
        yield


@contextmanager
def clock_moved(world: World, seconds: float) -> Iterator[None]:
    """For device and server."""
    (world.folder / "clock").write_text(str(seconds))
    try:
        yield
    finally:
        (world.folder / "clock").unlink(missing_ok=True)
        (world.folder / "clock-was-read").unlink(missing_ok=True)


OF_A_SCRIPT = [fault for fault in FAULTS if fault.befalls != "microcontroller"]
OF_A_MICROCONTROLLER = [fault for fault in FAULTS if fault.befalls != "script"]
"""Without what a terminal or a disk does: on a board, what nobody reads is dropped."""

WAYS = ("broker ", "device's connection", "server's connection", "connections", "name resolution")
SILENCES = ("device frozen", "device killed", "server frozen", "server killed")
OF_THE_CONNECTION = [
    fault
    for fault in OF_A_SCRIPT
    if fault.name.startswith((*WAYS, *SILENCES)) and fault.act is not broker_restarted  # a locked one has no memory
]
"""Those that befall the broker, the way to it, or whoever is connected: with a locked broker, they befall TLS."""
