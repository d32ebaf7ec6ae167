import numpy as np
import pytest

from oss_faces.detection import CenterFaceDetector, DetectionSettings
from oss_faces.values import Image, ImageSize
from tests.unit.detection.networks import WhiteHints, WhiteSquares


def picture(width: int, height: int, *white: tuple[int, int, int, int]) -> Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    for left, top, right, bottom in white:
        pixels[top:bottom, left:right] = 255
    return Image(pixels, ImageSize(width, height), "png")


def detect(image: Image, network: WhiteSquares | None = None, scout: WhiteHints | None = None):
    detector = CenterFaceDetector(network or WhiteSquares(), DetectionSettings(), scout)
    return detector.detect(image)


def test_black_picture_has_no_face():
    """Nothing drawn, nothing found."""
    assert len(detect(picture(640, 480), scout=WhiteHints())) == 0


@pytest.mark.parametrize("size", [(640, 480), (1600, 1200), (200, 300), (97, 53), (3000, 400)])
def test_boxes_are_in_source_pixels(size):
    """Whatever the picture's size, a box comes back where it was drawn."""
    width, height = size
    drawn = (width // 4, height // 4, width // 2, height // 2)
    found = detect(picture(width, height, drawn))
    assert found.boxes[0] == pytest.approx(drawn, abs=max(size) / 100)


def test_reduced_rendition_answers_in_source_pixels():
    """When fewer pixels were decoded than the source has, boxes and points are in the source's frame."""
    half = picture(640, 480, (160, 120, 320, 360))
    image = Image(half.pixels, ImageSize(1280, 960), "jpeg")
    found = detect(image)
    assert found.boxes[0] == pytest.approx([320, 240, 640, 720], abs=6)
    assert found.landmarks[0, 2] == pytest.approx([480, 480], abs=6)


def test_face_too_small_for_the_overview_is_found_by_a_closer_look():
    """12 px in two megapixels: nothing without the scout, one face with it."""
    image = picture(1920, 1080, (1000, 700, 1012, 712))
    network = WhiteSquares(smallest=20)
    assert len(detect(image, network)) == 0
    found = detect(image, network, WhiteHints())
    assert found.boxes[0] == pytest.approx([1000, 700, 1012, 712], abs=1)


def test_scout_looks_at_every_level_that_is_needed():
    """The scout sees the whole picture at full, half and quarter size."""
    scout = WhiteHints()
    detect(picture(1600, 400), scout=scout)
    assert scout.levels == [(1600, 400), (800, 200), (400, 100)]


def test_budget_limits_the_closer_looks():
    """However much the scout suspects, no more canvas pixels are spent than allowed."""
    network = WhiteSquares(smallest=1e6)
    settings = DetectionSettings(closer_look_pixels_max=3 * 192 * 192)
    pixels = np.full((1080, 1920, 3), 255, np.uint8)
    CenterFaceDetector(network, settings, WhiteHints()).detect(Image(pixels, ImageSize(1920, 1080), "png"))
    assert network.canvases.count((192, 192)) == 3


def test_no_more_faces_than_allowed():
    """Of many faces the surest stay, up to the limit."""
    squares = [(x, 100, x + 40, 140) for x in range(40, 600, 80)]
    detector = CenterFaceDetector(WhiteSquares(), DetectionSettings(faces_max=3))
    assert len(detector.detect(picture(640, 480, *squares))) == 3


def test_name_says_which_network_decides():
    """The detector carries the name and version of its network."""
    assert CenterFaceDetector(WhiteSquares(), DetectionSettings()).name_version.startswith("centerface@")
