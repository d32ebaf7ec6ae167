import numpy as np
import pytest

from evaluation.ladder import Portrait, climb, grey, is_found, wall
from oss_faces.values import Detections, ImageSize

SIZE = ImageSize(320, 240)


@pytest.fixture
def white_face() -> Portrait:
    pixels = np.zeros((200, 200, 3), np.uint8)
    pixels[50:150, 60:140] = 255
    return Portrait(pixels, np.array([60, 50, 140, 150], np.float32))


def test_face_has_the_size_of_its_step_and_lies_where_it_is_said(white_face):
    """The white face in each picture fills the box that the rung names, to a pixel."""
    for rung in climb(white_face, np.zeros((240, 320, 3), np.uint8), (12, 48, 96), seed=1):
        rows, columns, _ = np.nonzero(rung.image.pixels > 127)
        edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert rung.box == pytest.approx(edges, abs=1)
        assert max(rung.box[2] - rung.box[0], rung.box[3] - rung.box[1]) == pytest.approx(rung.face_px, abs=1.5)


def test_ladder_ends_with_the_whole_frame(white_face):
    """Steps larger than the canvas give way to one that is exactly as high."""
    steps = [rung.face_px for rung in climb(white_face, grey(SIZE), (12, 96, 384), seed=0)]
    assert steps == [12, 96, 240]


def test_background_is_left_as_it_was(white_face):
    """Every rung starts from the same background."""
    background = grey(SIZE)
    list(climb(white_face, background, (12, 24), seed=0))
    assert (background == 117).all()


def test_face_is_found_by_a_box_on_it(white_face):
    """A detection on the face counts; none, or one elsewhere, does not."""
    [rung, _] = climb(white_face, grey(SIZE), (48,), seed=0)
    here = Detections(rung.box[None], np.ones(1, np.float32), np.zeros((1, 5, 2), np.float32))
    assert is_found(rung, here)
    assert not is_found(rung, Detections.empty())
    assert not is_found(rung, Detections(here.boxes + 100, here.scores, here.landmarks))


def test_wall_covers_the_canvas():
    """No pixel of a wall of white pictures is left black."""
    pictures = [np.full((30, 40, 3), 255, np.uint8), np.full((50, 20, 3), 255, np.uint8)]
    assert wall(SIZE, pictures, seed=0).min() == 255
