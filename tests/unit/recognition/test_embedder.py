from collections.abc import Mapping

import numpy as np
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.geometry import FRONTAL_POINTS
from oss_faces.inference import CHIPS
from oss_faces.recognition import (
    DLIB_ALIGNMENT,
    DLIB_CALIBRATION,
    Embedder,
    FixedEmbedder,
    NetworkEmbedder,
    RecognitionSettings,
    Space,
)
from oss_faces.values import Image, ImageSize

DIMENSIONS = 128


class SidesSession:
    """A stand-in network: the brightness of the left and the right half, the rest zero. Keeps the size of batches."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        chips = inputs[CHIPS].astype(np.float32)
        self.batches.append(len(chips))
        vectors = np.zeros((len(chips), DIMENSIONS), np.float32)
        vectors[:, 0] = chips[:, :, :75].mean(axis=(1, 2, 3))
        vectors[:, 1] = chips[:, :, 75:].mean(axis=(1, 2, 3))
        return [vectors]


def scene(count: int) -> tuple[Image, np.ndarray]:
    """A picture that grows brighter to the right, with faces from left to right."""
    pixels = np.repeat(np.linspace(10, 250, 900).astype(np.uint8)[None, :, None], 200, axis=0).repeat(3, axis=2)
    left = np.linspace(20, 700, count) if count else np.zeros(0)
    points = FRONTAL_POINTS[None] * 100 + np.stack([left, 0 * left + 40], axis=1)[:, None]
    return Image(np.ascontiguousarray(pixels), ImageSize(900, 200), "png"), points.astype(np.float32)


def embedder(session: SidesSession, batch_max: int = 16) -> Embedder:
    space = Space("sides@1", DIMENSIONS, DLIB_CALIBRATION)
    return NetworkEmbedder(session, space, DLIB_ALIGNMENT, RecognitionSettings(batch_max=batch_max))


def test_vectors_have_length_one_whatever_the_network_gives() -> None:
    """A face's vector is scaled to length 1."""
    image, points = scene(4)
    vectors = embedder(SidesSession()).embed(image, points)
    assert vectors.shape == (4, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-6)


def test_mirror_picture_of_a_face_gives_the_same_vector() -> None:
    """Each face is looked at from both sides, so left and right weigh the same."""
    image, points = scene(1)
    [vector] = embedder(SidesSession()).embed(image, points)
    assert vector[0] == pytest.approx(vector[1], abs=1e-6)


def test_batches_are_bounded_and_change_nothing() -> None:
    """Seven faces, each looked at twice, in batches of three give what one batch gives, in the same order."""
    image, points = scene(7)
    small, large = SidesSession(), SidesSession()
    assert embedder(small, 3).embed(image, points) == pytest.approx(embedder(large).embed(image, points))
    assert max(small.batches) == 3
    assert large.batches == [14]


def test_picture_without_faces_runs_no_network() -> None:
    """No face, no vector, no run."""
    image, points = scene(0)
    session = SidesSession()
    assert embedder(session).embed(image, points).shape == (0, DIMENSIONS)
    assert session.batches == []


def test_space_and_its_size_are_told() -> None:
    """Who stores a vector can store its space."""
    assert embedder(SidesSession()).space == "sides@1"
    assert embedder(SidesSession()).dimensions == DIMENSIONS


@pytest.mark.parametrize("batch_max", [0, 257])
def test_impossible_batch_is_refused(batch_max: int) -> None:
    """The settings say what is wrong."""
    with pytest.raises(ConfigurationError, match="batch_max"):
        RecognitionSettings(batch_max=batch_max).validate()


def test_fixed_embedder_knows_pictures_apart() -> None:
    """The same pixels give the same vector, other pixels another one, of length 1."""
    image, points = scene(2)
    other = Image(image.pixels[::-1, ::-1].copy(), image.size, "png")
    first, again, different = (FixedEmbedder().embed(each, points) for each in (image, image, other))
    assert np.array_equal(first, again)
    assert np.abs(first - different).max() > 0.01
    assert np.linalg.norm(first, axis=1) == pytest.approx(np.ones(2), abs=1e-6)
