from collections import Counter

import numpy as np
import pytest

from oss_faces.inference import DLIB_RECOGNITION, ModelSettings, read_model
from oss_faces.inference.dlib_file import Convolution, DlibNetwork, Matrix, Scaling, read_dlib_network


@pytest.fixture(scope="module")
def network() -> DlibNetwork:
    return read_dlib_network(read_model(DLIB_RECOGNITION, ModelSettings()))


def test_every_layer_is_read(network):
    """29 convolutions, each scaled; 14 sums; six poolings; one matrix; nothing is left over."""
    kinds = Counter(type(layer).__name__ for layer in network.layers)
    assert kinds == {
        "Convolution": 29,
        "Scaling": 29,
        "Rectify": 29,
        "AddBlockInput": 14,
        "Pooling": 6,
        "Matrix": 1,
    }
    assert network.side == 150
    assert network.means == pytest.approx((122.782, 117.001, 104.298))


def test_numbers_of_the_file_are_those_known(network):
    """The first and the last weights, and how many there are."""
    first, scaling, matrix = network.layers[0], network.layers[1], network.layers[-1]
    assert isinstance(first, Convolution)
    assert isinstance(scaling, Scaling)
    assert isinstance(matrix, Matrix)
    assert first.weights.ravel()[:3] == pytest.approx([-0.02932992, -0.01886531, -0.00566939])
    assert first.bias[0] == pytest.approx(1.9543e-05, rel=1e-4)
    assert scaling.factor[:2] == pytest.approx([12.166323, 10.559221])
    assert scaling.offset[:2] == pytest.approx([0.46428606, 0.10975504])
    assert matrix.weights.ravel()[:2] == pytest.approx([-0.00674625, -0.01018923])
    arrays = [getattr(layer, name) for layer in network.layers for name in getattr(layer, "__slots__", ())]
    assert sum(array.size for array in arrays if isinstance(array, np.ndarray)) == 5_614_592


def test_file_that_ends_early_is_not_read():
    """A torn file is a broken promise of the caller, who checks the hash."""
    whole = read_model(DLIB_RECOGNITION, ModelSettings())
    with pytest.raises(AssertionError):
        read_dlib_network(whole[:-7])
