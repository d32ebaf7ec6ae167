"""The desk of the commands for people, on a data folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from oss_faces.config import Settings
from oss_faces.datasets import DatasetRef
from oss_faces.desk import open_desk


@pytest.mark.parametrize(("engine", "outside"), [("files", ""), ("milvus", "milvus")])
def test_receipts_know_what_is_not_in_the_data_folder(tmp_path: Path, engine: str, outside: str) -> None:
    """With an index in a service the vectors lie there as well; nothing asks the service before it is needed."""
    if engine == "milvus":
        pytest.importorskip("pymilvus", reason="needs pymilvus, which pip installs with the extra test")
    settings = Settings()
    vectors = replace(settings.vectors, engine=engine, milvus_uri="http://127.0.0.1:9")
    settings = replace(settings, storage=replace(settings.storage, data_dir=tmp_path), vectors=vectors)
    with open_desk(settings, DatasetRef("people", "people")) as desk:
        assert desk.eraser.outside == outside
