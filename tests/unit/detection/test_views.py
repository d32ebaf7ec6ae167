import numpy as np
import pytest

from oss_faces.detection.levels import Levels
from oss_faces.detection.views import Window, view_part, view_whole
from oss_faces.values import Detections, ImageSize


def one_box(*edges: float) -> Detections:
    box = np.array([edges], np.float32)
    return Detections(box, np.ones(1, np.float32), np.tile(box[:, None, :2], (1, 5, 1)))


@pytest.mark.parametrize(
    ("picture", "content", "canvas"),
    [
        (ImageSize(1280, 720), ImageSize(640, 360), ImageSize(640, 384)),
        (ImageSize(720, 1280), ImageSize(360, 640), ImageSize(384, 640)),
        (ImageSize(100, 50), ImageSize(300, 150), ImageSize(320, 160)),
        (ImageSize(1, 1), ImageSize(3, 3), ImageSize(32, 32)),
        (ImageSize(30000, 1), ImageSize(640, 1), ImageSize(640, 32)),
    ],
)
def test_overview_fits_the_side_and_the_network(picture, content, canvas):
    """The long side becomes 640, but small pictures grow no more than threefold; canvases are multiples of 32."""
    view = view_whole(picture, 640, 3.0)
    assert (view.content, view.canvas) == (content, canvas)


def test_margin_surrounds_the_content():
    """A margin puts the content in the middle, grey on all sides."""
    white = Levels(np.full((32, 64, 3), 255, np.uint8))
    view = view_whole(ImageSize(64, 32), 64, 1.0, margin=32)
    canvas = view.draw(white)
    assert canvas.shape == (96, 128, 3)
    assert canvas[32:64, 32:96].min() == 255
    canvas[32:64, 32:96] = 127
    assert (canvas == 127).all()


@pytest.mark.parametrize("margin", [0, 32])
def test_canvas_and_picture_are_one_frame(margin):
    """The whole content on the canvas maps to the whole picture, points as well as boxes."""
    view = view_whole(ImageSize(200, 100), 160, 1.0, margin)
    left, top = ((view.canvas.width - 160) // 2, (view.canvas.height - 80) // 2) if margin else (0, 0)
    back = view.to_stored(one_box(left, top, left + 160, top + 80))
    assert back.boxes[0] == pytest.approx([0, 0, 200, 100], abs=1e-3)
    assert back.landmarks[0, 3] == pytest.approx([0, 0], abs=1e-3)


def test_part_is_drawn_at_its_zoom():
    """A window of 48 px at fourfold zoom fills 192 px, and maps back to its place."""
    view = view_part(ImageSize(500, 400), Window(100, 200, 48, 48), 4.0)
    assert view.canvas == ImageSize(192, 192)
    assert view.to_stored(one_box(40, 80, 80, 120)).boxes[0] == pytest.approx([110, 220, 120, 230])


@pytest.mark.parametrize(
    ("box", "shown"),
    [((110, 210, 120, 220), True), ((99, 210, 120, 220), False), ((110, 210, 149, 220), False)],
)
def test_window_shows_what_it_holds(box, shown):
    """A box that reaches over an edge of the window is not shown."""
    view = view_part(ImageSize(500, 400), Window(100, 200, 48, 48), 4.0)
    assert view.shows(one_box(*box).boxes, np.zeros(1, np.float32)).tolist() == [shown]


def test_edge_of_the_picture_is_no_edge_of_the_window():
    """A face cut by the picture itself is shown as well as it can be."""
    view = view_whole(ImageSize(100, 100), 640, 3.0)
    assert view.shows(one_box(-20, -5, 130, 120).boxes, np.full(1, 50, np.float32)).tolist() == [True]
