"""The quick look never loses one of the nearest, however hard the vectors make it."""

import numpy as np
import pytest

from oss_faces.geometry import FloatArray
from oss_faces.vectors import Matches, MemoryVectorIndex, multiply
from oss_faces.vectors.codes import encode
from oss_faces.vectors.scanning import CodeLook, FloatLook, QuickLook, Stored, groups, search
from tests.contracts.vectors.conftest import changes, unit_vectors

BLOCK_SCORES = 1000


def near(centres: FloatArray, each: int, spread: float, seed: int = 5) -> FloatArray:
    """Crowds of vectors around some centres."""
    noise = np.random.default_rng(seed).standard_normal((len(centres) * each, centres.shape[1]))
    crowded = np.repeat(centres, each, axis=0) + spread * noise
    return np.asarray(crowded / np.linalg.norm(crowded, axis=1, keepdims=True), np.float32)


SETS = {
    "one": unit_vectors(1),
    "random": unit_vectors(3000),
    "crowds": near(unit_vectors(4), 700, 0.002),
    "one narrow crowd": near(unit_vectors(1), 3000, 1e-4),
    "all the same": np.repeat(unit_vectors(1), 2500, axis=0),
    "along axes": np.concatenate([np.eye(128, dtype=np.float32), -np.eye(128, dtype=np.float32), unit_vectors(800)]),
    "two dimensions": unit_vectors(2000, dimensions=2),
    "many dimensions": unit_vectors(300, dimensions=1500),
}


def stored(vectors: FloatArray, dead: list[int]) -> Stored:
    codes, loss = encode(vectors)
    return Stored(vectors, codes, np.arange(len(vectors), dtype=np.int64) + 10, np.array(dead, np.int64), loss)


def look_of(kind: str, rows: Stored, probes: FloatArray) -> QuickLook:
    return FloatLook(rows, probes) if kind == "float" else CodeLook(rows, probes, multiply)


def truth(rows: Stored, probes: FloatArray, count: int) -> Matches:
    index = MemoryVectorIndex(rows.vectors.shape[1])
    living = np.setdiff1d(np.arange(len(rows.numbers)), rows.dead)
    index.apply(changes(1, rows.numbers[living].tolist(), rows.vectors[living]))
    return index.search(probes, count)


@pytest.mark.parametrize("kind", ["float", "codes"])
@pytest.mark.parametrize("vectors", SETS.values(), ids=SETS)
@pytest.mark.parametrize("count", [1, 10, 1200])
def test_the_answer_is_exact(kind: str, vectors: FloatArray, count: int) -> None:
    """Numbers and distances are those of looking at every vector truly, with removed rows among the nearest."""
    strangers = unit_vectors(3, seed=8, dimensions=vectors.shape[1])
    probes = np.concatenate([strangers, vectors[:1], vectors[len(vectors) // 2 :][:2]])
    rows = stored(vectors, sorted({len(vectors) // 2, len(vectors) - 1}) if len(vectors) > 1 else [])
    found = search(look_of(kind, rows, probes), rows, probes, count, BLOCK_SCORES)
    wanted = truth(rows, probes, count)
    np.testing.assert_array_equal(found.numbers, wanted.numbers)
    np.testing.assert_array_equal(found.distances, wanted.distances)


@pytest.mark.parametrize("kind", ["float", "codes"])
def test_all_rows_removed(kind: str) -> None:
    """Where every row is removed, nobody is found."""
    rows = stored(unit_vectors(1500), list(range(1500)))
    probes = unit_vectors(2, seed=8)
    found = search(look_of(kind, rows, probes), rows, probes, 3, BLOCK_SCORES)
    assert (found.numbers == -1).all()


def test_the_codes_spare_true_looks() -> None:
    """Few vectors are looked at truly, or codes would be of no use."""

    class Counting(np.ndarray):  # type: ignore[type-arg]  # counts what is gathered from it
        gathered = 0

        def __getitem__(self, key: object) -> object:
            if isinstance(key, np.ndarray):
                Counting.gathered += len(key)
            return np.asarray(self)[key]  # type: ignore[index]  # whatever an array takes

    rows = stored(unit_vectors(20_000), [])
    seen = Stored(rows.vectors.view(Counting), rows.codes, rows.numbers, rows.dead, rows.loss)
    probes = unit_vectors(4, seed=8)
    search(CodeLook(seen, probes, multiply), seen, probes, 10, 20_000)
    assert 40 <= Counting.gathered < 1500


def test_probes_are_divided() -> None:
    """Groups hold every probe once, in order, and are never too many probes at a time."""
    probes = unit_vectors(150)
    divided = groups(probes)
    assert max(map(len, divided)) == 64
    np.testing.assert_array_equal(np.concatenate(divided), probes)
