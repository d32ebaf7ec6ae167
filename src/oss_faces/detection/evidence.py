"""Scores as evidence: log odds add up where probabilities do not."""

import numpy as np

from oss_faces.geometry import FloatArray


def log_odds(scores: FloatArray, bound: float) -> FloatArray:
    """Turn scores in 0..1 into log odds, none counted as nearer to 0 or 1 than `bound`."""
    bounded = np.clip(scores, bound, 1 - bound)
    odds: FloatArray = np.log(bounded / (1 - bounded))
    return odds


def to_scores(odds: FloatArray) -> FloatArray:
    """Turn log odds back into scores, float32."""
    scores: FloatArray = (1 / (1 + np.exp(-odds))).astype(np.float32)
    return scores
