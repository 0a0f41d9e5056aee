"""When is it dark?"""

import pytest

from nightlight.rule import is_dark


@pytest.mark.parametrize(("light", "dark"), [(0, True), (299, True), (300, False), (400, False), (65_535, False)])
def test_it_is_dark_below_300(light: int, dark: bool) -> None:
    assert is_dark(light) is dark


def test_the_threshold_can_be_moved() -> None:
    assert is_dark(450, threshold=500)
    assert not is_dark(0, threshold=0)
