from dataclasses import replace

import numpy as np
import pytest

from oss_faces.clustering import ClusteringSettings, may_found, may_join
from oss_faces.values import Box, Face, HeadPose

SETTINGS = ClusteringSettings(founding_quality=0.6, joining_quality=0.2)
GOOD = Face(Box(0, 0, 80, 90), 0.99, np.zeros((5, 2), np.float32), pose=HeadPose(-10, 20, 5), quality=0.7)


def test_good_face_may_do_both() -> None:
    """Large, frontal, and of good quality."""
    assert may_found(GOOD, SETTINGS)
    assert may_join(GOOD, SETTINGS)


@pytest.mark.parametrize(
    "change",
    [
        {"box": Box(0, 0, 75, 200)},
        {"box": Box(0, 0, 200, 75)},
        {"pose": HeadPose(30, 0, 0)},
        {"pose": HeadPose(0, -30, 0)},
        {"pose": HeadPose(0, 0, 31)},
        {"pose": None},
        {"quality": 0.6},
    ],
)
def test_weaker_face_may_only_join(change: dict[str, object]) -> None:
    """One thing short of the rules, each in its turn; what was not measured is short of them."""
    face = replace(GOOD, **change)
    assert not may_found(face, SETTINGS)
    assert may_join(face, SETTINGS)


@pytest.mark.parametrize("quality", [0.19, None])
def test_poor_face_may_not_join(quality: float | None) -> None:
    """Neither may one whose quality nobody knows."""
    face = replace(GOOD, quality=quality)
    assert not may_found(face, SETTINGS)
    assert not may_join(face, SETTINGS)
