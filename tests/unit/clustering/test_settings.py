import pytest

from oss_faces.clustering import ClusteringSettings
from oss_faces.errors import ConfigurationError
from oss_faces.recognition import DLIB_CALIBRATION


@pytest.mark.parametrize(
    "wrong",
    [
        {"linkage_similarity": 0.4},
        {"linkage_similarity": 1.0},
        {"founding_quality": 1.1},
        {"joining_quality": -0.1},
        {"founding_side": -1},
        {"founding_degrees": 0},
    ],
)
def test_values_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """Each with its name."""
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        ClusteringSettings(**wrong).validate()
    ClusteringSettings().validate()


def test_linkage_is_that_of_the_similarity_and_tightens_in_large_datasets() -> None:
    """Up to 4,000 figures it is the distance of the similarity, then less, and never below 0."""
    settings = ClusteringSettings(linkage_similarity=0.9)
    distances = [settings.linkage_distance(DLIB_CALIBRATION, figures) for figures in (0, 4000, 40_000, 10**6, 10**30)]
    assert distances[0] == distances[1] == pytest.approx(DLIB_CALIBRATION.distance_of(0.9))
    assert distances[1] - distances[2] == pytest.approx(0.031, abs=0.001)
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] == 0
