"""python3 run.py lock: does what it is asked for, and says what to start."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # where the imports below are, from any folder

from broker.certificates import A_MONTH, now
from broker.locked import FEWEST_CONNECTIONS, CannotLock, Locked, this_machine
from broker.options import LockOptions, read_options
from broker.parties import folder_of, folder_of_server
from nightlight.address import BrokerAddress
from nightlight.notices import show

VENV_PYTHON = r".venv\Scripts\python" if os.name == "nt" else ".venv/bin/python"


def main() -> int:
    options = read_options(sys.argv[1:])
    folder = options.into or ROOT / "locked"
    try:
        lines = check(folder.absolute()) if options.check else lock(folder, options)
        show(*lines)
    except CannotLock as error:
        print(f"run.py lock: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nInterrupted: {folder} is as it was, or as it was to be.", file=sys.stderr)
        return 1
    return 0


def lock(folder: Path, options: LockOptions) -> list[str]:
    """Do what was asked for; what there is to say about it."""
    done = []
    with Locked.changed(folder, options.hosts or this_machine(), options.by_certificate) as locked:
        if options.by_certificate and not locked.by_certificate:
            raise CannotLock(f"{folder} works with passwords. For certificates choose another folder with --into.")
        if options.port and options.port != locked.port:
            locked.port = options.port
            done.append(f"The broker listens on port {locked.port}, when it is started again.")
        if options.hosts and locked.add_hosts(options.hosts):
            done.append("The broker has a new certificate, which holds for its new names as well.")
        done += [f"The device {id!r} is let in." for id in options.devices if locked.add_device(id)]
        done += [f"The server {name!r} is let in." for name in options.servers if locked.add_server(name)]
        for id in options.revoked:
            locked.revoke(id)
            done.append(f"The device {id!r} is let in no longer. Its folder is gone; who has a copy has nothing.")
        for name in options.revoked_servers:
            locked.revoke_server(name)
            done.append(f"The server {name!r} is let in no longer. Its folder is gone; who has a copy has nothing.")
        if (options.revoked or options.revoked_servers) and locked.by_certificate:
            done.append("A connection that it still has can say and hear nothing; starting the broker again ends it.")
        if options.renew:
            done.append(renewed(locked, is_new_authority=locked.renew()))
        said = list(what_to_start(locked, options.devices or locked.devices))
    if locked.is_new:
        done = [f"{shown(folder)} is ready. You alone can read it, and git ignores it."]
    elif not done:
        done = ["Nothing is new."]
    return [*done, "", *([] if locked.is_new else [*how_the_broker_notices(), ""]), *said]


def what_to_start(locked: Locked, devices: list[str]) -> Iterator[str]:
    """The lines to run: broker, server, page, and these devices."""
    home, hosts = locked.home, locked.hosts
    here = BrokerAddress("localhost" if "localhost" in hosts else hosts[0], locked.port, tls=True)
    there = BrokerAddress(hosts[0], locked.port, tls=True)
    yield "On this machine, each in a terminal of its own:"
    yield ""
    yield f"    {more_files(locked.most_connections)}mosquitto -c {path(home / 'mosquitto.conf')}"
    share = f" --share {locked.share}" if len(locked.servers) > 1 else ""
    for id in ids_of_servers(locked.devices):
        options = f"--id {shlex.quote(id)} --broker {here.url} --credentials"
        for name in locked.servers:
            yield f"    {VENV_PYTHON} server/app.py {options} {path(home / folder_of_server(name))}{share}"
        yield f"    {VENV_PYTHON} page/app.py {options} {path(home / 'page')}"
    yield ""
    if len(ids_of_servers(locked.devices)) > 1:
        yield "Each hears ids with the same number of levels. Start one with each folder: a second pushes it out."
        yield ""
    if share:
        yield f"A server may be on another machine: copy its folder there, and write {there.url}. Keep the name that"
        yield "follows --share to yourself: who is let in and knows it can take readings away from the servers."
        yield ""
    for id in devices:
        folder = path(home / folder_of(id))
        yield f"The device {id!r}: copy this folder to the same place in the nightlight there, and start it:"
        yield ""
        yield f"    {folder}"
        yield f"    python device/app.py --id {shlex.quote(id)} --broker {there.url} --credentials {folder}"
        yield ""
    if not locked.servers:
        yield "There is no server: --server server lets one in."
    if not locked.devices:
        yield "There is no device yet: --device my-room lets one in."
    yield f"The broker is reached as {' or '.join(hosts)}; --host adds another name or address."
    yield f"The certificates hold until {min(locked.ends().values()):%Y-%m-%d}. A month before, --check says: --renew."


def more_files(connections: int) -> str:
    """What goes before the broker's start, if it needs more open files than a terminal gives to a program."""
    is_many = connections > FEWEST_CONNECTIONS and os.name != "nt"
    return f"ulimit -n {connections + 100}; " if is_many else ""


def ids_of_servers(ids: list[str]) -> list[str]:
    """For each number of levels the id, with `+` where these differ, under which a server or page hears them all."""
    by_length: dict[int, list[list[str]]] = {}
    for id in ids or ["+"]:
        by_length.setdefault(id.count("/"), []).append(id.split("/"))
    return [
        "/".join(levels[0] if len(set(levels)) == 1 else "+" for levels in zip(*alike, strict=True))
        for alike in by_length.values()
    ]


def renewed(locked: Locked, is_new_authority: bool) -> str:
    """What was renewed, and who has to know."""
    if is_new_authority:
        return "All certificates are new, and the authority too: copy each device's folder again."
    if locked.by_certificate:
        return "All certificates are new: copy each device's folder again, before the old ones end."
    return "All certificates are new. Nothing has to be copied: devices are known by their passwords."


def how_the_broker_notices() -> Iterator[str]:
    """One that runs reads its files anew when it is told to."""
    if os.name == "nt":
        yield "A broker that runs has to be started again, to notice."
    else:
        yield "A broker that runs notices when it is told so:"
        yield ""
        yield "    pkill -HUP -x mosquitto"


def check(folder: Path) -> list[str]:
    """How long the certificates hold. CannotLock if one has ended, or does within a month."""
    ends = Locked.read(folder).ends()
    late = [name for name, end in ends.items() if end - now() < A_MONTH]
    lines = [f"{end:%Y-%m-%d}  {name}" for name, end in sorted(ends.items(), key=lambda each: each[1])]
    if late:
        show(*lines)
        raise CannotLock(f"{len(late)} of these certificates have ended, or will within a month; renew them: --renew")
    return [*lines, "", "All of them hold for longer than a month."]


def path(path: Path) -> str:
    """As it is written in a command: from the project's folder, if it is in there."""
    return shlex.quote(shown(path))


def shown(path: Path) -> str:
    path = path.absolute()
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    sys.exit(main())
