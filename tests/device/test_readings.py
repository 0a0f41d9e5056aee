"""Readings on disk: what is kept, in which order, and what a bad disk does to them."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from device.readings import Readings
from nightlight.messages import Telemetry


def open_readings(folder: Path, at_most: int = 1000) -> closing[Readings]:
    return closing(Readings(folder, "room/7", at_most))


def lights(readings: Readings) -> list[int]:
    return [telemetry.light for _, telemetry in readings.after(0, 1_000_000)]


def test_they_are_kept_in_order_from_one_start_to_the_next(tmp_path: Path) -> None:
    with open_readings(tmp_path) as readings:
        for light in range(5):
            readings.add(Telemetry(light, 1.5 * light))
    with open_readings(tmp_path) as readings:
        assert lights(readings) == [0, 1, 2, 3, 4]
        assert readings.after(0, 2)[1][1] == Telemetry(1, 1.5)


def test_what_has_arrived_goes_and_its_number_is_not_used_again(tmp_path: Path) -> None:
    with open_readings(tmp_path) as readings:
        numbers = [readings.add(Telemetry(light, 0.0)) for light in range(3)]
        assert numbers[2]
        readings.remove_through(numbers[2])
        assert lights(readings) == []
    with open_readings(tmp_path) as readings:
        number = readings.add(Telemetry(7, 0.0))
        assert number
        assert number > numbers[2]


def test_of_too_many_the_oldest_go(tmp_path: Path, warnings_said: Callable[[], list[str]]) -> None:
    with open_readings(tmp_path, at_most=10) as readings:
        for light in range(25):
            readings.add(Telemetry(light, 0.0))
        assert lights(readings) == list(range(15, 25))
    [line] = warnings_said()
    assert "10 readings are kept, and no more" in line


DAMAGE = {
    "no database": b"this is no database, and never was" * 100,
    "zeros": bytes(10_000),
    "a header only": b"SQLite format 3\x00",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes, warnings_said: Callable[[], list[str]]) -> None:
    (tmp_path / "room%2F7.sqlite3").write_bytes(content)
    with open_readings(tmp_path) as readings:
        assert readings.add(Telemetry(80, 0.0))
        assert lights(readings) == [80]
    [aside] = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == content
    [line] = warnings_said()
    assert str(aside) in line


def test_damage_inside_a_file_is_noticed(tmp_path: Path, warnings_said: Callable[[], list[str]]) -> None:
    with open_readings(tmp_path) as readings:
        for light in range(1000):
            readings.add(Telemetry(light, 0.0))
    file = tmp_path / "room%2F7.sqlite3"
    content = bytearray(file.read_bytes())
    content[5000:9000] = b"\xff" * 4000
    file.write_bytes(content)
    with open_readings(tmp_path) as readings:
        assert readings.add(Telemetry(80, 0.0))
        assert lights(readings) == [80]
    assert "set aside" in warnings_said()[0]


def test_a_new_file_goes_on_counting(tmp_path: Path) -> None:
    """Otherwise those who remember how far they have got would overlook what is in it."""
    with open_readings(tmp_path) as readings:
        before = [readings.add(Telemetry(light, 0.0)) for light in range(1000)]
        readings._give_up()
        file = tmp_path / "room%2F7.sqlite3"
        file.write_bytes(b"x" * file.stat().st_size)
        readings._next_try = 0
        number = readings.add(Telemetry(80, 0.0))
        assert number == len(before) + 1
        assert readings.after(len(before), 10) == [(number, Telemetry(80, 0.0))]


def test_a_folder_that_cannot_be_had_is_said_and_nothing_else_happens(
    tmp_path: Path, warnings_said: Callable[[], list[str]]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with open_readings(tmp_path / "file") as readings:
        assert readings.add(Telemetry(80, 0.0)) is None
        assert lights(readings) == []
        readings.remove_through(5)
    [line] = warnings_said()
    assert "cannot be kept" in line


def test_two_devices_do_not_share_a_file(tmp_path: Path, warnings_said: Callable[[], list[str]]) -> None:
    with open_readings(tmp_path) as first, open_readings(tmp_path) as second:
        assert first.add(Telemetry(80, 0.0))
        assert second.add(Telemetry(90, 0.0)) is None
    assert "locked" in warnings_said()[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_on_a_full_disk_the_oldest_give_way(small_disk: Path, warnings_said: Callable[[], list[str]]) -> None:
    with open_readings(small_disk, at_most=10_000_000) as readings:
        for light in range(120_000):
            assert readings.add(Telemetry(light % 60_000, 1e9 + light)), light
        kept = [telemetry.time or 0 for _, telemetry in readings.after(0, 1_000_000)]
        assert kept[-1] == 1e9 + 119_999
        assert kept == sorted(kept)
        assert len(kept) > 20_000, "most of the disk is used"
    assert len(warnings_said()) == 1, warnings_said()
    assert "The oldest" in warnings_said()[0] or "the oldest" in warnings_said()[0]


def test_when_somebody_else_fills_the_disk_the_oldest_give_way(
    small_disk: Path, warnings_said: Callable[[], list[str]]
) -> None:
    with open_readings(small_disk) as readings:
        for light in range(900):
            assert readings.add(Telemetry(light, 0.0))
        with (small_disk / "film").open("wb", buffering=0) as film:
            try:
                while film.write(bytes(4096)):
                    pass
            except OSError:
                pass
        for light in range(5000):
            assert readings.add(Telemetry(light, 1.0)), light
        assert lights(readings)[-1] == 4999
    assert len(warnings_said()) <= 2


def test_the_file_is_plain_sqlite(tmp_path: Path) -> None:
    with open_readings(tmp_path) as readings:
        readings.add(Telemetry(80, 12.5))
    with closing(sqlite3.connect(tmp_path / "room%2F7.sqlite3")) as database:
        assert database.execute("SELECT time, light FROM readings").fetchall() == [(12.5, 80)]


# ---- rows and files that are not what they should be ----


@pytest.mark.parametrize(
    ("time", "light"),
    [(None, 5), (1.0, None), (1.0, "dark"), ("noon", 5), (1.0, b"\xff"), (b"\xff", 5), (1.0, -1), (1e300, 5)],
    ids=repr,
)
def test_a_row_that_is_no_reading_is_left_out(
    tmp_path: Path, warnings_said: Callable[[], list[str]], time: object, light: object
) -> None:
    with open_readings(tmp_path) as readings:
        readings.add(Telemetry(1, 0.0))
        readings.add(Telemetry(2, 0.0))
    with closing(sqlite3.connect(tmp_path / "room%2F7.sqlite3")) as database, database:
        database.execute("INSERT INTO readings (time, light) VALUES (?, ?)", (time, light))
    for _ in range(2):
        with open_readings(tmp_path) as readings:
            assert lights(readings) == [1, 2]
    [line] = warnings_said()
    assert line.startswith("Of the kept readings 1 are damaged, and left out")


def test_a_file_of_another_version_is_set_aside(tmp_path: Path, warnings_said: Callable[[], list[str]]) -> None:
    with open_readings(tmp_path) as readings:
        readings.add(Telemetry(1, 0.0))
    with closing(sqlite3.connect(tmp_path / "room%2F7.sqlite3")) as database, database:
        assert database.execute("PRAGMA user_version").fetchall() == [(1,)]
        database.execute("PRAGMA user_version = 2")
    with open_readings(tmp_path) as readings:
        assert readings.add(Telemetry(80, 0.0))
        assert lights(readings) == [80]
    [line] = warnings_said()
    assert "(version 2)" in line
    [aside] = tmp_path.glob("*.damaged-*")
    with closing(sqlite3.connect(aside)) as database:
        assert database.execute("SELECT light FROM readings").fetchall() == [(1,)], "nothing is lost"


def test_a_damaged_file_that_cannot_be_set_aside_is_said_once(
    tmp_path: Path, warnings_said: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where another program may have it open; it is a stand-in, since nothing is refused to root."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    file = tmp_path / "room%2F7.sqlite3"
    file.write_bytes(b"no database" * 1000)
    with open_readings(tmp_path) as readings:
        for _ in range(100):
            assert readings.add(Telemetry(80, 0.0)) is None, "so that it is sent, or let go"
            readings._next_try = 0
    [line] = warnings_said()
    assert "cannot be set aside" in line
    assert file.read_bytes() == b"no database" * 1000


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole")
    with open_readings(folder) as readings:
        for light in range(400):
            readings.add(Telemetry(light, 1e9 + light))
    return (folder / "room%2F7.sqlite3").read_bytes()


@pytest.mark.parametrize("seed", range(0, 300, 50))
def test_whatever_is_damaged_in_a_file_new_readings_are_kept_again(
    tmp_path: Path, whole_file: bytes, seed: int
) -> None:
    for each in range(seed, seed + 50):
        folder = tmp_path / str(each)
        folder.mkdir()
        keep_beside_damage(folder, whole_file, random.Random(each))


def keep_beside_damage(folder: Path, whole_file: bytes, chance: random.Random) -> None:
    damaged = bytearray(whole_file)
    for _ in range(chance.choice([1, 10, 100])):
        # The first page holds the schema: damage there does most.
        damaged[chance.randrange(chance.choice([200, 4096, len(damaged)]))] = chance.randrange(256)
    (folder / "room%2F7.sqlite3").write_bytes(damaged)
    with open_readings(folder) as readings:
        for light in (1001, 1002):
            number = readings.add(Telemetry(light, 0.0))
            readings._next_try = 0
        assert number, "the second at the latest"
        assert lights(readings)[-1] == 1002
        readings.remove_through(number)
        assert lights(readings) == []
