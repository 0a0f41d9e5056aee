"""The folder of a locked broker, and the broker that is started from it."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509

from broker import certificates, folder, parties
from broker.lock import what_to_start
from broker.locked import Locked
from nightlight.messages import Command, GroupState, Override, Presence, Status, Telemetry
from nightlight.trust import Credentials
from tests.kit.locked import LockedBroker
from tests.kit.programs import ROOT, start_script, until
from tests.kit.stranger import Stranger

LOCK = ROOT / "broker/lock.py"
ODD_IDS = [
    "a/b/c",
    "\u65e5\u672c",
    "\U0001f319",
    "%u",
    "%c",
    "a%2Fb",
    "a:b;c=d",
    "'\"`",
    "back\\slash",
    "-x",
    "x" * 150,
]
ODD_IDS += [".", "../up", "a//b", "/a", "kitchen/user", "kitchen/check"]  # as folders


def content(folder: Path) -> dict[str, bytes]:
    """All files in it."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def lock(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """As a user calls it."""
    return subprocess.run(
        [sys.executable, LOCK, *map(str, arguments)], capture_output=True, encoding="utf-8", check=False
    )


def make(folder: Path) -> None:
    """Lock it for the kitchen, without a process of its own, where that is only what comes before."""
    with Locked.changed(folder, ["localhost"]) as locked:
        locked.add_device("kitchen")


# ---- the folder ----


def test_the_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    made = lock("--into", tmp_path / "locked", "--host", "localhost", "--device", "kitchen")
    assert made.returncode == 0, made.stderr
    for path in [tmp_path / "locked", *(tmp_path / "locked").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert {file.name for file in (tmp_path / "locked/devices/kitchen").iterdir()} == set(parties.FILES)


def test_git_ignores_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert lock("--into", tmp_path / "any name", "--host", "localhost").returncode == 0
    status = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    assert subprocess.run(status, capture_output=True, check=True).stdout == b""


def test_it_says_what_to_run(tmp_path: Path) -> None:
    said = lock("--into", tmp_path, "--host", "laptop.local", "--port", "8884", "--device", "my-room").stdout
    for line in (
        f"mosquitto -c {tmp_path}/mosquitto.conf",
        f"server/app.py --id my-room --broker mqtts://laptop.local:8884 --credentials {tmp_path}/server",
        f"page/app.py --id my-room --broker mqtts://laptop.local:8884 --credentials {tmp_path}/page",
        f"device/app.py --id my-room --broker mqtts://laptop.local:8884 --credentials {tmp_path}/devices/my-room",
    ):
        assert line in said


def test_it_says_so_to_nobody_as_well(tmp_path: Path) -> None:
    """As in `python3 run.py lock | head -1`."""
    command = f"'{sys.executable}' '{LOCK}' --into '{tmp_path}/locked' --host localhost | true"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", check=True)
    assert ended.stderr == ""
    assert is_whole(tmp_path / "locked")


def test_another_device_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    lock("--into", tmp_path, "--host", "localhost", "--device", "kitchen")
    before = content(tmp_path)
    said = lock("--into", tmp_path, "--device", "my-room", "--device", "kitchen").stdout
    after = content(tmp_path)
    assert "The device 'my-room' is let in." in said
    assert "'kitchen' is let in" not in said
    changed = {name for name in before if after.get(name) != before[name]}
    assert changed == {"lock.json", "broker/passwords", "broker/rights"}
    assert set(before["broker/passwords"].splitlines()) < set(after["broker/passwords"].splitlines())


def test_another_server_is_said(tmp_path: Path) -> None:
    lock("--into", tmp_path, "--host", "localhost", "--device", "stadium/1", "--device", "stadium/2")
    said = lock("--into", tmp_path, "--server", "two", "--server", "server").stdout
    assert "The server 'two' is let in." in said
    assert "'server' is let in" not in said
    starts = [line for line in said.splitlines() if "server/app.py --id stadium/+" in line]
    share = f"--share {Locked.read(tmp_path).share}"
    assert [line.partition("--credentials ")[2] for line in starts] == [
        f"{tmp_path}/server {share}",
        f"{tmp_path}/servers/two {share}",
    ]
    assert "--share" not in lock("--into", tmp_path, "--revoke-server", "two").stdout, "one has nobody to share with"
    assert "There is no server" in lock("--into", tmp_path, "--revoke-server", "server").stdout


def test_a_folder_from_before_there_were_several_servers(made: Path) -> None:
    state = json.loads((made / "lock.json").read_text())
    del state["servers"], state["share"]
    (made / "lock.json").write_text(json.dumps(state))
    assert lock("--into", made, "--server", "two").returncode == 0
    assert Locked.read(made).servers == ["server", "two"]
    assert Locked.read(made).share == Locked.read(made).share
    assert is_whole(made)


def test_many_may_be_connected(made: Path) -> None:
    """And the broker is started with as many open files."""
    with Locked.changed(made, []) as locked:
        locked.devices += [f"stadium/{seat}" for seat in range(2000)]
        assert f"ulimit -n 4106; mosquitto -c {made}/mosquitto.conf" in "\n".join(what_to_start(locked, []))
    assert "\nmax_connections 4006\n" in (made / "mosquitto.conf").read_text()


def test_another_port_is_said(made: Path) -> None:
    said = lock("--into", made, "--port", "8884").stdout
    assert "The broker listens on port 8884, when it is started again." in said
    assert "mqtts://localhost:8884" in said
    assert "Nothing is new." in lock("--into", made, "--port", "8884").stdout


def test_another_host_is_one_more(tmp_path: Path) -> None:
    lock("--into", tmp_path, "--host", "localhost", "--device", "kitchen")
    lock("--into", tmp_path, "--host", "192.168.1.20", "--host", "b\u00fccher.example", "--host", "::1")
    assert Locked.read(tmp_path).hosts == ["localhost", "192.168.1.20", "xn--bcher-kva.example", "::1"]


def test_without_a_host_it_proposes_this_machine(tmp_path: Path) -> None:
    lock("--into", tmp_path)
    assert {"localhost", "127.0.0.1"} < set(Locked.read(tmp_path).hosts)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--device", "a b"], "holds a blank"),
        (["--device", "a/+"], "holds '+'"),
        (["--device", "#"], "holds '#'"),
        (["--device", ""], "it is empty"),
        (["--device", "$x"], "begins with '$'"),
        (["--device", "x" * 201], "shorten it"),
        (["--host", "http://laptop"], "is no name or address"),
        (["--host", "a b"], "is no name or address"),
        (["--host", ""], "is no name or address"),
        (["--port", "0"], "is not a port from 1 to 65535"),
        (["--port", "1e3"], "is not a port from 1 to 65535"),
        (["--revoke", "cellar"], "no device 'cellar'"),
        (["--revoke-server", "two"], "no server 'two'"),
        (["--server", "a/b"], "'a/b' is not made of"),
        (["--server", ""], "'' is not made of"),
        (["--server", "x" * 33], "is not made of"),
        (["--certificates"], "works with passwords"),
        (["--check", "--renew"], "--check changes nothing"),
        (["--revoke", "kitchen", "--device", "kitchen"], "do one after the other"),
        (["--revoke-server", "two", "--server", "two"], "do one after the other"),
        (["--devise", "kitchen"], "--devise"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_a_line_and_changes_nothing(tmp_path: Path, arguments: list[str], says: str) -> None:
    make(tmp_path / "locked")
    before = content(tmp_path)
    ended = lock("--into", tmp_path / "locked", *arguments)
    assert ended.returncode in (1, 2)
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert content(tmp_path) == before


def test_a_folder_that_is_not_its_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary").write_text("dear diary")
    ended = lock("--into", tmp_path, "--host", "localhost")
    assert "is there already, and this did not make it" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["diary"]


@pytest.mark.parametrize("file", ["lock.json", "authority/cert.pem", "authority/key.pem", "broker/passwords"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff{"], ids=["empty", "an object", "a list", "no text"])
def test_a_damaged_file_is_said(tmp_path: Path, file: str, content: bytes) -> None:
    make(tmp_path)
    (tmp_path / file).write_bytes(content)
    ended = lock("--into", tmp_path, "--device", "my-room")
    assert ended.returncode == 1
    assert "is damaged" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_place_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ended = lock("--into", tmp_path / "file/locked", "--host", "localhost")
    assert ended.returncode == 1
    assert "cannot be used" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_each_odd_id_has_a_folder_and_a_user_of_its_own() -> None:
    ids = [*ODD_IDS, "kitchen", "check", "a/b", "A", "%", "/"]
    assert len({parties.user_of(id) for id in ids}) == len(ids)
    assert len({parties.folder_of(id) for id in ids}) == len(ids)
    for id in ids:
        assert ".." not in parties.folder_of(id).parts
        assert len(parties.user_of(id)) <= parties.LONGEST_USER


# ---- all at once, or not at all ----


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make(tmp_path / "locked")
    return tmp_path / "locked"


def is_whole(made: Path) -> bool:
    """Whether each device that it knows has all that it needs, and the broker all that it has to know of it."""
    locked = Locked.read(made)
    passwords, rights = ((made / "broker" / name).read_text() for name in ("passwords", "rights"))
    for party in locked.parties:
        Credentials.in_folder(made / party.folder).trust.context()
        assert f"{party.user}:" in passwords
        assert f"user {party.user}\n" in rights
    return True


def test_an_interruption_before_the_end_changes_nothing(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, put = content(made), folder.put

    def change(writes: int) -> bool:
        """Whether it comes to its end, when it is interrupted after so many files."""
        rest = iter(range(writes))

        def put_or_stop(file: Path, what: str | bytes) -> None:
            if next(rest, None) is None:
                raise KeyboardInterrupt
            put(file, what)

        monkeypatch.setattr("broker.locked.put", put_or_stop)
        try:
            with Locked.changed(made, []) as locked:
                locked.add_device("my-room")
                locked.renew()
        except KeyboardInterrupt:
            return False
        return True

    writes = 0
    while not change(writes):
        writes += 1
        assert content(made) == before
        assert [path.name for path in made.parent.iterdir()] == ["locked"]
    assert writes > 40, "it writes that many files"
    assert Locked.read(made).devices == ["kitchen", "my-room"]
    assert is_whole(made)


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(made: Path) -> None:
    for moment in range(8):
        before = Locked.read(made).devices
        process = subprocess.Popen([sys.executable, LOCK, "--into", made, "--device", f"room-{moment}"], stdout=-3)
        try:
            process.wait(0.15 + moment * 0.04)  # the moment is what varies, nothing is awaited
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert is_whole(made)
        assert Locked.read(made).devices in (before, [*before, f"room-{moment}"])
    assert lock("--into", made, "--device", "last").returncode == 0
    assert [path.name for path in made.parent.iterdir()] == ["locked"], "nothing is left of those that were killed"
    assert "last" in Locked.read(made).devices


def test_where_two_folders_cannot_change_places(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for Windows, and for file systems that cannot."""
    monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    with Locked.changed(made, []) as locked:
        locked.add_device("my-room")
    assert is_whole(made)
    assert [path.name for path in made.parent.iterdir()] == ["locked"]
    made.rename(made.with_name(".locked.old"))  # as far as it had come when it was killed
    with Locked.changed(made, []) as locked:
        assert locked.devices == ["kitchen", "my-room"]
    assert is_whole(made)


def test_several_at_once_wait_for_one_another(made: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda room: lock("--into", made, "--device", room), ["a", "b", "c", "d"]))
    assert [each.returncode for each in ended] == [0] * 4
    assert sorted(Locked.read(made).devices) == ["a", "b", "c", "d", "kitchen"]
    assert is_whole(made)


# ---- the certificates ----


def test_python_s_strict_mode_accepts_them(locked: LockedBroker) -> None:
    """Which is the default from Python 3.13 on: RFC 5280 in full."""
    for host in ("localhost", "127.0.0.1"):
        context = Credentials.in_folder(locked.folder / "server").trust.context()
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        with (
            socket.create_connection(("127.0.0.1", locked.port)) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            assert secure.version() == "TLSv1.3"


def test_each_is_backdated_and_has_a_key_of_its_own(tmp_path: Path) -> None:
    lock("--into", tmp_path, "--host", "localhost", "--device", "kitchen")
    certs = [x509.load_pem_x509_certificate(file.read_bytes()) for file in tmp_path.rglob("cert.pem")]
    assert len(certs) == 8, "the authority, the broker, and two each for the server, the page and the kitchen"
    for cert in certs:
        assert certificates.now() - cert.not_valid_before_utc >= certificates.A_DAY
    assert len({cert.public_key().public_numbers() for cert in certs}) == 8  # type: ignore[union-attr]


@pytest.fixture
def soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates that are made now hold for twenty days."""
    monkeypatch.setattr(certificates, "OF_A_CERTIFICATE", 20 * certificates.A_DAY)


def test_check_warns_a_month_ahead(tmp_path: Path, soon_over: None) -> None:
    with closing(LockedBroker.new(tmp_path / "locked", "kitchen")) as locked:
        ended = lock("--into", locked.folder, "--check")
        assert ended.returncode == 1
        assert "7 of these certificates have ended, or will within a month; renew them: --renew" in ended.stderr
        found = check(locked, "server")["TLS"]
        assert "ends on" in found["found"]
        assert "python3 run.py lock --renew" in found["found"]

        assert lock("--into", locked.folder, "--renew").returncode == 0
        assert lock("--into", locked.folder, "--check").returncode == 0
        locked.notice()
        assert "is trusted, until" in check(locked, "server")["TLS"]["found"], "the broker has taken it up"


def check(locked: LockedBroker, script: str, *options: str) -> dict[str, dict[str, str]]:
    """What its --check finds, by subject."""
    party = f"devices/{options[1]}" if script == "device" else script
    program = start_script(f"{script}/app.py", *locked.options(party), *options, "--check", "--json")
    program.wait()
    return {finding["subject"]: finding for finding in json.loads(program.text)["findings"]}


def test_renewed_certificates_leave_the_authority_and_the_passwords(made: Path) -> None:
    before = content(made)
    lock("--into", made, "--renew")
    after = content(made)
    kept = [name for name in before if name.endswith(("ca.pem", "password", "passwords", "user", "authority/key.pem"))]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert all(after[name] != before[name] for name in before if name.endswith("/cert.pem") and "authority" not in name)


def test_an_authority_near_its_end_is_renewed_as_well(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "OF_AN_AUTHORITY", 100 * certificates.A_DAY)
    with Locked.changed(made.with_name("other"), ["localhost"]):
        pass
    said = lock("--into", made.with_name("other"), "--renew").stdout
    assert "and the authority too: copy each device's folder again" in said
    assert lock("--into", os.path.relpath(made.with_name("other")), "--check").returncode == 0


# ---- the broker ----


def test_a_revoked_device_is_out_and_the_others_are_not(locked: LockedBroker) -> None:
    copied = locked.folder.with_name("copied")
    subprocess.run(["cp", "-r", locked.folder / "devices/kitchen", copied], check=True)
    kitchen = start_script("device/app.py", "--id", "kitchen", "--broker", locked.url, "--credentials", str(copied))
    my_room = Stranger(locked.port, "my-room/commands", credentials=locked.folder / "devices/my-room")
    with closing(kitchen), closing(my_room):
        kitchen.wait_for("MQTT connected!")
        said = lock("--into", locked.folder, "--revoke", "kitchen").stdout
        assert "The device 'kitchen' is let in no longer." in said
        assert not (locked.folder / "devices/kitchen").exists()
        assert "pkill -HUP -x mosquitto" in said
        locked.notice()
        assert ("starting the broker again ends it" in said) == locked.by_certificate
        if locked.by_certificate:
            locked.restart()
        kitchen.wait_for("Trying again...")
        found = check_folder(locked, copied)
        assert "no longer: it is revoked" in found or "Was it revoked" in found
        until(lambda: my_room.is_connected)

        lock("--into", locked.folder, "--device", "kitchen")
        locked.notice()
        with closing(Stranger(locked.port, credentials=locked.folder / "devices/kitchen")):
            pass  # it is let in with its new folder


def test_two_servers_share_the_work(stadium: LockedBroker) -> None:
    """Each is there under its own name, and does what a server does for one device, and for a group."""
    share, folder = Locked.read(stadium.folder).share, stadium.folder
    topics = [f"$share/{share}/stadium/+/telemetry", f"{share}/+/share", "stadium/+/status", "stadium/group"]
    with (
        closing(Stranger(stadium.port, *topics, "stadium/override", credentials=folder / "server")) as one,
        closing(Stranger(stadium.port, *topics, "stadium/override", credentials=folder / "servers/two")) as two,
        closing(Stranger(stadium.port, "stadium/group", "stadium/override", credentials=folder / "page")) as page,
        closing(Stranger(stadium.port, "stadium/1/commands", credentials=folder / "devices/stadium/1")) as seat,
    ):
        for server, user in ((one, "server"), (two, "two-server")):
            server.publish(Presence.topic(f"{share}/{user}"), b"here")
            server.publish(GroupState.topic("stadium"), user)
            server.publish(Command.topic("stadium/1"), user)
            seat.wait_for(Command.topic("stadium/1"), user.encode())
            for observer in (one, two):
                observer.wait_for(Presence.topic(f"{share}/{user}"), b"here")
                observer.wait_for(GroupState.topic("stadium"), user.encode())
            page.wait_for(GroupState.topic("stadium"), user.encode())
        two.publish(Presence.topic(f"{share}/server"), b"gone")  # is not its own
        page.publish(Override.topic("stadium"), b"wanted")
        seat.publish(Status.topic("stadium/1"), b"online")
        for reading in range(10):
            seat.publish(Telemetry.topic("stadium/1"), f"{reading}")
        for observer in (one, two):
            observer.wait_for(Override.topic("stadium"), b"wanted")
            observer.wait_for(Status.topic("stadium/1"), b"online")
            assert (Presence.topic(f"{share}/server"), b"gone") not in observer.heard
        until(lambda: len(readings_of(one)) + len(readings_of(two)) == 10, "all readings, each once")
        assert {*readings_of(one), *readings_of(two)} == {f"{reading}".encode() for reading in range(10)}
        assert min(len(readings_of(one)), len(readings_of(two))) > 0


def readings_of(server: Stranger) -> list[bytes]:
    return [payload for topic, payload in server.heard if topic == Telemetry.topic("stadium/1")]


def test_a_revoked_server_is_out_and_the_other_is_not(stadium: LockedBroker) -> None:
    """Nor does the other hear any longer that it is there."""
    copied, share = stadium.folder.with_name("copied"), Locked.read(stadium.folder).share
    subprocess.run(["cp", "-r", stadium.folder / "servers/two", copied], check=True)
    with (
        closing(Stranger(stadium.port, credentials=copied)) as two,
        closing(Stranger(stadium.port, f"{share}/+/share", credentials=stadium.folder / "server")) as one,
    ):
        two.publish(Presence.topic(f"{share}/two-server"), b"here")
        one.wait_for(Presence.topic(f"{share}/two-server"), b"here")
        said = lock("--into", stadium.folder, "--revoke-server", "two").stdout
        assert "The server 'two' is let in no longer." in said
        assert not (stadium.folder / "servers").exists()
        stadium.notice()
        assert ("starting the broker again ends it" in said) == stadium.by_certificate
        if stadium.by_certificate:
            since = len(one.heard)
            two.publish(Presence.topic(f"{share}/two-server"), b"here")
            one.publish(Presence.topic(f"{share}/server"), b"here")
            one.wait_for(Presence.topic(f"{share}/server"), b"here")
            assert len(one.heard) == since + 1, "it is silent"
            stadium.restart()
        until(lambda: one.is_connected and not two.is_connected)
        found = check_folder(stadium, copied)
        assert "no longer: it is revoked" in found or "Was it revoked" in found


def test_what_the_broker_has_kept_of_a_revoked_member_is_not_heard_again(stadium: LockedBroker) -> None:
    with closing(Stranger(stadium.port, credentials=stadium.folder / "devices/stadium/1")) as seat:
        seat.publish(Status.topic("stadium/1"), b"online", retain=True)
    with closing(Stranger(stadium.port, credentials=stadium.folder / "devices/stadium/2")) as seat:
        seat.publish(Status.topic("stadium/2"), b"online", retain=True)
    stadium.revoke("stadium/1")
    with closing(Stranger(stadium.port, credentials=stadium.folder / "devices/stadium/2")) as seat:
        seat.publish(Status.topic("stadium/2"), b"online", retain=True)  # a broker that was restarted keeps nothing
    with closing(Stranger(stadium.port, "stadium/+/status", credentials=stadium.folder / "page")) as page:
        until(lambda: page.retained, "what is kept")
        assert page.retained == [(Status.topic("stadium/2"), b"online")]


def check_folder(locked: LockedBroker, folder: Path) -> str:
    program = start_script("server/app.py", "--broker", locked.url, "--credentials", str(folder), "--check")
    assert program.wait() == 1
    return program.text


def test_each_odd_id_has_its_own_rights(tmp_path: Path) -> None:
    with (
        closing(LockedBroker.new(tmp_path / "locked", "kitchen", *ODD_IDS)) as locked,
        closing(Stranger(locked.port, "#", credentials=locked.folder / "page")) as page,
        closing(Stranger(locked.port, credentials=locked.folder / "server")) as server,
    ):
        for id in ODD_IDS:
            own = locked.folder / parties.folder_of(id)
            with closing(Stranger(locked.port, "#", credentials=own)) as device:
                device.publish(Telemetry.topic("kitchen"), b"forged")
                device.publish(Override.topic(id), b"forged")
                device.publish(Telemetry.topic(id), b"its own")
                page.wait_for(Telemetry.topic(id), b"its own")
                server.publish(Command.topic("kitchen"), b"for the kitchen")
                server.publish(Command.topic(id), b"for it")
                device.wait_for(Command.topic(id), b"for it")
                assert [payload for _, payload in device.heard] == [b"its own", b"for it"]
        assert "forged" not in str(page.heard)
