"""Yes or unknown, and how often it would be wrong."""

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.recognition import Calibration, DecisionSettings, judge

CALIBRATION = Calibration(((1e-5, 0.3), (1e-4, 0.34), (1e-3, 0.37), (1e-2, 0.41)))


def test_the_error_grows_with_the_gallery() -> None:
    """Expected false positives are the rate at this similarity times the faces that were compared."""
    alone, many = (judge(0.37, size, CALIBRATION, DecisionSettings()) for size in (1, 250))
    assert alone.similarity == many.similarity == pytest.approx(0.8)
    assert alone.false_match_rate == many.false_match_rate == pytest.approx(1e-3)
    assert (alone.expected_false_positives, many.expected_false_positives) == pytest.approx((1e-3, 0.25))
    assert (alone.is_match, many.is_match) == (True, False)


@pytest.mark.parametrize(
    ("distance", "compared_with", "is_match"),
    [
        (0.3699, 1, True),
        (0.3701, 1, False),
        (0.3, 999, True),
        (0.3, 1001, False),
        (0.29, 1001, True),
        (0.29, 2000, False),
        (1.2, 1, False),
    ],
)
def test_both_lines_hold(distance: float, compared_with: int, *, is_match: bool) -> None:
    """Similar enough, and few enough to be mistaken for; nearer than was measured is surer, by half."""
    assert judge(distance, compared_with, CALIBRATION, DecisionSettings()).is_match is is_match


def test_settings_move_both_lines() -> None:
    """A stricter or a laxer user gets what he asks for."""
    lax = DecisionSettings(similarity_min=0.5, false_positives_max=5)
    assert judge(0.40, 100, CALIBRATION, lax).is_match
    assert not judge(0.40, 1000, CALIBRATION, lax).is_match
    assert not judge(0.36, 1, CALIBRATION, DecisionSettings(similarity_min=0.95)).is_match


@pytest.mark.parametrize(
    "wrong",
    [{"similarity_min": 0.0}, {"similarity_min": 1.0}, {"false_positives_max": 0}, {"false_positives_max": 1001}],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigurationError, match=f"decision.{next(iter(wrong))}"):
        DecisionSettings(**wrong).validate()
