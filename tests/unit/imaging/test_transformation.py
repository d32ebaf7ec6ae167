"""Plans carried out on decoded pixels, for a file and for the search for faces."""

import io

import numpy as np
import pytest
from PIL import Image

from oss_faces.errors import PictureTooLarge
from oss_faces.imaging import Encoding, ImagingSettings, edit_for_faces, edit_picture, make_plan
from oss_faces.imaging.plan import Plan
from oss_faces.protocol import resolve_process
from oss_faces.protocol.picture_steps import PictureFormat
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

PNG = Encoding(PictureFormat.PNG)


def plan(chain, size, orientation=1):
    return make_plan(resolve_process(f"image/{chain}").edits, size, orientation, ImagingSettings())


def test_moves_follow_one_another():
    """Scale, turn, cut: the white quarter is where they take it."""
    made = plan("resize,w_32/rotate,180/crop,w_16,h_12", ImageSize(64, 48))
    file = edit_picture(np.asarray(pictures.corners()), made, PNG)
    image = Image.open(io.BytesIO(file.content))
    assert image.size == (16, 12)
    assert image.getpixel((5, 5)) == pictures.WHITE


def test_reduced_pixels_are_taken_for_what_they_are():
    """Pixels that were reduced while decoding give the same picture as all of them."""
    source = pictures.photo(401, 203)
    made = plan("resize,w_40", ImageSize(401, 203))
    assert made.reduction == 4
    reduced = edit_picture(np.asarray(source.reduce(4)), made, PNG)
    whole = source.resize((40, 20), Image.Resampling.LANCZOS)
    shown = np.asarray(Image.open(io.BytesIO(reduced.content)), np.int16)
    assert shown.shape == (20, 40, 3)
    assert np.abs(shown - np.asarray(whole, np.int16)).mean() < 3


def test_faces_are_sought_upright():
    """The picture is turned as its orientation says, and the values tell what was applied."""
    stored = pictures.corners().transpose(pictures.STORED_BY[6])
    image = edit_for_faces(np.asarray(stored), plan("resize,w_24", ImageSize(48, 64), 6), "jpeg", 1_000_000)
    assert (image.size, image.orientation, image.format) == (ImageSize(32, 24), 6, "jpeg")
    assert image.pixels.shape == (24, 32, 3)
    assert pictures.shows_corners(image.pixels)


def test_large_result_is_reduced_for_the_search():
    """As the decoder of image/faces does; the size is that of the result all the same."""
    image = edit_for_faces(np.asarray(pictures.corners(64, 48)), plan("crop", ImageSize(64, 48)), "png", 64 * 48 // 4)
    assert (image.size, image.pixels.shape) == (ImageSize(64, 48), (24, 32, 3))
    assert pictures.shows_corners(image.pixels)


def test_transparency_is_grey_for_the_search():
    """As the decoder of image/faces has it."""
    clear = np.zeros((4, 4, 4), np.uint8)
    image = edit_for_faces(clear, plan("crop", ImageSize(4, 4)), "png", 1_000_000)
    assert (image.pixels == 128).all()


class _TooMuch:
    """A move for which the memory does not suffice."""

    size = ImageSize(1, 1)
    between_pixels = 0

    def apply(self, image):  # noqa: ARG002  as a move has it
        raise MemoryError


def test_lack_of_memory_is_an_error_of_the_picture():
    """It never reaches the caller as anything else."""
    with pytest.raises(PictureTooLarge):
        edit_picture(np.zeros((1, 1, 3), np.uint8), Plan(ImageSize(1, 1), (_TooMuch(),), 1), PNG)
