"""Codes of vectors: what they lose is told, and products of them are exact."""

import numpy as np
import pytest

from oss_faces.geometry import FloatArray
from oss_faces.inference import IntegerProducts
from oss_faces.vectors import IntegerProduct, multiply
from oss_faces.vectors.codes import ZERO, Loss, encode, encode_probes, step_of
from tests.contracts.vectors.conftest import unit_vectors


@pytest.fixture(scope="module", params=["numpy", "engine"])
def product(request: pytest.FixtureRequest) -> IntegerProduct:
    return multiply if request.param == "numpy" else IntegerProducts()


def decoded(vectors: FloatArray) -> FloatArray:
    codes, _ = encode(vectors)
    return np.asarray((codes.astype(np.float64) - ZERO) * step_of(vectors.shape[1]), np.float32)


@pytest.mark.parametrize("dimensions", [1, 2, 128, 512])
def test_the_residual_is_the_largest_loss(dimensions: int) -> None:
    """No vector is farther from what its code stands for than was told, and one is as far."""
    vectors = unit_vectors(500, dimensions=dimensions)
    losses = np.linalg.norm(vectors - decoded(vectors), axis=1)
    loss = encode(vectors)[1]
    assert loss.residual == pytest.approx(losses.max(), abs=1e-6)
    lengths = np.linalg.norm(decoded(vectors), axis=1)
    assert loss.shortest == pytest.approx(min(1.0, lengths.min() ** 2), abs=1e-6)


def test_the_loss_is_small() -> None:
    """Of vectors of 128 dimensions less than two hundredths of the length are lost."""
    loss = encode(unit_vectors(20_000))[1]
    assert loss.residual < 0.02
    assert loss.shortest > 0.98


def test_what_is_clipped_counts_as_lost() -> None:
    """A vector along one axis is cut at the reach of the codes, and that is told."""
    vector = np.eye(128, dtype=np.float32)[:1]
    assert encode(vector)[1].residual == pytest.approx(1 - 6 / np.sqrt(128), abs=1e-4)


def test_codes_do_not_depend_on_the_others() -> None:
    """A vector has the same code alone and among others, so that rows can be added for ever."""
    vectors = unit_vectors(100)
    together, _ = encode(vectors)
    assert all((encode(vectors[place : place + 1])[0] == together[place]).all() for place in range(100))


def test_nothing_to_encode() -> None:
    """No vectors have no codes and lose nothing."""
    codes, loss = encode(np.empty((0, 128), np.float32))
    assert (codes.shape, loss) == ((0, 128), Loss())


@pytest.mark.parametrize("dimensions", [1, 3, 128, 512, 2048])
def test_products_are_exact(product: IntegerProduct, dimensions: int) -> None:
    """Whatever the bytes, the largest of all included, every product is that of whole numbers."""
    random = np.random.default_rng(4)
    codes = random.integers(0, 256, (700, dimensions), np.uint8)
    codes[:3] = [[255], [0], [1]]
    probes = random.integers(-64, 65, (9, dimensions), np.int8)
    probes[:2] = [[64], [-64]]
    wanted = codes.astype(np.int64) @ probes.T.astype(np.int64)
    got = product(codes, probes)
    assert got.dtype == np.int32
    np.testing.assert_array_equal(got, wanted)


def test_a_product_of_codes_is_near_that_of_the_vectors(product: IntegerProduct) -> None:
    """With worth and offset applied, a product differs by no more than the residuals allow, and nearly as much."""
    vectors, probes = unit_vectors(5000), unit_vectors(20, seed=2)
    codes, loss = encode(vectors)
    coded = encode_probes(probes)
    guess = (product(codes, coded.codes) - coded.offset) * coded.worth
    error = np.abs(guess - vectors @ probes.T)
    assert (error <= coded.residual * (1 + loss.residual) + loss.residual).all()
    assert error.max() > loss.residual / 10


def test_probes_stay_within_seven_bits() -> None:
    """No code of a probe is larger than 64, so that pairs of products fit into 16 bits."""
    probes = np.concatenate([unit_vectors(50), np.eye(128, dtype=np.float32)])
    assert np.abs(encode_probes(probes).codes.astype(int)).max() == 64
