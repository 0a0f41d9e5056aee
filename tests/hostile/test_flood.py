"""A flood of hostile messages, a small one; `python -m tests.hostile.flood` has a large one."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightlight.messages import Message
from tests.hostile import decoders, wire
from tests.hostile.messages import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_no_payload_breaks_a_decoder_or_passes_for_what_it_is_not(kind: type[Message]) -> None:
    figures = decoders.flood(kind, 2_000)
    assert 100 < figures.accepted < 1_000, "most are wrong, but not all"


def test_no_message_ends_a_program_moves_the_led_or_forges_a_line(tmp_path: Path) -> None:
    wire.flood(tmp_path, 40)
