"""What is Milvus's own: being out of reach, and a sudden end. The rest is in the contract."""

import subprocess
import sys
from pathlib import Path

import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.vectors import VectorIndexes, VectorSettings, open_vector_indexes
from tests.contracts.vectors.conftest import DIMENSIONS, changes, unit_vectors

pytest.importorskip("milvus_lite", reason="needs Milvus Lite, which pip installs with the extra test")

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.contracts.vectors.conftest import DIMENSIONS, changes, unit_vectors
from tests.unit.vectors.test_milvus import opened
index = opened(Path(sys.argv[1])).open("d", "s@1", DIMENSIONS)
vectors = unit_vectors(30)
for mark in range(1, 11):
    index.apply(changes(mark, range(3 * mark - 3, 3 * mark), vectors[3 * mark - 3 : 3 * mark], removed=[mark - 2]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def opened(folder: Path) -> VectorIndexes:
    return open_vector_indexes(VectorSettings(engine="milvus", milvus_uri=str(folder / "m.db")), folder, {})


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    """A call that cannot reach Milvus ends as one that may be tried again."""
    settings = VectorSettings(engine="milvus", milvus_uri="http://127.0.0.1:1", milvus_timeout_s=0.05)
    indexes = open_vector_indexes(settings, tmp_path, {})
    with pytest.raises(StorageUnavailable) as caught:
        indexes.open("d", "s@1", DIMENSIONS)
    assert caught.value.retryable
    indexes.close()


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    """After `kill -9` the mark is the last one, and what it stands for is found; applying again does nothing."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=100)
    assert done.returncode == -9
    indexes = opened(tmp_path)
    index = indexes.open("d", "s@1", DIMENSIONS)
    assert index.mark == 10
    wanted = set(range(30)) - set(range(9))
    vectors = unit_vectors(30)
    assert set(index.search(vectors[:1], 40).numbers[0].tolist()) - {-1} == wanted
    index.apply(changes(10, range(30), vectors))
    index.apply(changes(11, sorted(wanted), vectors[sorted(wanted)], removed=range(9)))
    assert (index.mark, len(index)) == (11, len(wanted))
    indexes.close()
