"""Indexes in files: several processes, sudden ends, damage, and what is left of what was removed."""

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.geometry import FloatArray
from oss_faces.vectors import Changes, FileVectorIndexes, VectorIndex, VectorSettings
from tests.contracts.vectors.conftest import DIMENSIONS, changes, unit_vectors
from tests.unit.vectors import applying, inserting

# Where `tests` is found by programs of their own.
ROOT = Path(__file__).parents[3]

SPACE = "s@1"


def open_indexes(folder: Path, **settings: float) -> FileVectorIndexes:
    return FileVectorIndexes(folder, VectorSettings(codes_rows_min=0, **settings))  # type: ignore[arg-type]  # both kinds of number


def found(index: VectorIndex) -> set[int]:
    """Find every number that is there, and that each is found by its own vector."""
    numbers = set(index.search(applying.vector(3)[None], len(index) + 5).numbers[0].tolist()) - {-1}
    ordered = sorted(numbers)
    own = index.search(np.stack([applying.vector(number) for number in ordered]), 1)
    assert own.numbers[:, 0].tolist() == ordered
    assert not own.distances.any()
    return numbers


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def traces(folder: Path, vectors: Iterable[FloatArray]) -> int:
    """Count the vectors of which pieces of eight bytes lie in any file."""
    stored = everything(folder)
    return sum(any(v.tobytes()[at : at + 8] in stored for at in range(0, 4 * DIMENSIONS, 64)) for v in vectors)


# --- several processes --------------------------------------------------------------------------------------------


def test_what_one_process_applies_another_finds(tmp_path: Path) -> None:
    """While another process adds, removes and compacts, each look here sees a whole change, and at last all of them."""
    indexes, index = applying.open_index(tmp_path)
    command = [sys.executable, applying.__file__, str(tmp_path), "1", "45"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        seen = set()
        while child.poll() is None:
            before, numbers, after = index.mark, found_at_once(index), index.mark
            assert any(numbers == applying.living(mark) for mark in range(before, after + 1))
            seen.add(after)
    assert child.returncode == 0
    assert len(seen) > 3
    assert found(index) == applying.living(44)
    indexes.close()


def found_at_once(index: VectorIndex) -> set[int]:
    return set(index.search(applying.vector(3)[None], 500).numbers[0].tolist()) - {-1}


def test_a_change_waits_for_another_process_but_not_for_ever(tmp_path: Path) -> None:
    """While somebody else holds the lock, nothing is changed; searching goes on."""
    indexes = open_indexes(tmp_path, lock_timeout_s=0.02)
    index = indexes.open("d", SPACE, DIMENSIONS)
    index.apply(changes(1, [1], unit_vectors(1)))
    with (tmp_path / "d" / SPACE / "header").open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StorageUnavailable):
            index.apply(changes(2, [2], unit_vectors(1)))
        assert index.search(unit_vectors(1), 1).numbers.tolist() == [[1]]
    index.apply(changes(2, [2], unit_vectors(1)))
    assert (index.mark, len(index)) == (2, 2)
    indexes.close()


def test_an_index_that_another_process_deleted(tmp_path: Path) -> None:
    """What is dropped elsewhere can no longer be used here, and is empty when it is opened again."""
    ours, others = open_indexes(tmp_path), open_indexes(tmp_path)
    index = ours.open("d", SPACE, DIMENSIONS)
    index.apply(changes(1, [1], unit_vectors(1)))
    others.drop("d")
    for call in (lambda: index.mark, lambda: index.search(unit_vectors(1), 1), index.compact):
        with pytest.raises(StorageUnavailable):
            call()
    with pytest.raises(StorageUnavailable):
        index.apply(changes(2))
    assert not list(tmp_path.rglob("*.*"))
    assert ours.open("d", SPACE, DIMENSIONS).mark == 0
    ours.close()
    others.close()


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    """Using what was closed is an error of ours, and opening again gives what was there."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    index.apply(changes(1, [1], unit_vectors(1)))
    index.close()
    with pytest.raises(StorageUnavailable):
        index.search(unit_vectors(1), 1)
    assert indexes.open("d", SPACE, DIMENSIONS).mark == 1
    indexes.close()


# --- sudden ends --------------------------------------------------------------------------------------------------


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """After `kill -9` the mark is that of what can be found, not lower than what was promised; the rest can follow."""
    moments = np.random.default_rng(11)
    promised = 0
    for _ in range(6):
        command = [sys.executable, applying.__file__, str(tmp_path), str(promised + 1), "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            for _ in range(moments.integers(2, 30)):
                promised = int(child.stdout.readline())
            killing = threading.Timer(float(moments.random()) * 0.03, child.kill)
            killing.start()
            promised = int([promised, *child.stdout.read().split()][-1])
            killing.join()
        indexes, index = applying.open_index(tmp_path)
        mark = index.mark
        assert promised <= mark <= promised + 1
        assert found(index) == applying.living(mark)
        # What may have been applied is applied again, after a look from the outside.
        for number in range(max(1, promised - 2), promised + 2):
            index.apply(applying.step(number))
        promised = index.mark
        assert found(index) == applying.living(promised)
        index.compact()
        gone = set(range(3, 3 * promised + 3)) - applying.living(promised)
        assert not traces(tmp_path, [applying.vector(number) for number in sorted(gone)[-40:]])
        indexes.close()
    assert promised > 20


def test_a_torn_tail_is_ignored_and_overwritten(tmp_path: Path) -> None:
    """Rows that were written before their header are not there, and compacting removes them from the disk."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    vectors = unit_vectors(6)
    index.apply(changes(1, [1, 2], vectors[:2]))
    folder = tmp_path / "d" / SPACE
    for name, torn in (
        ("vectors.1", vectors[2:4]),
        ("codes.1", np.full(200, 7, np.uint8)),
        ("numbers.1", np.arange(9)),
    ):
        with (folder / name).open("ab") as file:
            file.write(torn.tobytes())
    assert found_near(index, vectors) == {1, 2}
    assert traces(tmp_path, vectors[2:4]) == 2
    index.compact()
    assert traces(tmp_path, vectors[2:4]) == 0
    index.apply(changes(2, [5, 6], vectors[4:]))
    assert found_near(index, vectors) == {1, 2, 5, 6}
    indexes.close()


def found_near(index: VectorIndex, vectors: FloatArray) -> set[int]:
    return set(index.search(vectors, 10).numbers.ravel().tolist()) - {-1}


@pytest.mark.parametrize("damage", ["vectors.1", "codes.1", "numbers.1", "dead.1", "header", "gone"])
def test_a_damaged_index_begins_anew(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    """With a file too short, or no header, the index is empty with mark 0, to be filled again; the log says so."""
    vectors = unit_vectors(3)
    with_indexes = open_indexes(tmp_path)
    index = with_indexes.open("d", SPACE, DIMENSIONS)
    index.apply(changes(1, [1, 2, 3], vectors))
    index.apply(changes(2, removed=[2]))
    with_indexes.close()
    path = tmp_path / "d" / SPACE / ("numbers.1" if damage == "gone" else damage)
    if damage == "gone":
        path.unlink()
    else:
        os.truncate(path, path.stat().st_size - 1)
        path.write_bytes(bytes(len(path.read_bytes())) if damage == "header" else path.read_bytes())
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    assert (index.mark, len(index)) == (0, 0)
    assert "damaged" in caplog.text
    index.apply(changes(2, [1, 3], vectors[[0, 2]]))
    assert found_near(index, vectors) == {1, 3}
    assert traces(tmp_path, vectors[1:2]) == 0
    indexes.close()


FULL_DISK = """
import resource, sys
from pathlib import Path
from oss_faces.errors import StorageUnavailable
from oss_faces.geometry import FloatArray
from tests.unit.vectors import applying, inserting
_, index = applying.open_index(Path(sys.argv[1]))
for number in range(1, 20):
    index.apply(applying.step(number))
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
try:
    index.apply(applying.step(20))
except StorageUnavailable:
    assert (index.mark, set(index.search(applying.vector(1)[None], 90).numbers[0].tolist()) - {-1}) == (
        19, applying.living(19))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    index.apply(applying.step(20))
    print(index.mark)
"""


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """A change that finds no room raises and leaves what was there; with room again it is applied."""
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT)
    assert done.stdout.strip() == "20"
    indexes, index = applying.open_index(tmp_path)
    assert found(index) == applying.living(20)
    indexes.close()


# --- what is removed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [40, 3000])
def test_removed_vectors_are_in_no_file(tmp_path: Path, count: int) -> None:
    """After compacting, no part of a removed vector is anywhere in the folder, were they few or most of them."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    vectors = unit_vectors(count)
    index.apply(changes(1, range(count), vectors))
    gone = list(range(5, count, 2))
    assert traces(tmp_path, vectors[gone[:20]]) == min(20, len(gone))
    index.apply(changes(2, removed=gone))
    index.compact()
    assert traces(tmp_path, vectors[gone[:20]]) == 0
    assert traces(tmp_path, vectors[:5]) == 5
    kept = sorted(set(range(count)) - set(gone))
    assert index.search(vectors[kept], 1).numbers[:, 0].tolist() == kept
    indexes.close()


def test_compacting_gives_back_room(tmp_path: Path) -> None:
    """When most rows are removed, the files become shorter, and there is one generation of them."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    index.apply(changes(1, range(3000), unit_vectors(3000)))
    before = len(everything(tmp_path))
    index.apply(changes(2, removed=range(100, 3000)))
    index.compact()
    assert len(everything(tmp_path)) < before / 20
    assert len({path.suffix for path in (tmp_path / "d" / SPACE).iterdir()} - {""}) == 1
    indexes.close()


def test_a_removal_that_was_not_overwritten_is_so_by_compacting(tmp_path: Path) -> None:
    """A process that was killed between the header and the overwriting leaves that to the next compacting."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    vectors = unit_vectors(4)
    index.apply(changes(1, range(4), vectors))
    path = tmp_path / "d" / SPACE / "vectors.1"
    before = path.read_bytes()
    index.apply(changes(2, removed=[1, 2]))
    path.write_bytes(before)  # as it was at the moment of the kill
    assert found_near(index, vectors) == {0, 3}
    index.compact()
    assert traces(tmp_path, vectors[1:3]) == 0
    indexes.close()


# --- many -----------------------------------------------------------------------------------------------------------


def test_100_000_inserts_while_another_thread_searches(tmp_path: Path) -> None:
    """Every insert is found in the end, and every answer on the way holds exactly a beginning of them."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    vectors = unit_vectors(100_000)
    wrong, looks, done = [], [], threading.Event()

    def look() -> None:
        while not done.is_set():
            before = len(index)
            numbers = set(index.search(vectors[:1], 20).numbers[0].tolist()) - {-1}
            after = len(index)
            near = np.argsort(-(vectors[:after] @ vectors[0]), kind="stable")
            sizes = {size for size in range(before, after + 1, 2000) if set(near[near < size][:20].tolist()) == numbers}
            looks.append(before)
            wrong.extend([] if sizes else [before])

    searching = threading.Thread(target=look)
    searching.start()
    for begin in range(0, len(vectors), 2000):
        index.apply(changes(begin + 1, range(begin, begin + 2000), vectors[begin : begin + 2000]))
    done.set()
    searching.join()
    assert not wrong
    assert len(set(looks)) > 5
    assert len(index) == 100_000
    sample = np.random.default_rng(6).choice(100_000, 200, replace=False)
    assert index.search(vectors[sample], 1).numbers[:, 0].tolist() == sample.tolist()
    indexes.close()


def test_100_000_inserts_with_sudden_ends(tmp_path: Path) -> None:
    """Two processes that insert and search are killed, a third ends the work: nothing is lost or there twice."""
    promised = 0
    for changes_before_kill in (13, 22, None):
        command = [sys.executable, "-m", inserting.__name__, str(tmp_path)]
        command += [] if changes_before_kill is None else [str(changes_before_kill)]
        child = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, check=False)
        promised = int([promised, *child.stdout.split()][-1])
        assert child.returncode == (0 if changes_before_kill is None else -9)
        indexes, index = applying.open_index(tmp_path)
        assert promised <= index.mark <= promised + inserting.STEP
        assert len(index) == index.mark
        indexes.close()
    assert promised == inserting.COUNT
    indexes, index = applying.open_index(tmp_path)
    sample = np.random.default_rng(6).choice(inserting.COUNT, 200, replace=False)
    assert index.search(inserting.vectors()[sample], 1).numbers[:, 0].tolist() == sample.tolist()
    everybody = index.search(inserting.vectors()[:1], inserting.COUNT).numbers[0]
    assert np.unique(everybody).tolist() == list(range(inserting.COUNT))
    indexes.close()


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", ["", "../up", "A", "a/b", "."])
def test_ids_that_are_no_folder(tmp_path: Path, dataset: str) -> None:
    """An id that would lead elsewhere is a broken promise of the caller."""
    with pytest.raises(AssertionError):
        open_indexes(tmp_path).open(dataset, SPACE, DIMENSIONS)


@pytest.mark.parametrize("space", ["", ".", ".."])
def test_spaces_that_are_no_folder(tmp_path: Path, space: str) -> None:
    """A space without a name is a broken promise of the caller."""
    with pytest.raises(AssertionError):
        open_indexes(tmp_path).open("d", space, DIMENSIONS)


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """Vectors are personal data: nobody else may read them."""
    indexes = open_indexes(tmp_path)
    indexes.open("d", "net/../x y@1", DIMENSIONS).apply(changes(1, [1], unit_vectors(1)))
    paths = list(tmp_path.rglob("*"))
    assert len(paths) == 7
    assert {oct(path.stat().st_mode & 0o777) for path in paths if path.is_file()} == {"0o600"}
    assert {oct(path.stat().st_mode & 0o777) for path in paths if path.is_dir()} == {"0o700"}
    indexes.close()


def test_vectors_that_are_not_of_length_1(tmp_path: Path) -> None:
    """Distances would be wrong, so such vectors are a broken promise of the caller."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    with pytest.raises(AssertionError):
        index.apply(changes(1, [1], 2 * unit_vectors(1)))
    with pytest.raises(AssertionError):
        index.search(unit_vectors(1)[:, :64], 1)
    assert index.mark == 0
    indexes.close()


def test_numbers_may_come_in_any_order(tmp_path: Path) -> None:
    """A number that is lower than one before is added as well, and once."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    vectors = unit_vectors(3)
    whole = changes(3, [9, 4, 7], vectors)
    index.apply(changes(1, [9], vectors[:1]))
    index.apply(whole)
    index.apply(replace(whole, mark=4))
    assert len(index) == 3
    assert index.search(vectors, 1).numbers.tolist() == [[9], [4], [7]]
    indexes.close()


def test_the_value_of_changes_is_copied(tmp_path: Path) -> None:
    """What the caller does with its arrays afterwards changes nothing."""
    indexes = open_indexes(tmp_path)
    index = indexes.open("d", SPACE, DIMENSIONS)
    vectors = unit_vectors(1)
    index.apply(Changes(1, np.array([1]), vectors, np.empty(0, np.int64)))
    kept = vectors.copy()
    vectors[:] = 0
    assert index.search(kept, 1).distances[0, 0] == 0
    indexes.close()
