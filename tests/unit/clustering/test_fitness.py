from dataclasses import replace

import numpy as np
import pytest

from oss_faces.clustering import ClusteringSettings, may_found
from oss_faces.values import Box, Face, HeadPose

SETTINGS = ClusteringSettings(founding_quality=0.6)
GOOD = Face(Box(0, 0, 80, 90), 0.99, np.zeros((5, 2), np.float32), pose=HeadPose(-10, 20, 5), quality=0.7)


def test_good_face_may_found() -> None:
    """Large, frontal, and of good quality."""
    assert may_found(GOOD, SETTINGS)


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
        {"quality": None},
    ],
)
def test_weaker_face_may_not(change: dict[str, object]) -> None:
    """One thing short of the rules, each in its turn; what was not measured is short of them."""
    assert not may_found(replace(GOOD, **change), SETTINGS)
