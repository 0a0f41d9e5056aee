"""What may come by the thousand is said, and counted."""

from __future__ import annotations

from collections.abc import Callable

from nightlight.notices import Flood
from tests.kit.programs import until


def test_so_many_lines_a_second_and_the_others_are_counted(warnings_said: Callable[[], list[str]]) -> None:
    flood = Flood(a_second=3)
    for number in range(10):
        flood.warn(f"In group {number} nobody has a fresh reading.")
    said = [f"In group {number} nobody has a fresh reading." for number in range(3)]
    assert warnings_said() == said
    said.append("In group 3 nobody has a fresh reading. (and 6 more)")
    until(lambda: warnings_said() == said, "the sum")
    flood.warn("For hall, a person decides: off.")
    assert warnings_said() == [*said, "For hall, a person decides: off."], "there is room again"
