"""Learners on one broker do not disturb each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lessons.whole_class import play


@pytest.mark.browser
def test_a_class_goes_through_steps_2_to_4_and_nobody_disturbs_anybody(tmp_path: Path) -> None:
    """Three here; by hand thirty: python -m tests.lessons.whole_class --learners 30"""
    assert play(3, tmp_path)[-1] == "lamps on the page: 3"
