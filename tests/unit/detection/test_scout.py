import numpy as np

from oss_faces.detection.scout import find_hints
from oss_faces.inference import ModelSettings, OnnxSession, read_model, scout_spec
from tests.unit.detection.networks import WhiteHints


class Heat:
    """A scout with a given answer."""

    def __init__(self, heat):
        self.heat = np.array(heat, np.float32)

    def run(self, inputs):
        assert inputs["image"].shape[0] == 1
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


def test_bands_give_what_the_whole_level_gives():
    """A level of many bands has its hints where one look at the whole would have them."""
    level = np.zeros((1500, 40, 3), np.uint8)
    white = [(3, 5), (511, 20), (512, 20), (1030, 39), (1499, 0)]
    for row, column in white:
        level[row, column] = 255
    hints = find_hints(WhiteHints(), level, 0.5)
    cells = {(int(y) // 8, int(x) // 8) for x, y in hints.centers}
    assert cells == {(row // 8, column // 8) for row, column in white}


def test_bands_of_the_shipped_scout_join_without_a_seam():
    """Rows near the edges of a band see as much of their surroundings as all others."""
    settings = ModelSettings()
    session = OnnxSession(read_model(scout_spec(settings), settings))
    level = np.random.default_rng(0).integers(0, 256, (1100, 64, 3), np.uint8)
    whole = session.run({"image": level[None]})[0][0]
    hints = find_hints(session, level, 0.0)
    assert np.allclose(hints.scores, np.sort(whole.ravel())[::-1], atol=1e-5)
