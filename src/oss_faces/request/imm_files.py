"""Files of a dataset over IMM. Parameter names are those of the IMM API reference 2020-09-30.

Indexing is done later, by a task of the kind `INDEX_FILES`: `index_task` writes what it is to do, `read_index_task`
reads it. The caller's permissions were checked when the task was made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oss_faces.datasets import DatasetRef, FileSpec
from oss_faces.protocol.dates import format_nano_date
from oss_faces.values import Address

INDEX_FILES: Final = "IndexFiles"
"""The kind of the tasks that index; IMM shows none for it."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A stored object that becomes a file of a dataset, and what the caller says about it."""

    source: Address
    spec: FileSpec

    @property
    def uri(self) -> str:
        """`oss://bucket/key`, the key as it is."""
        return f"oss://{self.source.bucket}/{self.source.key}"


@dataclass(frozen=True, slots=True)
class IndexFiles:
    """IndexFileMeta and BatchIndexFileMeta. No URI is there twice."""

    ref: DatasetRef
    files: tuple[WantedFile, ...]
    user_data: str = ""


def index_task(want: IndexFiles) -> Mapping[str, object]:
    """Write what a task is to do, as JSON can hold it."""
    return {"Dataset": want.ref.name, "Files": [_written(file) for file in want.files]}


def read_index_task(project: str, request: Mapping[str, Any]) -> IndexFiles:
    """Read what `index_task` wrote."""
    return IndexFiles(DatasetRef(project, request["Dataset"]), tuple(map(_read, request["Files"])))


def _written(file: WantedFile) -> Mapping[str, object]:
    spec = file.spec
    return {
        "Bucket": file.source.bucket,
        "Key": file.source.key,
        "CustomId": spec.custom_id,
        "CustomLabels": dict(spec.custom_labels),
        "ProduceTime": None if spec.produced is None else format_nano_date(spec.produced),
        "Texts": dict(spec.texts),
    }


def _read(written: Mapping[str, Any]) -> WantedFile:
    time = written["ProduceTime"]
    produced = None if time is None else datetime.fromisoformat(time)
    spec = FileSpec(written["CustomId"], written["CustomLabels"], produced, written["Texts"])
    return WantedFile(Address(written["Bucket"], written["Key"]), spec)
