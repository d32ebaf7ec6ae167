"""Yes, or unknown: every answer carries how often it would be wrong. Pure."""

from dataclasses import dataclass

from oss_faces.recognition.calibration import Calibration
from oss_faces.recognition.settings import DecisionSettings


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a distance says.

    Attributes:
        similarity: 0..1.
        false_match_rate: share of pairs of strangers who are as similar, or more.
        expected_false_positives: how many of the faces that a stranger was compared with come as near, on average.
        is_match: whether it is the same person as far as we are willing to say.
    """

    similarity: float
    false_match_rate: float
    expected_false_positives: float
    is_match: bool


def judge(distance: float, compared_with: int, calibration: Calibration, settings: DecisionSettings) -> Verdict:
    """Tell what the distance of two faces says.

    Several pictures of one person resemble each other, so that the expected number is rather too high than too low.

    Args:
        distance: of two vectors of length 1, 0 to 2.
        compared_with: faces that the probe was compared with; 1 when two faces were compared with each other.
    """
    similarity = calibration.similarity_at(distance)
    rate = calibration.false_match_rate(similarity)
    expected = rate * compared_with
    is_match = similarity >= settings.similarity_min and expected <= settings.false_positives_max
    return Verdict(similarity, rate, expected, is_match)
