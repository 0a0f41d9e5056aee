"""Fixtures of the page's tests: a browser and a whole nightlight, which the tests of a worker share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from selenium import webdriver

from tests.kit.browser import Browser, chromium
from tests.kit.pages import PASSWORD, Group, Kitchen, Lamps, Page
from tests.kit.programs import until
from tests.page.axe import bring_axe


@pytest.fixture(scope="package")
def shared_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def browser(shared_chromium: webdriver.Chrome) -> Browser:
    """As if it was new."""
    return Browser(shared_chromium)


@pytest.fixture(scope="package")
def axe() -> str:
    """The script of axe-core."""
    return bring_axe()


@pytest.fixture(scope="package")
def shared_kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kitchen]:
    with closing(Kitchen(tmp_path_factory.mktemp("kitchen"))) as kitchen:
        yield kitchen


@pytest.fixture
def kitchen(shared_kitchen: Kitchen) -> Kitchen:
    """In bright light with the LED off. A test may kill its parts, and starts them again."""
    shared_kitchen.calm()
    return shared_kitchen


@pytest.fixture(scope="package")
def shared_room(shared_kitchen: Kitchen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of the lamps `room/+`, at the kitchen's broker."""
    with closing(Page(shared_kitchen.broker, tmp_path_factory.mktemp("room"), "room/+")) as page:
        yield page


@pytest.fixture
def room(shared_room: Page, kitchen: Kitchen) -> Page:
    until(lambda: shared_room.is_connected, "the page's connection")
    return shared_room


@pytest.fixture(scope="package")
def shared_thirty(shared_kitchen: Kitchen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lamps]:
    with closing(Lamps(shared_kitchen.broker, tmp_path_factory.mktemp("thirty"), "class")) as page:
        yield page


@pytest.fixture
def thirty(shared_thirty: Lamps, kitchen: Kitchen) -> Lamps:
    """A page of thirty lamps."""
    shared_thirty.tell(kitchen.stranger, 30)
    return shared_thirty


@pytest.fixture(scope="package")
def shared_many(shared_kitchen: Kitchen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lamps]:
    with closing(Lamps(shared_kitchen.broker, tmp_path_factory.mktemp("many"), "hall")) as page:
        yield page


@pytest.fixture
def many(shared_many: Lamps, kitchen: Kitchen) -> Lamps:
    """A page of a hundred and twenty lamps, which fold into groups."""
    shared_many.tell(kitchen.stranger, 120)
    return shared_many


@pytest.fixture(scope="package")
def shared_town(shared_kitchen: Kitchen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of the groups `town/+`, so that each test has its own."""
    with closing(Page(shared_kitchen.broker, tmp_path_factory.mktemp("town"), "town/+/+")) as page:
        yield page


@pytest.fixture
def group(shared_town: Page, kitchen: Kitchen) -> Iterator[Group]:
    """A group of which nothing was heard yet."""
    until(lambda: shared_town.is_connected, "the page's connection")
    group = Group(shared_town, kitchen.stranger)
    yield group
    group.forget()


@pytest.fixture(scope="package")
def shared_locked(shared_kitchen: Kitchen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of the kitchen that all in the network reach, and that has a password."""
    folder = tmp_path_factory.mktemp("locked")
    file = folder / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    file.chmod(0o600)
    options = ("--host", "0.0.0.0", "--page-password-file", str(file), "--board", "pi")
    with closing(Page(shared_kitchen.broker, folder, "kitchen", *options)) as page:
        yield page


@pytest.fixture
def locked(shared_locked: Page, kitchen: Kitchen) -> Page:
    until(lambda: shared_locked.is_connected, "the page's connection")
    return shared_locked
