"""The rectangle of each origin, by hand."""

import numpy as np
import pytest

from oss_faces.errors import OutsidePicture
from oss_faces.imaging.cropping import Cut, plan_crop
from oss_faces.protocol.picture_steps import Crop, Origin
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

SOURCE = ImageSize(400, 301)


@pytest.mark.parametrize(
    ("step", "rectangle"),
    [
        (Crop(100, 50), (0, 0, 100, 50)),
        (Crop(100, 50, 10, 20), (10, 20, 100, 50)),
        (Crop(100, 50, origin=Origin.NORTH), (150, 0, 100, 50)),
        (Crop(100, 50, origin=Origin.NE), (300, 0, 100, 50)),
        (Crop(100, 50, origin=Origin.WEST), (0, 125, 100, 50)),
        (Crop(100, 50, origin=Origin.CENTER), (150, 125, 100, 50)),
        (Crop(100, 50, 7, 9, Origin.CENTER), (157, 134, 100, 50)),
        (Crop(100, 50, origin=Origin.EAST), (300, 125, 100, 50)),
        (Crop(100, 50, origin=Origin.SW), (0, 251, 100, 50)),
        (Crop(100, 50, origin=Origin.SOUTH), (150, 251, 100, 50)),
        (Crop(100, 50, origin=Origin.SE), (300, 251, 100, 50)),
        # cut at the edge
        (Crop(100, 50, 10, 10, Origin.SE), (310, 261, 90, 40)),
        (Crop(100, 50, 399, 300), (399, 300, 1, 1)),
        (Crop(x=100), (100, 0, 300, 301)),
        (Crop(1000, 50), (0, 0, 400, 50)),
        (Crop(height=50, origin=Origin.SE), (0, 251, 400, 50)),
    ],
)
def test_rectangle(step, rectangle):
    """Origin, offset and size, cut at the edges of the picture."""
    [cut] = plan_crop(step, SOURCE)
    assert cut == Cut(rectangle[0], rectangle[1], ImageSize(*rectangle[2:]))


@pytest.mark.parametrize("step", [Crop(), Crop(400, 301), Crop(9999, 9999, origin=Origin.CENTER)])
def test_nothing_to_cut(step):
    """The whole picture is no crop."""
    assert plan_crop(step, SOURCE) == ()


@pytest.mark.parametrize("step", [Crop(x=400), Crop(y=301), Crop(10, 10, 10, 0, Origin.NE), Crop(x=30000)])
def test_beginning_outside(step):
    """An origin outside of the picture has the documented error."""
    with pytest.raises(OutsidePicture) as caught:
        plan_crop(step, SOURCE)
    assert (caught.value.code, caught.value.message) == ("InvalidArgument", "Advance cut's position is out of image.")


def test_pixels():
    """The pixels of the part, and no others."""
    [cut] = plan_crop(Crop(32, 24, origin=Origin.NE), ImageSize(64, 48))
    pixels = np.asarray(cut.apply(pictures.corners()))
    assert pixels.shape == (24, 32, 3)
    assert (pixels == pictures.GREEN).all()
