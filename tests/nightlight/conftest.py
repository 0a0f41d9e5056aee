"""What the tests of links have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.faults.network import Proxy
from tests.kit.brokers import Broker


@pytest.fixture
def proxy(broker: Broker) -> Iterator[Proxy]:
    """A network to the broker."""
    with closing(Proxy(broker.port)) as proxy:
        yield proxy
