"""Fixtures: a locked broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.locked import LockedBroker


@pytest.fixture(params=["passwords", "certificates"])
def locked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LockedBroker]:
    """One that knows the kitchen and my room, both ways."""
    by_certificate = request.param == "certificates"
    with closing(LockedBroker.new(tmp_path / "locked", "kitchen", "my-room", by_certificate=by_certificate)) as broker:
        yield broker


@pytest.fixture(params=["passwords", "certificates"])
def stadium(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LockedBroker]:
    """One that knows two seats, and two servers."""
    by_certificate, seats = request.param == "certificates", ("stadium/1", "stadium/2")
    with closing(
        LockedBroker.new(tmp_path / "locked", *seats, servers=["two"], by_certificate=by_certificate)
    ) as broker:
        yield broker
