"""Quarter turns move pixels, other angles get a canvas that holds every corner."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from oss_faces.errors import PictureTooLarge
from oss_faces.imaging.rotation import QuarterTurn, Turn, plan_rotation
from oss_faces.protocol.picture_steps import Rotate
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

SIDE_MAX = 4096


@pytest.mark.parametrize(
    ("degrees", "size", "colors"),
    [
        (90, (48, 64), (pictures.BLUE, pictures.RED, pictures.WHITE, pictures.GREEN)),
        (180, (64, 48), (pictures.WHITE, pictures.BLUE, pictures.GREEN, pictures.RED)),
        (270, (48, 64), (pictures.GREEN, pictures.WHITE, pictures.RED, pictures.BLUE)),
    ],
)
def test_quarter_turns_are_clockwise_and_exact(degrees, size, colors):
    """Each quarter goes where a clockwise turn takes it, and no pixel changes."""
    [turn] = plan_rotation(Rotate(degrees), ImageSize(64, 48), 1)
    assert turn == QuarterTurn(degrees, ImageSize(*size))
    pixels = np.asarray(turn.apply(pictures.corners()))
    assert pixels.shape == (size[1], size[0], 3)
    assert pictures.quarter_colors(pixels) == pytest.approx(np.array(colors), abs=0)


@pytest.mark.parametrize("degrees", [0, 360])
def test_full_turn_is_none(degrees):
    """Nothing to do."""
    assert plan_rotation(Rotate(degrees), ImageSize(64, 48), SIDE_MAX) == ()


@pytest.mark.parametrize(
    ("degrees", "size"),
    [
        (45, (142, 142)),  # 100 * sqrt(2) = 141.4
        (30, (137, 137)),  # 100 * (0.866 + 0.5) = 136.6
        (150, (137, 137)),
        (1, (102, 102)),  # 100 * (0.99985 + 0.01745) = 101.73
    ],
)
def test_canvas_holds_the_corners(degrees, size):
    """A square of 100, turned."""
    [turn] = plan_rotation(Rotate(degrees), ImageSize(100, 100), SIDE_MAX)
    assert (turn.size.width, turn.size.height) == size


@pytest.mark.parametrize(("mode", "border"), [("RGB", (255, 255, 255)), ("RGBA", (255, 255, 255, 0))])
def test_turn_is_clockwise_about_the_middle(mode, border):
    """By 45 degrees the top left quarter points up; what is laid bare is white, or transparent."""
    [turn] = plan_rotation(Rotate(45), ImageSize(100, 100), SIDE_MAX)
    pixels = np.asarray(turn.apply(pictures.corners(100, 100).convert(mode)))
    colors = [tuple(pixels[y, x][:3]) for y, x in ((30, 71), (71, 112), (71, 30), (112, 71))]
    assert colors == [pictures.RED, pictures.GREEN, pictures.BLUE, pictures.WHITE]
    assert tuple(pixels[0, 0]) == border
    assert tuple(pixels[-1, -1]) == border


def test_side_of_a_free_turn_is_limited():
    """The documented limit holds for every angle but quarter turns."""
    plan_rotation(Rotate(45), ImageSize(4096, 1), SIDE_MAX)
    plan_rotation(Rotate(90), ImageSize(4097, 1), SIDE_MAX)
    with pytest.raises(PictureTooLarge):
        plan_rotation(Rotate(45), ImageSize(1, 4097), SIDE_MAX)


@given(st.integers(0, 360), st.integers(1, 40), st.integers(1, 40))
def test_the_library_gives_what_was_planned(degrees, width, height):
    """At every angle, and a plain picture keeps its area but for its edges."""
    image = Image.new("L", (width, height), 255).convert("RGB")
    for move in plan_rotation(Rotate(degrees), ImageSize(width, height), SIDE_MAX):
        turned = move.apply(image)
        assert turned.size == (move.size.width, move.size.height)
        if isinstance(move, Turn):
            assert move.size.pixels >= width * height
