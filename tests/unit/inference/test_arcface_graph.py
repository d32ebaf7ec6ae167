import numpy as np
import pytest
from onnx import TensorProto

from oss_faces.errors import ModelUnavailable
from oss_faces.inference import CHIPS, OnnxSession, prepare_arcface
from tests.packs import SIDE, network


def chips() -> np.ndarray:
    """Two pictures: the first red with a blue lower half, the second grey."""
    both = np.full((2, SIDE, SIDE, 3), 100, np.uint8)
    both[0] = (200, 0, 0)
    both[0, 56:] = (0, 0, 50)
    return both


@pytest.mark.parametrize("is_bgr", [False, True])
def test_network_is_fed_as_it_wants(is_bgr: bool) -> None:
    """Colours in its order, planes before rows, and each value with the mean taken off and divided."""
    session = OnnxSession(prepare_arcface(network(), SIDE, is_bgr=is_bgr, mean=50, divisor=25))
    [vectors] = session.run({CHIPS: chips()})
    red, green, blue = [6, 6, -2, -2], [-2, -2, -2, -2], [-2, -2, 0, 0]
    expected = [*blue, *green, *red] if is_bgr else [*red, *green, *blue]
    assert vectors[0] == pytest.approx(np.array(expected))
    assert vectors[1] == pytest.approx(np.full(12, 2))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no network at all", "ONNX"),
        (network(channels=1), r"data \('n', 1, 112, 112\)"),
        (network(kind=TensorProto.FLOAT16), "float32"),
    ],
)
def test_what_is_no_such_network_is_refused(content: bytes, said: str) -> None:
    """The error says what was found."""
    with pytest.raises(ModelUnavailable, match=said):
        prepare_arcface(content, SIDE, is_bgr=False, mean=0, divisor=1)


def test_network_of_another_size_is_refused() -> None:
    """A network for chips of 112 is none for chips of 96."""
    with pytest.raises(ModelUnavailable, match="96, 96"):
        prepare_arcface(network(), 96, is_bgr=False, mean=0, divisor=1)
