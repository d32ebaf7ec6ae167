"""Limits of the work in the background."""

from typing import Any

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.tasks import TaskSettings


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("running", -1, 1025),
        ("waiting_max", 0, 10_000_001),
        ("lease_s", 0.9, 3601),
        ("poll_s", 0.0, 61),
        ("attempts_max", 0, 101),
        ("keep_days", 0, 3651),
    ],
)
def test_values_out_of_range_are_refused(name: str, low: Any, high: Any) -> None:
    """Each limit has a range on both sides, and the refusal names it."""
    for value in (low, high):
        with pytest.raises(ConfigurationError, match=f"tasks.{name}"):
            TaskSettings(**{name: value}).validate()
    TaskSettings().validate()


def test_slots_are_given_or_those_of_the_machine() -> None:
    """There is always one."""
    assert TaskSettings(running=3).slots == 3
    assert TaskSettings().slots >= 1
