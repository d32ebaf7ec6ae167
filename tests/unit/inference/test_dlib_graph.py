import numpy as np
import onnx
import pytest

from oss_faces.inference import (
    CHIPS,
    DLIB_RECOGNITION,
    ModelSettings,
    OnnxSession,
    Session,
    prepare_dlib_recognition,
    read_model,
)

X, Y = np.meshgrid(np.arange(150), np.arange(150))
# Chips and what dlib 20.0.1 itself says of them: the first four numbers, the last two, the length.
KNOWN = {
    "grey": (
        np.full((150, 150, 3), 128),
        (-0.039053, 0.122813, 0.053047, -0.007809, -0.090303, -0.006188),
        1.342806,
    ),
    "brown": (
        np.full((150, 150, 3), (200, 100, 50)),
        (-0.059216, 0.109610, 0.070179, 0.003836, -0.062583, -0.017944),
        1.328270,
    ),
    "ramps": (
        np.stack([X, Y, (X + Y) // 2], axis=2),
        (-0.054913, 0.122001, 0.063602, 0.006221, -0.042524, -0.013759),
        1.318102,
    ),
    "pattern": (
        np.stack([(7 * X + 3 * Y) % 256, (5 * X + 11 * Y) % 256, (X * Y) % 256], axis=2),
        (-0.076822, 0.089981, 0.021964, -0.101673, -0.038482, -0.003581),
        1.365000,
    ),
}


@pytest.fixture(scope="module")
def original() -> bytes:
    return read_model(DLIB_RECOGNITION, ModelSettings())


@pytest.fixture(scope="module")
def session(original) -> Session:
    return OnnxSession(prepare_dlib_recognition(original))


def test_graph_is_valid_and_repeats_to_the_byte(original):
    """A checker objects to nothing, and the same origin gives the same network."""
    prepared = prepare_dlib_recognition(original)
    onnx.checker.check_model(onnx.load_from_string(prepared))
    assert prepared == prepare_dlib_recognition(original)


@pytest.mark.parametrize("name", KNOWN)
def test_graph_says_what_dlib_says(name, session):
    """Known chips give dlib's own numbers."""
    chip, ends, length = KNOWN[name]
    [[vector]] = session.run({CHIPS: chip[None].astype(np.uint8)})
    assert np.concatenate([vector[:4], vector[-2:]]) == pytest.approx(ends, abs=1e-5)
    assert np.linalg.norm(vector) == pytest.approx(length, abs=1e-5)


def test_batch_is_as_good_as_one_by_one(session):
    """A chip's vector does not depend on its company."""
    chips = np.stack([chip for chip, _, _ in KNOWN.values()]).astype(np.uint8)
    [together] = session.run({CHIPS: chips})
    alone = [session.run({CHIPS: chip[None]})[0][0] for chip in chips]
    assert together == pytest.approx(np.stack(alone), abs=1e-6)
