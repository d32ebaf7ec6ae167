import numpy as np
import pytest

from oss_faces.analysis.crops import CROP_FACTOR, CROP_SIDE, cut_faces, frame_of
from oss_faces.geometry import FRONTAL_POINTS
from oss_faces.values import Detections, Image, ImageSize


def picture(pixels: np.ndarray, size: ImageSize | None = None) -> Image:
    height, width = pixels.shape[:2]
    return Image(pixels, size or ImageSize(width, height), "png")


def ramp(width: int, height: int) -> np.ndarray:
    """Red tells x and green tells y."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width)[None]
    pixels[..., 1] = np.arange(height)[:, None]
    return pixels


def test_frame_has_room_around_the_box_and_follows_the_landmarks() -> None:
    """The square is centred on the box, larger by the factor, and turned as the face is."""
    angle = 0.4
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = ((FRONTAL_POINTS - 0.5) @ turn.T * 50 + 70).astype(np.float32)
    frame = frame_of(np.array([40, 30, 100, 110], np.float32), landmarks)
    assert (frame.center_x, frame.center_y) == (70, 70)
    assert frame.side == pytest.approx(CROP_FACTOR * 80)
    assert frame.angle == pytest.approx(angle, abs=1e-5)


def test_no_detection_gives_no_crop() -> None:
    """An empty picture gives an array of no crops."""
    crops = cut_faces(picture(ramp(20, 20)), Detections.empty())
    assert crops.pixels.shape == (0, CROP_SIDE, CROP_SIDE, 3)
    assert crops.frames == ()
