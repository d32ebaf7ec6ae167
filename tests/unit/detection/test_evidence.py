import numpy as np
import pytest

from oss_faces.detection.evidence import log_odds, to_scores


def test_log_odds_and_back():
    """A score inside the bound comes back as it was."""
    scores = np.array([0.02, 0.5, 0.9], np.float32)
    assert to_scores(log_odds(scores, 0.01)) == pytest.approx(scores, abs=1e-6)


def test_certainty_is_bounded():
    """What is wholly sure counts as the bound says, and not without end."""
    assert to_scores(log_odds(np.array([0.0, 1.0], np.float32), 0.01)) == pytest.approx([0.01, 0.99], abs=1e-6)
