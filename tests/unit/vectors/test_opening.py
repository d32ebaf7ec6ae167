"""The settings decide which indexes there are."""

import sys
from pathlib import Path

import numpy as np
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.vectors import FileVectorIndexes, VectorSettings, multiply, open_vector_indexes
from oss_faces.vectors.milvus import MilvusVectorIndexes
from tests.contracts.vectors.conftest import DIMENSIONS, changes, unit_vectors

MILVUS = VectorSettings(engine="milvus", milvus_uri="http://localhost:1", milvus_token_env="TOKEN")


def test_files_lie_in_a_folder_of_their_own(tmp_path: Path) -> None:
    """Without a word in the settings, vectors are kept in the data folder; the engine that is given multiplies."""
    calls = []

    def product(first: np.ndarray, second: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]  # of integers
        calls.append(len(first))
        return multiply(first, second)

    indexes = open_vector_indexes(VectorSettings(codes_rows_min=5), tmp_path, {}, product)
    assert isinstance(indexes, FileVectorIndexes)
    assert not list(tmp_path.iterdir())
    index = indexes.open("d", "s@1", DIMENSIONS)
    index.apply(changes(1, range(4), unit_vectors(4)))
    index.search(unit_vectors(1), 1)
    assert not calls
    index.apply(changes(2, [4], unit_vectors(1)))
    assert index.search(unit_vectors(1), 1).numbers.tolist() == [[0]]
    assert calls == [5]
    assert (tmp_path / "vectors" / "d" / "s@1").is_dir()
    indexes.close()


def test_a_wrong_setting_is_refused(tmp_path: Path) -> None:
    """Settings are checked before anything is made."""
    with pytest.raises(ConfigurationError):
        open_vector_indexes(VectorSettings(block_scores=0), tmp_path, {})


def test_milvus_needs_its_token(tmp_path: Path) -> None:
    """A variable that the settings name must be there."""
    with pytest.raises(ConfigurationError, match="TOKEN"):
        open_vector_indexes(MILVUS, tmp_path, {"TOKEN": ""})


def test_milvus_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, the start ends with what to install."""
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(ConfigurationError, match=r"oss-faces\[milvus\]"):
        open_vector_indexes(MILVUS, tmp_path, {"TOKEN": "t"})


def test_milvus_is_not_connected_to_before_it_is_needed(tmp_path: Path) -> None:
    """A service that is not there yet does not keep the server from starting."""
    pytest.importorskip("pymilvus", reason="needs pymilvus, which pip installs with the extra test")
    indexes = open_vector_indexes(MILVUS, tmp_path, {"TOKEN": "t"})
    assert isinstance(indexes, MilvusVectorIndexes)
    indexes.close()
