"""What every index of vectors does."""

import threading

import numpy as np
import pytest

from oss_faces.vectors import VectorIndex, VectorIndexes
from tests.contracts.vectors.conftest import DIMENSIONS, SPACE, changes, unit_vectors


@pytest.fixture
def index(indexes: VectorIndexes) -> VectorIndex:
    return indexes.open("dataset-1", SPACE, DIMENSIONS)


def test_a_new_index_is_empty(index: VectorIndex) -> None:
    """Nothing was applied, and a search finds nobody, at an infinite distance."""
    assert (index.mark, len(index)) == (0, 0)
    found = index.search(unit_vectors(2), 3)
    assert found.numbers.tolist() == [[-1] * 3] * 2
    assert np.isposinf(found.distances).all()
    assert (found.numbers.dtype, found.distances.dtype) == (np.int64, np.float32)


def test_no_probes_no_matches(index: VectorIndex) -> None:
    """A search without probes is answered in the same form."""
    index.apply(changes(1, [1], unit_vectors(1)))
    found = index.search(np.empty((0, DIMENSIONS), np.float32), 4)
    assert (found.numbers.shape, found.distances.shape) == ((0, 4), (0, 4))


def test_nearest_first(index: VectorIndex) -> None:
    """Every probe gets its own nearest vectors in order, with distances as they are, exact to the seventh digit."""
    vectors = unit_vectors(300)
    index.apply(changes(1, range(1000, 1300), vectors))
    probes = unit_vectors(7, seed=2)
    found = index.search(probes, 10)
    far = np.linalg.norm(probes[:, None, :].astype(np.float64) - vectors[None], axis=2)
    order = np.argsort(far, axis=1)[:, :10]
    assert found.numbers.tolist() == (order + 1000).tolist()
    np.testing.assert_allclose(found.distances, np.take_along_axis(far, order, 1), atol=1e-6)


def test_a_vector_finds_itself(index: VectorIndex) -> None:
    """A vector that is kept lies at distance 0 of itself."""
    vectors = unit_vectors(50)
    index.apply(changes(1, range(1, 51), vectors))
    found = index.search(vectors, 1)
    assert found.numbers[:, 0].tolist() == list(range(1, 51))
    assert not found.distances.any()


def test_fewer_than_asked_for(index: VectorIndex) -> None:
    """The places without a vector come last."""
    index.apply(changes(1, [5, 6], unit_vectors(2)))
    found = index.search(unit_vectors(2)[:1], 4)
    assert found.numbers.tolist() == [[5, 6, -1, -1]]
    assert np.isfinite(found.distances[0, :2]).all()
    assert np.isposinf(found.distances[0, 2:]).all()


def test_ties_by_number(index: VectorIndex) -> None:
    """Of equal vectors the lowest numbers are found, whatever the order in which they came."""
    same = np.repeat(unit_vectors(1), 200, axis=0)
    numbers = np.random.default_rng(3).permutation(np.arange(1, 201))
    index.apply(changes(1, numbers[:120].tolist(), same[:120]))
    index.apply(changes(2, [*numbers[120:].tolist(), 900], np.concatenate([same[120:], unit_vectors(1, seed=9)])))
    assert index.search(same[:2], 5).numbers.tolist() == [[1, 2, 3, 4, 5]] * 2


def test_a_removed_vector_is_not_found(index: VectorIndex) -> None:
    """Removal takes effect at once; a number that is not there is passed over."""
    vectors = unit_vectors(3)
    index.apply(changes(1, [1, 2, 3], vectors))
    index.apply(changes(2, removed=[2, 77]))
    assert (index.mark, len(index)) == (2, 2)
    assert set(index.search(vectors[1:2], 3).numbers[0].tolist()) == {1, 3, -1}


def test_a_change_twice_is_a_change_once(index: VectorIndex) -> None:
    """What was applied already does nothing, whole or in part of a longer change."""
    vectors = unit_vectors(4)
    index.apply(changes(2, [1, 2], vectors[:2]))
    index.apply(changes(2, [1, 2], vectors[:2]))
    index.apply(changes(3, [3], vectors[2:3], removed=[1]))
    index.apply(changes(2, [1, 2], vectors[:2]))
    assert (index.mark, len(index)) == (3, 2)
    index.apply(changes(5, [2, 3, 4], vectors[1:], removed=[1]))
    assert (index.mark, len(index)) == (5, 3)
    assert set(index.search(vectors[:1], 4).numbers[0].tolist()) == {2, 3, 4, -1}


def test_a_change_of_nothing_moves_the_mark(index: VectorIndex) -> None:
    """The face database may have changed without a vector."""
    index.apply(changes(9))
    assert (index.mark, len(index)) == (9, 0)


def test_compacting_loses_nothing(index: VectorIndex) -> None:
    """What could be found before compacting is found after it, and later changes go on from there."""
    vectors = unit_vectors(40)
    index.apply(changes(1, range(1, 31), vectors[:30]))
    index.apply(changes(2, removed=list(range(5, 15))))
    before = index.search(vectors, 5)
    index.compact()
    after = index.search(vectors, 5)
    assert (index.mark, len(index)) == (2, 20)
    np.testing.assert_array_equal(after.numbers, before.numbers)
    np.testing.assert_array_equal(after.distances, before.distances)
    index.apply(changes(3, range(31, 41), vectors[30:], removed=[1]))
    assert index.search(vectors[30:], 1).numbers[:, 0].tolist() == list(range(31, 41))


def test_the_same_arguments_give_the_same_index(indexes: VectorIndexes) -> None:
    """What is applied through one is found through the other; another dataset or space has its own."""
    indexes.open("a", SPACE, DIMENSIONS).apply(changes(4, [1], unit_vectors(1)))
    assert indexes.open("a", SPACE, DIMENSIONS).mark == 4
    assert indexes.open("b", SPACE, DIMENSIONS).mark == 0
    assert indexes.open("a", "other/space:2", 64).mark == 0


def test_dropped_indexes_begin_anew(indexes: VectorIndexes) -> None:
    """Dropping deletes the indexes of one dataset, but for the spaces that are to be kept."""
    for dataset, space in (("a", "old@1"), ("a", "new@2"), ("ab", "old@1")):
        indexes.open(dataset, space, DIMENSIONS).apply(changes(1, [1], unit_vectors(1)))
    indexes.drop("a", keep=["new@2"])
    indexes.drop("never-there")
    marks = [indexes.open(*each, DIMENSIONS).mark for each in (("a", "old@1"), ("a", "new@2"), ("ab", "old@1"))]
    assert marks == [0, 1, 1]
    indexes.drop("a")
    assert indexes.open("a", "new@2", DIMENSIONS).mark == 0


def test_searching_while_another_thread_applies(index: VectorIndex) -> None:
    """Each answer is that of a whole change: pairs are added and removed together, and never seen apart."""
    vectors = unit_vectors(60)
    torn, done = [], threading.Event()

    def look() -> None:
        while True:
            last = done.is_set()
            found = set(index.search(vectors[:1], 700).numbers[0].tolist()) - {-1}
            torn.extend(number for number in found if number ^ 1 not in found)
            if last:
                return

    searching = threading.Thread(target=look)
    searching.start()
    for step in range(30):
        pair = [2 * step, 2 * step + 1]
        gone = [pair[0] - 10, pair[1] - 10] if step % 2 and step > 10 else []
        index.apply(changes(step + 1, pair, vectors[pair], removed=gone))
        if step % 11 == 10:
            index.compact()
    done.set()
    searching.join()
    assert not torn
    assert len(index) == 60 - 2 * 10
