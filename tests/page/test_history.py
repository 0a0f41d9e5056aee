"""The history: on disk, bounded, and whatever a disk does, said and never raised."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import page.history
from page.history import CHUNK, Curve, History, open_history
from tests.kit.programs import until

Said = Callable[[], list[str]]
NOW = float(int(time.time()))
DAY = 86_400.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.sqlite3"


@pytest.fixture
def history(file: Path) -> Iterator[History]:
    with History(file, days=7) as history:
        yield history


def lights(history: History, id: str = "room") -> list[int]:
    return [light for _, light, _, _ in history.rows(id) if light is not None]


# ---- what it keeps ----


def test_what_was_told_comes_back_in_the_order_of_its_times(history: History) -> None:
    history.put_light("room", NOW, 80)
    history.put_light("room", NOW - 60, 400)  # a late one
    history.put_led("room", NOW + 0.1, True, "server")
    history.put_light("other", NOW, 7)
    assert list(history.rows("room")) == [
        (NOW - 60, 400, None, None),
        (NOW, 80, None, None),
        (NOW + 0.1, None, True, "server"),
    ]
    assert history.knows("room")
    assert not history.knows("nobody")


def test_it_survives_the_program(file: Path) -> None:
    with History(file, days=7) as history:
        history.put_light("room", NOW, 80)
    with History(file, days=7) as history:
        assert lights(history) == [80]


def test_a_crash_costs_what_was_not_written_yet_and_no_more(file: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from page.history import History\n"
        "history = History(Path(sys.argv[1]), 7); history.put_light('room', float(sys.argv[2]), 80)\n"
        "history.knows('room'); history.put_light('room', float(sys.argv[2]) + 1, 81); os._exit(9)"
    )
    command = [sys.executable, "-c", script, str(file), str(NOW)]
    assert subprocess.run(command, cwd=Path(page.history.__file__).parents[1], check=False).returncode == 9
    with History(file, days=7) as history:
        assert lights(history) == [80]


def test_a_second_later_it_is_on_disk_without_being_asked(
    history: History, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.put_light("room", NOW, 80)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if file.exists():
            database = sqlite3.connect(file)
            try:
                if database.execute("SELECT count(*) FROM readings").fetchone() == (1,):
                    return
            except sqlite3.OperationalError:
                pass  # it is just being made
            finally:
                database.close()
        time.sleep(0.05)
    pytest.fail("it was not written")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_nobody_else_may_read_it(history: History, file: Path) -> None:
    history.put_light("room", NOW, 80)
    assert lights(history) == [80]
    assert {stat.S_IMODE(found.stat().st_mode) for found in file.parent.iterdir()} == {0o600}


def test_any_number_of_rows_comes_back_each_once(history: History) -> None:
    count = 2 * CHUNK + 7
    for number in range(count):
        history.put_light("room", NOW - count + number, number)
    assert lights(history) == list(range(count))


def test_a_reading_and_an_led_of_the_same_time_come_back_both(history: History) -> None:
    """Also where the one is the last that is read at a time, and the other the first of the next."""
    for number in range(CHUNK + 1):
        history.put_light("room", NOW - number, number)
        history.put_led("room", NOW - number, True, "server")
    for shift in (0, 1):
        rows = list(history.rows("room"))
        assert len(rows) == 2 * (CHUNK + 1) + shift
        history.put_light("room", NOW - DAY, 1)  # now the other one is the last


def test_ids_are_only_texts(history: History) -> None:
    for id in ("'; DROP TABLE lamps; --", "客厅", "a/b", "a\x00b", ""):
        history.put_light(id, NOW, 1)
    assert history.knows("'; DROP TABLE lamps; --")
    assert history.knows("客厅")


def test_each_id_of_a_page_has_a_file_of_its_own(tmp_path: Path) -> None:
    for id in ("room/+", "../room", "room"):
        with open_history(tmp_path, id, 7) as history:
            history.put_light("x", NOW, 1)
    assert sorted(found.name for found in tmp_path.iterdir()) == [
        "history-..%2Froom.sqlite3",
        "history-room%2F%2B.sqlite3",
        "history-room.sqlite3",
    ]


def test_kept_for_no_day_at_all_nothing_is_written(tmp_path: Path) -> None:
    with open_history(tmp_path, "room", 0) as history:
        history.put_light("room", NOW, 80)
        assert lights(history) == [80], "but it is in memory"
        assert not history.problem
    assert list(tmp_path.iterdir()) == []


# ---- what it forgets ----


def test_what_is_too_old_goes(history: History) -> None:
    history.put_light("room", NOW - 8 * DAY, 1)
    history.put_led("room", NOW - 8 * DAY, True, "server")
    history.put_light("room", NOW - 6 * DAY, 2)
    history.put_light("gone", NOW - 8 * DAY, 3)
    assert list(history.rows("room")) == [(NOW - 6 * DAY, 2, None, None)]
    assert not history.knows("gone")


def test_of_too_many_the_oldest_go(file: Path) -> None:
    with History(file, days=7, at_most=100) as history:
        for number in range(300):
            history.put_light("room" if number % 2 else "other", NOW - 300 + number, number)
        kept = sorted(lights(history) + lights(history, "other"))
    assert len(kept) <= 100
    assert kept == list(range(300))[-len(kept) :]
    assert len(kept) >= 80, "but no more than must"


def test_of_lamps_that_are_forgotten_nothing_is_left(file: Path) -> None:
    with History(file, days=7) as history:
        for number in range(1000):
            history.put_light(f"invented-{number}", NOW - 8 * DAY, 1)
        history.put_light("room", NOW, 1)
        assert history.knows("room")
    database = sqlite3.connect(file)
    assert database.execute("SELECT id FROM lamps").fetchall() == [("room",)]
    database.close()


def test_what_waits_for_the_disk_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.history, "MOST_WAITING", 10)
    monkeypatch.setattr(page.history, "PAUSE", 60.0)  # longer than this test
    with History(None, days=7) as history:
        for number in range(25):
            history.put_light("room", NOW + number, number)
        assert lights(history) == list(range(15, 25))


# ---- the curve ----


def test_of_many_readings_the_lowest_and_the_highest_remain(history: History) -> None:
    for number in range(10_000):
        history.put_light("room", NOW - 10_000 + number, {3_333: 0, 7_777: 1023}.get(number, 500))
    curve = history.curve("room", NOW - 10_000, NOW, most=600)
    assert 100 < len(curve.light) <= 600 + 2
    assert (NOW - 10_000 + 3_333, 0) in curve.light
    assert (NOW - 10_000 + 7_777, 1023) in curve.light
    assert curve.light == sorted(curve.light)


def test_few_readings_are_all_there(history: History) -> None:
    told = [(NOW - 100 + number, number) for number in range(100)]
    for at, light in told:
        history.put_light("room", at, light)
    assert history.curve("room", NOW - 100, NOW, most=600).light == told


def test_a_curve_begins_with_what_went_before(history: History) -> None:
    for at, light, led_on in ((NOW - 500, 1, True), (NOW - 400, 2, False), (NOW - 10, 3, True)):
        history.put_light("room", at, light)
        history.put_led("room", at, led_on, "server")
    history.put_light("room", NOW + 500, 4)
    curve = history.curve("room", NOW - 100, NOW)
    assert curve.light == [(NOW - 400, 2), (NOW - 10, 3)]
    assert curve.led == [(NOW - 400, False), (NOW - 10, True)]


def test_of_a_lamp_that_nobody_knows_there_is_an_empty_one(history: History) -> None:
    assert history.curve("nobody", NOW - 100, NOW) == Curve([], [])


def test_many_threads_at_once(history: History) -> None:
    def tell(lamp: int) -> None:
        for number in range(500):
            history.put_light(f"room-{lamp}", NOW - 500 + number, number)

    def ask() -> None:
        while any(teller.is_alive() for teller in tellers):
            history.curve("room-0", NOW - 500, NOW)
            list(history.rows("room-1"))

    tellers = [threading.Thread(target=tell, args=[lamp]) for lamp in range(3)]
    askers = [threading.Thread(target=ask) for _ in range(2)]
    for thread in tellers + askers:
        thread.start()
    for thread in tellers + askers:
        thread.join(60)
    for lamp in range(3):
        assert lights(history, f"room-{lamp}") == list(range(500))
    assert not history.problem


# ---- a damaged file ----


def damage(file: Path, how: str) -> None:
    file.parent.mkdir()
    if how == "it is no database":
        file.write_bytes(b"These are no readings. " * 500)
        return
    with History(file, days=7) as history:
        for number in range(3000):
            history.put_light("old", NOW - 3000 + number, number)
    if how == "a part of it is nonsense":
        with file.open("r+b") as opened:
            opened.seek(8192)
            opened.write(os.urandom(20_000))
        return
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 99")
    database.close()


@pytest.mark.parametrize("how", ["it is no database", "a part of it is nonsense", "it is of a newer version"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(file: Path, warnings_said: Said, how: str) -> None:
    damage(file, how)
    before = file.read_bytes()
    with History(file, days=7) as history:
        history.put_light("room", NOW, 80)
        assert lights(history) == [80]
        assert history.problem.startswith("is damaged (")
    [line] = warnings_said()
    assert line.startswith("The history is damaged (")
    assert ("version 99" in line) == (how == "it is of a newer version")
    [aside] = file.parent.glob("history.sqlite3.damaged-????????-??????-????")
    assert str(aside) in line
    assert aside.read_bytes() == before
    with History(file, days=7) as history:
        assert lights(history) == [80], "and the new one lasts"


# ---- a disk that fails ----


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A history's file in a folder that cannot be made, until `file_in_the_way` is gone."""
    (tmp_path / "in_the_way").write_text("")
    return tmp_path / "in_the_way" / "history.sqlite3"


def test_where_the_disk_cannot_be_used_that_is_said_once_and_all_is_kept_in_memory(
    blocked: Path, warnings_said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.history, "RETRY", 0.0)  # it is tried each time
    with History(blocked, days=7) as history:
        for number in range(5):
            history.put_light("room", NOW + number, number)
            assert lights(history) == list(range(number + 1))
        assert str(blocked) in history.problem
        assert "kept in memory" in history.problem
        assert warnings_said() == [f"The history {history.problem}"]


def test_where_even_what_is_too_old_cannot_be_left_out_it_goes_on(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is full: leaving out needs room as well."""
    prune = History._prune

    def fail(history: History) -> bool:
        if history._is_on_disk:
            raise sqlite3.OperationalError("database or disk is full")
        return prune(history)

    monkeypatch.setattr(History, "_prune", fail)
    history.put_light("room", NOW, 1)
    assert history.curve("room", NOW - 1, NOW).light in ([], [(NOW, 1)])
    history.put_light("room", NOW, 2)
    assert lights(history) == [2]


def test_what_was_kept_in_memory_comes_to_the_disk_when_that_is_back(
    blocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.history, "RETRY", 0.0)
    with History(blocked, days=7) as history:
        history.put_light("room", NOW, 1)
        history.put_led("room", NOW + 0.5, True, "server")
        assert lights(history) == [1]
        blocked.parent.unlink()
        history.put_light("room", NOW + 1, 2)
        assert lights(history) == [1, 2]
        assert not history.problem
    with History(blocked, days=7) as history:
        assert [row[1:] for row in history.rows("room")] == [
            (1, None, None),
            (None, True, "server"),
            (2, None, None),
        ]


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root's on Linux"
)
def test_a_full_disk(tmp_path: Path, warnings_said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.history, "RETRY", 0.2)
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", disk], check=True)
    try:
        with History(disk / "history.sqlite3", days=7) as history:
            history.put_light("room", NOW - 1, 1)
            assert lights(history) == [1]
            ballast = disk / "ballast"
            with pytest.raises(OSError, match="No space"), ballast.open("wb", buffering=0) as opened:
                while True:
                    opened.write(bytes(4096))
            for number in range(20_000):
                history.put_light("room", NOW + number, number)
            assert lights(history)[-1] == 19_999
            for _ in range(3):  # it is tried again and again
                tried = history._next_try
                until(lambda tried=tried: lights(history) and history._next_try > tried, "another try")  # type: ignore[misc]
            assert "full" in history.problem
            assert warnings_said() == [f"The history {history.problem}"]
            ballast.unlink()
            until(lambda: history.knows("room") and not history.problem, "the disk")
            assert lights(history) == [1, *range(20_000)]
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no file that is open")
def test_a_file_that_is_deleted_while_it_is_used_is_said_and_a_new_one_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings_said: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(page.history, "PRUNE", 0.0)
    monkeypatch.setattr(page.history, "RETRY", 0.0)
    file = tmp_path / "history.sqlite3"
    with History(file, 7) as history:
        history.put_light("room", time.time(), 80)
        assert history.knows("room")
        file.unlink()

        def is_kept_again() -> bool:
            history.put_light("room", time.time(), 81)
            return history.knows("room") and file.exists()

        until(is_kept_again, "another file")
        assert "cannot be kept" in warnings_said()[0]
