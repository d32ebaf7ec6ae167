"""Chains: their order, what may be done while decoding, and every limit before a pixel is made."""

import pytest

from oss_faces.errors import OutsidePicture, PictureTooLarge
from oss_faces.imaging import ImagingSettings, make_plan
from oss_faces.imaging.cropping import Cut
from oss_faces.imaging.orientation import Upright
from oss_faces.imaging.resizing import Resample
from oss_faces.protocol import resolve_process
from oss_faces.values import Box, ImageSize

SOURCE = ImageSize(4000, 3000)


def plan(chain, source=SOURCE, orientation=1, **limits):
    return make_plan(resolve_process(f"image/{chain}").edits, source, orientation, ImagingSettings(**limits))


@pytest.mark.parametrize(
    ("chain", "size"),
    [
        ("format,png", (4000, 3000)),
        ("resize,w_400", (400, 300)),
        ("resize,w_400/crop,w_300,h_100,g_center", (300, 100)),
        ("crop,w_300,h_100,g_center/resize,w_150", (150, 50)),
        ("resize,w_400/rotate,90", (300, 400)),
        ("rotate,90/resize,w_300", (300, 400)),
        ("resize,w_400/resize,w_200/quality,q_50/resize,w_100", (100, 75)),
        ("rotate,90/rotate,90/rotate,180", (4000, 3000)),
    ],
)
def test_steps_keep_their_order(chain, size):
    """Each step works on what the one before it made."""
    made = plan(chain)
    assert (made.size.width, made.size.height) == size


@pytest.mark.parametrize("chain", ["resize,w_300/auto-orient,1", "auto-orient,1/resize,w_300"])
def test_picture_is_turned_upright_first(chain):
    """auto-orient,1 comes first wherever it stands; the scaling is then done before the turn, to the same effect."""
    made = plan(chain, orientation=6)
    assert made.moves == (
        Resample(Box(0, 0, 4000, 3000), ImageSize(400, 300)),
        Upright(6, ImageSize(300, 400)),
    )
    assert (made.orientation, made.reduction) == (1, 4)


def test_mirrored_picture_keeps_its_axes():
    """An orientation that exchanges no axes exchanges none in the scaling either."""
    assert plan("auto-orient,1/resize,w_400", orientation=2).moves == (
        Resample(Box(0, 0, 4000, 3000), ImageSize(400, 300)),
        Upright(2, ImageSize(400, 300)),
    )


def test_crop_is_counted_on_the_upright_picture():
    """Behind auto-orient the numbers of a crop are those of the picture as it is shown."""
    made = plan("auto-orient,1/crop,x_0,y_3900", orientation=6)
    assert made.moves == (Upright(6, ImageSize(3000, 4000)), Cut(0, 3900, ImageSize(3000, 100)))


@pytest.mark.parametrize("chain", ["resize,w_400", "resize,w_400/auto-orient,0"])
def test_orientation_that_is_not_applied_is_left_over(chain):
    """Steps work on the pixels as stored, and the picture keeps its orientation until it is applied in the end."""
    made = plan(chain, orientation=6)
    assert (made.size, made.orientation) == (ImageSize(400, 300), 6)
    assert (made.upright().size, made.upright().orientation) == (ImageSize(300, 400), 1)
    assert plan(chain).upright().moves == plan(chain).moves


@pytest.mark.parametrize(
    ("chain", "reduction"),
    [
        ("resize,w_400", 4),
        ("resize,w_1001", 1),
        ("crop,x_10/resize,w_400", 1),
        ("rotate,90/resize,w_300", 1),
        ("crop", 1),
    ],
)
def test_only_a_first_scaling_is_done_while_decoding(chain, reduction):
    """What comes before it needs every pixel."""
    assert plan(chain).reduction == reduction


def test_crop_outside_what_a_step_left():
    """The error is about the picture as it is at that step."""
    plan("crop,x_399,y_0/resize,w_10")
    with pytest.raises(OutsidePicture):
        plan("resize,w_399/crop,x_399")


@pytest.mark.parametrize(
    ("chain", "source", "limit"),
    [
        ("resize,w_16384,h_16384,m_fixed,limit_0", (100, 100), "imaging.pixels_max"),
        ("resize,w_4096,h_4097,m_pad,limit_0", (100, 100), "imaging.pixels_max"),
        ("resize,p_1000", (1639, 10), "imaging.side_max"),
        ("resize,h_10,limit_0", (30000, 1), "imaging.side_max"),
        ("resize,w_16384,limit_0", (1, 30000), "imaging.side_max"),
        ("rotate,45", (4097, 1), "imaging.turned_side_max"),
        ("rotate,45", (4096, 4096), "imaging.pixels_max"),
        # thin and long, then wide and low: the library would hold 491 million pixels between
        ("resize,w_16384,h_1,m_fixed,limit_0", (1, 30000), "imaging.work_pixels_max"),
        ("/".join(["resize,p_50", "resize,p_200"] * 16), (4000, 4000), "imaging.work_pixels_max"),
        ("/".join(["rotate,90"] * 32), (4000, 3000), "imaging.work_pixels_max"),
    ],
)
def test_limits(chain, source, limit):
    """What would be larger than the limits, or take too long, is refused before anything is made."""
    with pytest.raises(PictureTooLarge) as caught:
        plan(chain, ImageSize(*source))
    assert caught.value.context["limit"] == limit


@pytest.mark.parametrize(
    ("chain", "source"),
    [
        ("resize,w_4096,h_4096,m_fixed,limit_0", (100, 100)),
        ("resize,p_1000", (1638, 10)),
        ("rotate,90", (30000, 1)),
        ("resize,p_50", (30000, 3000)),
        ("crop,w_29999", (30000, 1000)),
        ("format,png", (30000, 1)),
    ],
)
def test_what_does_not_grow_has_the_limits_of_its_source(chain, source):
    """The limits on results are for pictures that an operation makes larger, up to and with the limit."""
    assert plan(chain, ImageSize(*source))


def test_memory_is_known_before():
    """The estimate covers the decoded pixels twice, and the largest step: before, between and after."""
    assert plan("resize,w_400").memory_bytes == 1000 * 750 * 4 * 2
    assert plan("format,png").memory_bytes == plan("rotate,90").memory_bytes == 4000 * 3000 * 4 * 2
    assert plan("crop,x_1/resize,w_3998").memory_bytes == 4 * (3999 * 3000 + 3998 * 3001 + 3998 * 2999)


@pytest.mark.parametrize("limit", ["side_max", "pixels_max", "turned_side_max", "work_pixels_max"])
def test_each_limit_can_be_set(limit):
    """A smaller limit refuses what the default allows."""
    chain = "rotate,45" if limit == "turned_side_max" else "resize,p_200"
    plan(chain, ImageSize(100, 100))
    with pytest.raises(PictureTooLarge) as caught:
        plan(chain, ImageSize(100, 100), **{limit: 99})
    assert caught.value.context["limit"] == f"imaging.{limit}"
