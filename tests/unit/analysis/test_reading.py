import numpy as np
import pytest

from oss_faces.analysis.reading import COMPRESSION_WEIGHT, EMOTIONS, attributes_of, rows_of
from oss_faces.geometry import CropFrame

UPRIGHT = CropFrame(0, 0, 100, 0.0)


def row(**changed: list[float]) -> dict[str, np.ndarray]:
    """A calm, clear, frontal face, but for what is changed."""
    plain: dict[str, list[float]] = {
        "gender": [0.9],
        "age": [31.5, 4.0],
        "emotion": [0.05, 0.05, 0.1, 0.5, 0.1, 0.1, 0.1],
        "mouth": [0.2],
        "beard": [0.5],
        "hat": [0.0],
        "mask": [0.0],
        "glasses": [0.2, 0.7, 0.1],
        "attractive": [0.4],
        "pose": [0.0, 0.0, 0.0],
        "sharpness": [0.8],
        "quality": [0.9],
    }
    return {name: np.array(values, np.float32) for name, values in (plain | changed).items()}


def test_outputs_are_split_by_face() -> None:
    """Row k holds line k of every output."""
    sizes = [len(values) for values in row().values()]
    outputs = [np.arange(3, dtype=np.float32)[:, None].repeat(size, axis=1) + place for place, size in enumerate(sizes)]
    rows = rows_of(outputs)
    assert len(rows) == 3
    assert rows[2]["gender"].tolist() == [2]
    assert rows[1]["quality"].tolist() == [12]


def test_confidence_is_that_of_the_stated_value() -> None:
    """A probability below one half is turned into confidence in the other value."""
    found = attributes_of(row(), UPRIGHT, 0.0)
    assert (found["gender"].value, found["gender"].confidence) == ("male", pytest.approx(0.9))
    assert (found["mouth"].value, found["mouth"].confidence) == ("close", pytest.approx(0.8))
    assert (found["beard"].value, found["beard"].confidence) == ("beard", pytest.approx(0.5))
    assert attributes_of(row(gender=[0.1]), UPRIGHT, 0.0)["gender"].value == "female"


def test_likeliest_kinds_are_named() -> None:
    """Glasses and emotion say the likeliest kind, in the order in which the network was taught."""
    found = attributes_of(row(), UPRIGHT, 0.0)
    assert (found["glasses"].value, found["glasses"].confidence) == ("glasses", pytest.approx(0.7))
    assert found["emotion"].value == "happy"
    assert list(found["emotion"].scores) == list(EMOTIONS)


def test_roll_adds_the_angle_of_the_crop_and_wraps() -> None:
    """The network sees an upright crop; the picture's roll is the crop's angle and what the network still sees."""
    assert attributes_of(row(pose=[1, 2, 5]), CropFrame(0, 0, 9, np.deg2rad(30)), 0.0)["pose"].roll == pytest.approx(35)
    turned = attributes_of(row(pose=[1, 2, 5]), CropFrame(0, 0, 9, np.deg2rad(178)), 0.0)["pose"]
    assert turned.roll == pytest.approx(-177, abs=1e-3)
    assert (turned.pitch, turned.yaw) == (1, 2)


def test_compression_costs_sharpness() -> None:
    """What JPEG has thrown away is missing, the rest is as the network says."""
    assert attributes_of(row(), UPRIGHT, 0.0)["sharpness"] == pytest.approx(0.8)
    assert attributes_of(row(), UPRIGHT, 0.5)["sharpness"] == pytest.approx(0.8 * (1 - 0.5 * COMPRESSION_WEIGHT))
