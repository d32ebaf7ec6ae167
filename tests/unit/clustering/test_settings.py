import pytest

from oss_faces.clustering import ClusteringSettings, usual_distance
from oss_faces.errors import ConfigurationError
from oss_faces.recognition import DLIB_CALIBRATION, Calibration


@pytest.mark.parametrize(
    "wrong",
    [
        {"linkage_similarity": 0.4},
        {"linkage_similarity": 1.0},
        {"founding_quality": 1.0},
        {"founding_side": -1},
        {"founding_degrees": 0},
    ],
)
def test_values_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """Each with its name."""
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        ClusteringSettings(**wrong).validate()
    ClusteringSettings().validate()


def test_linkage_is_that_of_the_similarity() -> None:
    """The distance of the calibration, in every space its own, and never below 0."""
    settings = ClusteringSettings(linkage_similarity=0.95)
    assert settings.linkage_distance(DLIB_CALIBRATION) == pytest.approx(DLIB_CALIBRATION.distance_of(0.95))
    wide = Calibration(((1e-3, 0.8), (1e-2, 1.0)))
    assert settings.linkage_distance(wide) > 1.5 * settings.linkage_distance(DLIB_CALIBRATION)
    flat = Calibration(((1e-3, 0.1), (1e-2, 0.2)))
    assert ClusteringSettings(linkage_similarity=0.99).linkage_distance(flat) == 0
    assert usual_distance(wide) > settings.linkage_distance(wide)
