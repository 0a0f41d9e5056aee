"""What pip says, and what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from requirements import explain

NONE = "ERROR: No matching distribution found for iotcore==0.4.0"
RETRY = "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(...)': /simple/{}/"

SICK = "Could not fetch URL https://packages.invalid/simple/iotcore/: {}: Service Unavailable for url: ... - skipping"


@pytest.mark.parametrize(
    ("text", "wheels", "says"),
    [
        ("ERROR: [Errno 28] No space left on device", None, "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", None, "not the package that was checked"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", Path("wheels"), "Its file in wheels is damaged"),
        (f"{RETRY.format('iotcore')}\n{NONE}", None, "PyPI cannot be reached"),
        (f"{SICK.format('503 Server Error')}\n{NONE}", None, "PyPI cannot be reached"),
        (f"{SICK.format('404 Client Error')}\n{NONE}", None, "There is none for Python"),
        (NONE, Path("wheels"), "The folder wheels has none for Python"),
        (NONE, None, "There is none for Python"),
        ("ERROR: Failed building wheel for iotcore", None, "nothing ready-made"),
    ],
)
def test_there_is_a_remedy(text: str, wheels: Path | None, says: str) -> None:
    assert says in explain.remedy(text, wheels)


@pytest.mark.parametrize(
    ("text", "nowhere"),
    [
        (NONE, True),
        (f"{RETRY.format('iotcore')}\n{NONE}", False),
        (f"{RETRY.format('flask')}\n{NONE}", True),  # which was answered the second time
        (f"{SICK.format('503 Server Error')}\n{NONE}", False),
        (f"{SICK.format('404 Client Error')}\n{NONE}", True),
        ("ERROR: No matching distribution found for flask==3.1.3", False),
    ],
    ids=["asked", "not asked", "another was not asked", "no answer", "not in this index", "another"],
)
def test_nobody_is_called_missing_who_could_not_be_asked_for(text: str, nowhere: bool) -> None:
    assert explain.is_nowhere("iotcore==0.4.0", text) == nowhere
