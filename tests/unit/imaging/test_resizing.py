"""Sizes of every mode, worked out by hand, and what of the picture is seen in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from oss_faces.imaging.resizing import Pad, Resample, plan_resize
from oss_faces.protocol.picture_steps import Resize, ResizeMode
from oss_faces.values import Box, ImageSize
from tests.unit.decoding import pictures

LFIT, MFIT, FILL, PAD, FIXED = ResizeMode
WIDE, TALL = (400, 300), (300, 400)


def result(source, **step):
    """Size of the result; `None` when the picture is left as it is."""
    moves = plan_resize(Resize(**step), ImageSize(*source))
    return (moves[-1].size.width, moves[-1].size.height) if moves else None


@pytest.mark.parametrize(
    ("source", "step", "size"),
    [
        # one side: the other follows the shape
        (WIDE, {"width": 100}, (100, 75)),
        (WIDE, {"height": 100}, (133, 100)),
        (TALL, {"mode": MFIT, "width": 100}, (100, 133)),
        ((1000, 9), {"width": 250}, (250, 2)),
        ((1000, 3), {"width": 500}, (500, 2)),  # 1.5 is rounded up
        ((1000, 1), {"width": 10}, (10, 1)),  # no side vanishes
        # both sides: within the rectangle, around it, and exactly it
        (WIDE, {"width": 100, "height": 100}, (100, 75)),
        (WIDE, {"width": 200, "height": 60}, (80, 60)),
        (WIDE, {"mode": MFIT, "width": 100, "height": 100}, (133, 100)),
        (TALL, {"mode": MFIT, "width": 100, "height": 100}, (100, 133)),
        (WIDE, {"mode": FILL, "width": 100, "height": 100}, (100, 100)),
        (WIDE, {"mode": PAD, "width": 100, "height": 100}, (100, 100)),
        (WIDE, {"mode": FIXED, "width": 100, "height": 10}, (100, 10)),
        # an exact mode with one side makes a square
        (WIDE, {"mode": FILL, "width": 50}, (50, 50)),
        (WIDE, {"mode": PAD, "height": 50}, (50, 50)),
        (WIDE, {"mode": FIXED, "height": 50}, (50, 50)),
        (WIDE, {"mode": FIXED, "longest": 50}, (50, 50)),
        # longest and shortest side
        (WIDE, {"longest": 200}, (200, 150)),
        (TALL, {"longest": 200}, (150, 200)),
        (WIDE, {"shortest": 150}, (200, 150)),
        (TALL, {"shortest": 150}, (150, 200)),
        (WIDE, {"longest": 100, "shortest": 90}, (100, 75)),
        (WIDE, {"mode": MFIT, "longest": 100, "shortest": 90}, (120, 90)),
        (TALL, {"mode": FILL, "longest": 100, "shortest": 90}, (90, 100)),
        # percent; a side that is given goes before it
        (WIDE, {"percent": 50}, (200, 150)),
        (WIDE, {"percent": 1}, (4, 3)),
        (WIDE, {"percent": 200}, (800, 600)),
        (WIDE, {"percent": 50, "width": 100}, (100, 75)),
        (WIDE, {"percent": 50, "longest": 100}, (100, 75)),
        (WIDE, {"width": 100, "longest": 200}, (100, 75)),
        # never larger, unless it is asked for
        (WIDE, {"width": 800}, None),
        (WIDE, {"width": 800, "is_limited": True}, None),
        (WIDE, {"width": 800, "is_limited": False}, (800, 600)),
        (WIDE, {"percent": 200, "is_limited": True}, None),
        (WIDE, {"mode": FIXED, "width": 500, "height": 10}, None),
        (WIDE, {"mode": FIXED, "width": 500, "height": 10, "is_limited": False}, (500, 10)),
        (WIDE, {"mode": PAD, "width": 500, "height": 500}, None),
        (WIDE, {"mode": PAD, "width": 500, "height": 300}, (500, 300)),
        (WIDE, {"mode": PAD, "width": 500, "height": 500, "is_limited": False}, (500, 500)),
        (WIDE, {"mode": FILL, "width": 100, "height": 301}, None),
        (WIDE, {"mode": FILL, "width": 100, "height": 300}, (100, 300)),
        (WIDE, {"mode": MFIT, "width": 100, "height": 301}, None),
        # nothing to do
        (WIDE, {"width": 400}, None),
        (WIDE, {"percent": 100}, None),
        (WIDE, {"mode": FILL, "width": 400, "height": 300}, None),
        (WIDE, {"mode": PAD, "width": 400, "height": 300}, None),
    ],
)
def test_size(source, step, size):
    """Every mode gives the size that its page describes."""
    assert result(source, **step) == size


def test_fill_takes_the_middle():
    """What does not fit is cut off equally on both sides."""
    assert plan_resize(Resize(FILL, 100, 100), ImageSize(*WIDE)) == (
        Resample(Box(50, 0, 350, 300), ImageSize(100, 100)),
    )


def test_pad_is_laid_in_the_middle_on_its_colour():
    """The picture is scaled as by lfit, and the rest has the colour that was asked for."""
    image = pictures.corners(400, 300)
    scaling, pad = plan_resize(Resize(PAD, 100, 100, color=(1, 2, 3)), ImageSize(*WIDE))
    pixels = np.asarray(pad.apply(scaling.apply(image)))
    assert pixels.shape == (100, 100, 3)
    assert (pixels[:12] == (1, 2, 3)).all()
    assert (pixels[87:] == (1, 2, 3)).all()
    assert pictures.shows_corners(pixels[12:87])


def test_pad_keeps_what_is_transparent():
    """Under a transparent picture the border is opaque and the picture stays as it is."""
    pad = Pad(ImageSize(3, 1), (9, 9, 9))
    pixels = np.asarray(pad.apply(Image.new("RGBA", (1, 1), (0, 0, 0, 0))))
    assert pixels[0].tolist() == [[9, 9, 9, 255], [0, 0, 0, 0], [9, 9, 9, 255]]


@pytest.mark.parametrize("step", [Resize(width=32), Resize(FILL, 30, 30), Resize(FIXED, 10, 40), Resize(MFIT, 20, 20)])
def test_the_picture_is_seen(step):
    """Each quarter stays in its place."""
    [move] = plan_resize(step, ImageSize(64, 48))
    assert pictures.shows_corners(np.asarray(move.apply(pictures.corners())))


@pytest.mark.parametrize(("side", "reduction"), [(101, 1), (100, 2), (51, 2), (50, 4), (1, 128)])
def test_reduction_leaves_twice_the_result(side, reduction):
    """A source is reduced while decoding only as far as two of its pixels remain for each of the result."""
    [move] = plan_resize(Resize(FIXED, side, side), ImageSize(400, 400))
    assert isinstance(move, Resample)
    assert move.reduction == reduction


def test_reduced_rendition_shows_the_same():
    """The box of a reduced rendition covers the same part, also where its last pixels reach past the source."""
    image = pictures.photo(205, 101)
    [move] = plan_resize(Resize(FILL, 20, 20), ImageSize(205, 101))
    assert isinstance(move, Resample)
    straight = np.asarray(move.apply(image), np.int16)
    reduced = np.asarray(move.reduced(2).apply(image.reduce(2)), np.int16)
    assert np.abs(straight - reduced).mean() < 2


@given(
    st.builds(
        Resize,
        st.sampled_from(ResizeMode),
        st.none() | st.integers(1, 64),
        st.none() | st.integers(1, 64),
        st.none() | st.integers(1, 64),
        st.none() | st.integers(1, 64),
        st.integers(1, 300),
        st.none() | st.booleans(),
    ),
    st.integers(1, 70),
    st.integers(1, 70),
)
def test_the_library_gives_what_was_planned(step, width, height):
    """Whatever is asked for of whatever picture, the result has the size that the limits were checked on."""
    image = Image.new("RGB", (width, height))
    for move in plan_resize(step, ImageSize(width, height)):
        image = move.apply(image)
        assert image.size == (move.size.width, move.size.height)
        if step.is_limited and isinstance(move, Resample):
            assert image.width <= width
            assert image.height <= height
