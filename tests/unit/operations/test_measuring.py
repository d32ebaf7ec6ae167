from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.detection import FixedDetector
from oss_faces.errors import ConfigurationError, UnsupportedFormat
from oss_faces.geometry import FRONTAL_POINTS
from oss_faces.operations import measure, people_of
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.recognition import FixedEmbedder
from oss_faces.values import Detections, Image, ImageSize

FOUND = Detections(np.array([[0, 0, 8, 8]], np.float32), np.ones(1, np.float32), FRONTAL_POINTS[None] * 8)


def decode(content: bytes) -> Image:
    """The same bytes are the same picture; `no picture` is none."""
    if content == b"no picture":
        raise UnsupportedFormat
    pixels = np.resize(np.frombuffer(content.ljust(4), np.uint8), (8, 8, 3))
    return Image(np.ascontiguousarray(pixels), ImageSize(8, 8), "png")


PIPELINE = RecognitionPipeline(FacePipeline(decode, FixedDetector(FOUND), FixedAnalyser(), ()), FixedEmbedder())


def write(folder: Path, people: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[Path]]:
    for name, pictures in people.items():
        (folder / name).mkdir()
        for place, content in enumerate(pictures):
            (folder / name / f"{place}.png").write_bytes(content)
    return people_of(folder)


def crowd(count: int) -> dict[str, list[bytes]]:
    """Persons with two pictures that are alike."""
    return {f"p{n:03}": [b"%05d" % n] * 2 for n in range(count)}


def test_rates_are_told_as_far_as_pairs_reach(tmp_path: Path) -> None:
    """11,026 pairs of strangers tell one in a thousand, not one in ten thousand; both pictures of a person match."""
    measured = measure(PIPELINE, write(tmp_path, crowd(75)))
    assert [rate for rate, _ in measured.calibration.strangers] == [1e-3, 1e-2, 1e-1]
    assert (measured.persons, measured.faces, measured.strangers) == (75, 150, 11_100)
    assert (measured.genuine, measured.found) == (75, 1.0)
    assert measured.calibration.similarity_at(0) > 0.8


def test_picture_that_is_none_is_counted_and_left_out(tmp_path: Path) -> None:
    """A file that is no picture ends nothing."""
    measured = measure(PIPELINE, write(tmp_path, {**crowd(75), "odd": [b"no picture"]}))
    assert (measured.persons, measured.without_face) == (75, 1)


def test_too_few_pairs_measure_nothing(tmp_path: Path) -> None:
    """One in a thousand cannot be told from forty pairs."""
    with pytest.raises(ConfigurationError, match="40 pairs"):
        measure(PIPELINE, write(tmp_path, crowd(5)))


def test_folder_of_one_person_is_refused(tmp_path: Path) -> None:
    """Without a second person there are no strangers."""
    with pytest.raises(ConfigurationError, match="two persons"):
        write(tmp_path, crowd(1))


def test_too_many_pictures_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All distances are held at once, so their number is bounded."""
    monkeypatch.setattr("oss_faces.operations.measuring.PICTURES_MAX", 9)
    with pytest.raises(ConfigurationError, match="10 pictures; at most 9"):
        write(tmp_path, crowd(5))
