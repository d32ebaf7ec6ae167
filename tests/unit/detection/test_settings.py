import pytest

from oss_faces.detection import DetectionSettings
from oss_faces.errors import ConfigurationError


def test_defaults_are_valid():
    """What ships can be used."""
    DetectionSettings().validate()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("score_threshold", 0.0),
        ("score_threshold", 1.0),
        ("iou_threshold", 1.5),
        ("hint_threshold", -0.1),
        ("overview_side", 63),
        ("large_face_side", 5000),
        ("closer_look_pixels_max", -1),
        ("faces_max", 0),
    ],
)
def test_wrong_value_is_refused_by_name(name, value):
    """The error says which setting is wrong."""
    with pytest.raises(ConfigurationError, match=f"detection.{name}"):
        DetectionSettings(**{name: value}).validate()
