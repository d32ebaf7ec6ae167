import hashlib

import numpy as np
import pytest

from oss_faces.errors import ModelUnavailable
from oss_faces.geometry import FloatArray
from oss_faces.recognition import ARCFACE_ALIGNMENT, Calibration, PackSpec, RecognitionSettings, load_pack
from oss_faces.values import Image, ImageSize
from tests.packs import DIMENSIONS, network

CALIBRATION = Calibration(((0.001, 0.2), (0.01, 0.4)))


def spec(content: bytes, calibration: Calibration | None = CALIBRATION) -> PackSpec:
    return PackSpec("tiny", "1", "MIT", hashlib.sha256(content).hexdigest(), file="x", calibration=calibration)


def scene() -> tuple[Image, FloatArray]:
    """Two faces on a picture that grows redder to the right."""
    pixels = np.zeros((200, 400, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, 400).astype(np.uint8)
    points = np.stack([ARCFACE_ALIGNMENT.template * 100 + (left, 50) for left in (20, 250)]).astype(np.float32)
    return Image(pixels, ImageSize(400, 200), "png"), points


def test_network_of_a_pack_gives_vectors_of_its_own_size_and_space() -> None:
    """Length 1, as many numbers as the network gives, and the calibration of the pack."""
    wanted = spec(network())
    embedder = load_pack(network(), wanted, RecognitionSettings())
    vectors = embedder.embed(*scene())
    assert vectors.shape == (2, DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(2), abs=1e-6)
    assert (embedder.space, embedder.dimensions) == (wanted.space, DIMENSIONS)
    assert embedder.calibration == CALIBRATION


def test_network_of_one_face_at_a_time_gives_the_same() -> None:
    """Where the file fixes the batch, faces go through one by one."""
    free = load_pack(network(), spec(network()), RecognitionSettings()).embed(*scene())
    fixed = load_pack(network(batch=1), spec(network(batch=1)), RecognitionSettings()).embed(*scene())
    assert fixed == pytest.approx(free, abs=1e-6)


def test_pack_that_was_not_measured_answers_no_question() -> None:
    """Its vectors can be made, their similarity cannot be told; least of all by the calibration of another network."""
    embedder = load_pack(network(), spec(network(), None), RecognitionSettings())
    first, second = embedder.embed(*scene())
    with pytest.raises(KeyError):
        embedder.calibration.similarity(first, second)


@pytest.mark.parametrize(
    ("content", "said"), [(network(constant=True), "the same for two"), (network(batch=7), "cannot be run")]
)
def test_network_that_is_of_no_use_is_refused(content: bytes, said: str) -> None:
    """One that sees nothing, and one that takes seven faces and nothing else."""
    with pytest.raises(ModelUnavailable, match=said):
        load_pack(content, spec(content), RecognitionSettings())
