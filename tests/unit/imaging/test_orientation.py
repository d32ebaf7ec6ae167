import numpy as np
import pytest

from oss_faces.imaging.orientation import plan_upright
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures


@pytest.mark.parametrize("orientation", range(2, 9))
def test_stored_pixels_are_turned_upright(orientation):
    """Each of the seven turns undoes how a camera stores it."""
    stored = pictures.corners().transpose(pictures.STORED_BY[orientation])
    [move] = plan_upright(orientation, ImageSize(*stored.size))
    assert move.size == ImageSize(64, 48)
    assert np.array_equal(np.asarray(move.apply(stored)), np.asarray(pictures.corners()))


def test_upright_pixels_stay():
    """Orientation 1 is no move."""
    assert plan_upright(1, ImageSize(64, 48)) == ()
