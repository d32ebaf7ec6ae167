import numpy as np
import pytest

from oss_faces.detection.levels import Levels
from oss_faces.detection.views import Window, view_part, view_whole
from oss_faces.values import ImageSize


def test_a_level_is_the_mean_of_what_it_stands_for():
    """Each pixel of the level of one quarter is the mean of four by four, to the rounding of bytes."""
    pixels = np.random.default_rng(1).integers(0, 256, (40, 64, 3), np.uint8)
    means = pixels.reshape(10, 4, 16, 4, 3).mean(axis=(1, 3))
    assert Levels(pixels).pixels(4) == pytest.approx(means, abs=1.01)


def test_a_level_is_made_once():
    """Whoever asks again gets the same picture; the full one is not copied."""
    pixels = np.zeros((9, 9, 3), np.uint8)
    levels = Levels(pixels)
    assert levels.picture(2) is levels.picture(2)
    assert levels.pixels(1) is pixels
    assert levels.pixels(4).shape == (3, 3, 3)


@pytest.mark.parametrize(
    ("size", "side", "reduction"),
    [((1632, 1224), 640, 2), ((1632, 1224), 192, 4), ((640, 480), 640, 1), ((1280, 720), 640, 1), ((30000, 1), 640, 1)],
)
def test_a_view_leaves_more_pixels_than_its_canvas_has(size, side, reduction):
    """The smallest level with a quarter more along each edge is drawn from, and none on which the picture vanishes."""
    assert view_whole(ImageSize(*size), side, 3.0).reduction == reduction


@pytest.mark.parametrize("size", [(1633, 1225), (801, 599), (450, 7)])
def test_drawn_from_a_level_or_not_a_place_is_the_same(size):
    """The middle of a white bar lies on the canvas where the view says, also where sizes are odd."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:, 300:340] = 255
    view = view_whole(ImageSize(*size), 160, 1.0)
    light = view.draw(Levels(pixels))[0, :, 0].astype(float)
    middle = (light * (np.arange(len(light)) + 0.5)).sum() / light.sum()
    assert middle * size[0] / view.content.width == pytest.approx(320, abs=0.5)


def test_a_window_of_a_coarse_level_is_drawn_from_a_finer_one():
    """A closer look for large faces may use a level; one for small faces sees every pixel."""
    size = ImageSize(4000, 3000)
    zooms = {
        reduction: view_part(size, Window(0, 0, 48 * reduction, 48 * reduction), 4.0 / reduction).reduction
        for reduction in (1, 2, 4, 8, 16)
    }
    assert zooms == {1: 1, 2: 1, 4: 1, 8: 1, 16: 2}
