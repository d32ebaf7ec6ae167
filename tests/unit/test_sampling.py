import numpy as np
import pytest

from oss_faces.geometry import CropFrame
from oss_faces.sampling import OUTSIDE_GREY, cut
from oss_faces.values import Image, ImageSize

SIDE = 112


def picture(pixels: np.ndarray, size: ImageSize | None = None) -> Image:
    height, width = pixels.shape[:2]
    return Image(pixels, size or ImageSize(width, height), "png")


def ramp(width: int, height: int) -> np.ndarray:
    """Red tells x and green tells y."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width)[None]
    pixels[..., 1] = np.arange(height)[:, None]
    return pixels


def test_crop_of_own_size_is_the_picture_itself() -> None:
    """A square of as many source pixels as the crop has shows those very pixels."""
    pixels = ramp(200, 180)
    crop = cut(picture(pixels), CropFrame(100, 80, SIDE, 0.0), SIDE)
    half = SIDE // 2
    assert np.array_equal(crop, pixels[80 - half : 80 + half, 100 - half : 100 + half])


def test_crop_axes_turn_clockwise_with_the_angle() -> None:
    """At a quarter turn clockwise the crop's x runs down the picture, so red stands still along a row."""
    crop = cut(picture(ramp(200, 200)), CropFrame(100, 100, 64, np.pi / 2), 64).astype(int)
    assert np.ptp(crop[32, 8:-8, 0]) <= 1
    assert crop[32, -8, 1] - crop[32, 8, 1] == pytest.approx(48, abs=2)


def test_outside_of_the_picture_is_grey() -> None:
    """Half of a crop that hangs over the left edge is grey; the other half shows the picture."""
    crop = cut(picture(np.full((100, 100, 3), 200, np.uint8)), CropFrame(0, 50, 60, 0.0), 60)
    assert (crop[5:-5, :25] == OUTSIDE_GREY).all()
    assert (crop[5:-5, 35:] == 200).all()


def test_square_beside_the_picture_is_all_grey() -> None:
    """A face far outside gives a grey crop, not an error."""
    crop = cut(picture(ramp(50, 50)), CropFrame(500, 500, 40, 0.3), 32)
    assert (crop == OUTSIDE_GREY).all()


def test_shrinking_averages_instead_of_skipping() -> None:
    """A fine chequerboard becomes its mean, however large the face is."""
    board = np.indices((900, 900)).sum(axis=0) % 2 * 255
    pixels = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    for side in (448, 700, 890):
        crop = cut(picture(pixels), CropFrame(450, 450, side, 0.0), SIDE)
        assert crop[2:-2, 2:-2].astype(float).std() < 30, side
        assert crop.mean() == pytest.approx(127.5, abs=3)


def test_reduced_rendition_gives_the_same_crop() -> None:
    """Frames are in source pixels, whatever the size of the stored rendition."""
    pixels = np.repeat(np.repeat(ramp(100, 100), 2, axis=0), 2, axis=1)
    frame = CropFrame(90, 110, 100, 0.2)
    full = cut(picture(pixels), frame, 48).astype(int)
    half = cut(picture(ramp(100, 100), ImageSize(200, 200)), frame, 48).astype(int)
    assert np.abs(full - half).max() <= 2


def test_turned_face_is_cut_upright() -> None:
    """Whatever the roll of the face, the crop shows it the same way up."""
    angle = 0.5
    frame = CropFrame(100, 100, 100, angle)
    to_source = frame.to_source(100)
    marked = np.zeros((200, 200, 3), np.uint8)
    x, y = to_source @ np.array([50, 20, 1])
    marked[round(y) - 3 : round(y) + 3, round(x) - 3 : round(x) + 3] = 255
    crop = cut(picture(marked), frame, 100)
    row, column = np.unravel_index(crop[..., 0].argmax(), crop.shape[:2])
    assert abs(row - 20) <= 4
    assert abs(column - 50) <= 4
