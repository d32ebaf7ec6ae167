import numpy as np
import pytest

from oss_faces.detection.centerface import detect_on_canvas


class OneCell:
    """A network that fires in one cell of a 64 x 32 canvas."""

    def run(self, inputs):
        assert inputs["image"].shape == (1, 32, 64, 3)
        heat = np.zeros((1, 1, 8, 16), np.float32)
        size, offset = np.zeros((1, 2, 8, 16), np.float32), np.zeros((1, 2, 8, 16), np.float32)
        points = np.zeros((1, 10, 8, 16), np.float32)
        heat[0, 0, 3, 10] = 0.75
        size[0, :, 3, 10] = np.log([5, 4])
        offset[0, :, 3, 10] = [0.5, 0.0]
        points[0, :, 3, 10] = [0.3, 0.25, 0.3, 0.75, 0.5, 0.5, 0.8, 0.25, 0.8, 0.75]
        return [heat, size, offset, points]


CANVAS = np.zeros((32, 64, 3), np.uint8)


def test_a_cell_becomes_a_box():
    """Centre is (cell + offset + 1/2) x 4; sides are 4 x e to the given power, height first."""
    found = detect_on_canvas(OneCell(), CANVAS, 0.5)
    assert found.boxes[0] == pytest.approx([42 - 8, 16 - 10, 42 + 8, 16 + 10])
    assert found.scores.tolist() == [0.75]


def test_points_are_fractions_of_the_box():
    """Points come y before x, as parts of the box's sides."""
    points = detect_on_canvas(OneCell(), CANVAS, 0.5).landmarks[0]
    assert points[0] == pytest.approx([34 + 0.25 * 16, 6 + 0.3 * 20])
    assert points[4] == pytest.approx([34 + 0.75 * 16, 6 + 0.8 * 20])


def test_cell_at_the_threshold_is_no_face():
    """Only scores above the threshold count."""
    assert len(detect_on_canvas(OneCell(), CANVAS, 0.75)) == 0
