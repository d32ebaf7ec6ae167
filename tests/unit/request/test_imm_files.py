"""Files of a dataset over IMM: what a request says becomes a value, and a task that can be written down."""

import json
from datetime import UTC, datetime

from oss_faces.datasets import DatasetRef, FileSpec
from oss_faces.request import imm_files
from oss_faces.request.imm_files import IndexFiles, WantedFile
from oss_faces.values import Address

PRODUCED = datetime(2026, 11, 22, 18, 54, 6, 123456, UTC)
FULL = WantedFile(
    Address("photos", "Jürgen & Söhne/100%.jpg"), FileSpec("7", {"trip": "sea"}, PRODUCED, {"Title": "At the sea"})
)
PLAIN = WantedFile(Address("photos", "a.jpg"), FileSpec())


def test_task_survives_json() -> None:
    """What a task is to do is the same after it was written as JSON and read again."""
    want = IndexFiles(DatasetRef("project", "dataset"), (FULL, PLAIN))
    written = json.loads(json.dumps(imm_files.index_task(want)))
    assert imm_files.read_index_task("project", written) == want


def test_uri_has_the_key_as_it_is() -> None:
    """IMM's URIs are not percent-encoded."""
    assert FULL.uri == "oss://photos/Jürgen & Söhne/100%.jpg"
