import numpy as np
import pytest

from oss_faces.recognition import ARCFACE_ALIGNMENT, DLIB_ALIGNMENT, Alignment
from oss_faces.recognition.chips import cut_chips
from oss_faces.values import Image, ImageSize


@pytest.mark.parametrize("alignment", [DLIB_ALIGNMENT, ARCFACE_ALIGNMENT], ids=["dlib", "arcface"])
def test_points_of_the_face_lie_where_the_template_has_them(alignment: Alignment) -> None:
    """Dots drawn at the landmarks of a turned face show at the template's places of the chip."""
    angle, side = 0.4, 200.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = ((alignment.template - 0.5) @ turn.T * side + 150).astype(np.float32)
    pixels = np.zeros((300, 300, 3), np.uint8)
    for x, y in points.round().astype(int):
        pixels[y - 2 : y + 3, x - 2 : x + 3] = 255
    [chip] = cut_chips(Image(pixels, ImageSize(300, 300), "png"), points[None], alignment)
    for x, y in (alignment.template * alignment.side).round().astype(int):
        assert chip[y, x, 0] > 200, (x, y)
    assert (chip > 100).any(axis=2).sum() < 5 * 40


def test_no_face_gives_no_chip() -> None:
    """A picture without faces gives an array of no chips."""
    image = Image(np.zeros((20, 20, 3), np.uint8), ImageSize(20, 20), "png")
    assert cut_chips(image, np.zeros((0, 5, 2), np.float32), ARCFACE_ALIGNMENT).shape == (0, 112, 112, 3)
