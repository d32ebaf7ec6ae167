import numpy as np

from oss_faces.detection.scout import find_hints


class Heat:
    """A scout with a given answer."""

    def __init__(self, heat):
        self.heat = np.array(heat, np.float32)

    def run(self, _inputs):
        return [self.heat[None]]


LEVEL = np.zeros((16, 24, 3), np.uint8)


def test_hints_are_cells_above_the_threshold_the_likeliest_first():
    """A hint lies in the middle of its 8 px cell."""
    hints = find_hints(Heat([[0.1, 0.7, 0.5], [0.0, 0.0, 0.9]]), LEVEL, 0.5)
    assert hints.centers.tolist() == [[20, 12], [12, 4]]
    assert np.round(hints.scores, 3).tolist() == [np.float32(0.9).round(3), np.float32(0.7).round(3)]


def test_no_suspicion_no_hint():
    """A level without a cell above the threshold gives nothing."""
    assert find_hints(Heat(np.zeros((2, 3))), LEVEL, 0.5).centers.shape == (0, 2)
