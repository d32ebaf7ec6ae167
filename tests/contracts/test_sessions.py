"""What every inference session promises, tried on every network that ships."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as Pillow

from oss_faces.errors import EngineFailed
from oss_faces.inference import (
    CENTERFACE,
    ModelSettings,
    OnnxSession,
    prepare_centerface,
    read_model,
    scout_spec,
)
from tests.running import portrait

SETTINGS = ModelSettings()


def centerface() -> OnnxSession:
    return OnnxSession(prepare_centerface(read_model(CENTERFACE, SETTINGS)))


def scout() -> OnnxSession:
    return OnnxSession(read_model(scout_spec(SETTINGS), SETTINGS))


@pytest.fixture(scope="module", params=[centerface, scout])
def session(request) -> OnnxSession:
    return request.param()


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.asarray(Pillow.open(portrait()).convert("RGB").resize((256, 256)))


def test_same_input_same_output(session, pixels):
    """A session has no memory: the second answer equals the first, also after another size."""
    first = session.run({"image": pixels[None]})
    session.run({"image": pixels[None, :64, :96]})
    second = session.run({"image": pixels[None]})
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_outputs_are_float32_and_follow_the_size(session, pixels):
    """Height and width of the picture decide those of the answer."""
    wide = session.run({"image": np.ascontiguousarray(pixels[None, :128, :256])})
    tall = session.run({"image": np.ascontiguousarray(pixels[None, :256, :128])})
    for one, other in zip(wide, tall, strict=True):
        assert one.dtype == np.float32
        assert one.shape[-2:] == other.shape[-1:-3:-1]


def test_threads_may_share_a_session(session, pixels):
    """Calls at the same time give what calls one after the other give."""
    pictures = [np.ascontiguousarray(np.roll(pixels, shift, axis=1)[None]) for shift in range(0, 128, 16)]
    alone = [session.run({"image": picture}) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda picture: session.run({"image": picture}), pictures))
    for one, other in zip(alone, together, strict=True):
        assert all(np.array_equal(first, second) for first, second in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "inputs",
    [{}, {"image": np.zeros((1, 64, 64, 3), np.float32)}, {"image": np.zeros((64, 64, 3), np.uint8)}],
    ids=["nothing", "wrong type", "wrong shape"],
)
def test_wrong_input_is_an_engine_error(session, inputs):
    """Whatever the engine raises arrives as our error, with the reason for the log."""
    with pytest.raises(EngineFailed) as caught:
        session.run(inputs)
    assert caught.value.context["reason"]
