"""Files of a dataset over IMM. Parameter names are those of the IMM API reference 2020-09-30.

Indexing is done later, by one task for each file: `index_task` writes what it is to do, `read_index_task` reads it.
The caller's permissions are checked before the task is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oss_faces.datasets import CLUSTER_UNAVAILABLE, TEXT_FIELDS, DatasetRef, FileSpec
from oss_faces.errors import InvalidArgument, NotImplementedOnServer
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol.dates import format_nano_date, parse_nano_date
from oss_faces.request.imm import dataset_ref, object_uri, object_uris
from oss_faces.request.imm_fields import Fields
from oss_faces.values import Address

FILES_MAX: Final = 100
"""Files of one batch. Source: IMM "BatchIndexFileMeta"."""

_CUSTOM_ID_LENGTH_MAX: Final = 1024
_LABELS_MAX: Final = 100
_LABEL_KEY_LENGTH_MAX: Final = 128
_LABEL_LENGTH_MAX: Final = 1024
_TEXT_LENGTH_MAX: Final = 1024
_TIME_LENGTH_MAX: Final = 64
_USER_DATA_LENGTH_MAX: Final = 2048
_ID_LENGTH_MAX: Final = 128
_FIELD_LENGTH_MAX: Final = 128
_FIELDS_MAX: Final = 100
_FIGURES_MAX: Final = 1000
_UNKEPT: Final = ("Addresses", "Labels")


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A stored object that becomes a file of a dataset, and what the caller says about it."""

    source: Address
    spec: FileSpec

    @property
    def uri(self) -> str:
        """`oss://bucket/key`, the key as it is."""
        return file_uri(self.source)


@dataclass(frozen=True, slots=True)
class IndexFiles:
    """IndexFileMeta and BatchIndexFileMeta. No URI is there twice."""

    ref: DatasetRef
    files: tuple[WantedFile, ...]
    user_data: str = ""

    @property
    def sources(self) -> tuple[Address, ...]:
        """The objects that it is about."""
        return tuple(file.source for file in self.files)


@dataclass(frozen=True, slots=True)
class FigureMove:
    """A person says where a figure belongs: to a cluster, or to none when that is `CLUSTER_INDEPENDENT`."""

    figure_id: str
    cluster_id: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a caller says about a file from now on: what is named is replaced, the rest stays. `None` means not named.

    Attributes:
        texts: only those that are named.
        moves: figures of the file that change their cluster.
    """

    source: Address
    custom_id: str | None
    custom_labels: Mapping[str, str] | None
    produced: datetime | None
    texts: Mapping[str, str]
    moves: tuple[FigureMove, ...] = ()

    @property
    def uri(self) -> str:
        """`oss://bucket/key`, the key as it is."""
        return file_uri(self.source)

    def applied(self, spec: FileSpec) -> FileSpec:
        """Give what is said about the file after the change."""
        return FileSpec(
            spec.custom_id if self.custom_id is None else self.custom_id,
            spec.custom_labels if self.custom_labels is None else self.custom_labels,
            spec.produced if self.produced is None else self.produced,
            {**spec.texts, **self.texts},
        )


@dataclass(frozen=True, slots=True)
class UpdateFiles:
    """UpdateFileMeta and BatchUpdateFileMeta."""

    ref: DatasetRef
    files: tuple[FileChange, ...]

    @property
    def sources(self) -> tuple[Address, ...]:
        """The objects that it is about."""
        return tuple(file.source for file in self.files)


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """GetFileMeta, BatchGetFileMeta, DeleteFileMeta and BatchDeleteFileMeta.

    Attributes:
        fields: the only ones of a file that the answer has; empty for all.
    """

    ref: DatasetRef
    sources: tuple[Address, ...]
    fields: tuple[str, ...] = ()

    @property
    def uris(self) -> tuple[str, ...]:
        """The files as `oss://bucket/key`."""
        return tuple(map(file_uri, self.sources))


def file_uri(source: Address) -> str:
    """Write a stored object as IMM names it: `oss://bucket/key`, the key as it is."""
    return f"oss://{source.bucket}/{source.key}"


def parse_index_file(fields: Fields) -> IndexFiles:
    """Read IndexFileMeta."""
    fields.require("File")
    return _index(fields, (fields.record("File"),))


def parse_index_files(fields: Fields) -> IndexFiles:
    """Read BatchIndexFileMeta."""
    return _index(fields, _entries(fields))


def parse_update_file(fields: Fields) -> UpdateFiles:
    """Read UpdateFileMeta."""
    fields.require("File")
    return UpdateFiles(dataset_ref(fields), (_change(fields.record("File")),))


def parse_update_files(fields: Fields) -> UpdateFiles:
    """Read BatchUpdateFileMeta."""
    return UpdateFiles(dataset_ref(fields), tuple(map(_change, _entries(fields))))


def parse_named_file(fields: Fields) -> NamedFiles:
    """Read GetFileMeta or DeleteFileMeta."""
    return NamedFiles(dataset_ref(fields), (object_uri(fields, "URI"),), parse_with_fields(fields))


def parse_named_files(fields: Fields) -> NamedFiles:
    """Read BatchGetFileMeta or BatchDeleteFileMeta."""
    return NamedFiles(dataset_ref(fields), object_uris(fields, "URIs", FILES_MAX), parse_with_fields(fields))


def parse_with_fields(fields: Fields) -> tuple[str, ...]:
    """Read which fields of a file an answer is to have; a name that stands for nothing gives nothing."""
    return fields.texts("WithFields", _FIELDS_MAX, _FIELD_LENGTH_MAX)


def index_task(dataset: str, file: WantedFile) -> Mapping[str, object]:
    """Write what a task is to do, as JSON can hold it."""
    spec = file.spec
    return {
        "dataset": dataset,
        "bucket": file.source.bucket,
        "key": file.source.key,
        "custom_id": spec.custom_id,
        "custom_labels": dict(spec.custom_labels),
        "produced": None if spec.produced is None else format_nano_date(spec.produced),
        "texts": dict(spec.texts),
    }


def read_index_task(project: str, request: Mapping[str, Any]) -> tuple[DatasetRef, WantedFile]:
    """Read what `index_task` wrote: into which dataset, and which file."""
    time = request["produced"]
    produced = None if time is None else parse_nano_date(time)
    spec = FileSpec(request["custom_id"], request["custom_labels"], produced, request["texts"])
    return DatasetRef(project, request["dataset"]), WantedFile(Address(request["bucket"], request["key"]), spec)


def _entries(fields: Fields) -> tuple[Fields, ...]:
    entries = fields.records("Files", FILES_MAX)
    if not entries:
        raise MissingParameter("Files")
    return entries


def _index(fields: Fields, entries: tuple[Fields, ...]) -> IndexFiles:
    """Read what is to be indexed. Of a file that is there twice, what was said last counts.

    `Notification` is not read: the server sends no messages.
    """
    changes = [_change(entry) for entry in entries]
    wanted = {change.source: WantedFile(change.source, change.applied(FileSpec())) for change in changes}
    user_data = fields.text("UserData", _USER_DATA_LENGTH_MAX)
    return IndexFiles(dataset_ref(fields), tuple(wanted.values()), user_data)


def _change(entry: Fields) -> FileChange:
    """Read an InputFile. ContentType, MediaType, FileHash and OSSURI are told by the object itself, and are not read.

    Raises:
        NotImplementedOnServer: it has a field that would be lost.
    """
    for name in _UNKEPT:
        if entry.has(name):
            raise NotImplementedOnServer(f"This server keeps no {name} of a file.")
    return FileChange(
        object_uri(entry, "URI"),
        entry.text("CustomId", _CUSTOM_ID_LENGTH_MAX) or None,
        custom_labels(entry) if entry.has("CustomLabels") else None,
        _time(entry, "ProduceTime"),
        {name: text for name in TEXT_FIELDS if (text := entry.text(name, _TEXT_LENGTH_MAX))},
        tuple(map(_move, entry.records("Figures", _FIGURES_MAX))),
    )


def custom_labels(entry: Fields) -> Mapping[str, str]:
    """Read `CustomLabels`; absent ones are none."""
    labels = entry.record("CustomLabels")
    names = labels.names(_LABELS_MAX, _LABEL_KEY_LENGTH_MAX)
    return {name: labels.text(name, _LABEL_LENGTH_MAX) for name in names}


def _time(entry: Fields, name: str) -> datetime | None:
    text = entry.text(name, _TIME_LENGTH_MAX)
    if not text:
        return None
    moment = parse_nano_date(text)
    if moment is None:
        raise InvalidArgument(f"The parameter {name} must be a time such as 2021-06-29T14:50:13+08:00.")
    return moment


def _move(entry: Fields) -> FigureMove:
    figure_id = entry.required("FigureId", _ID_LENGTH_MAX)
    cluster_id = entry.required("FigureClusterId", _ID_LENGTH_MAX)
    if cluster_id == CLUSTER_UNAVAILABLE:
        raise InvalidArgument(f"A figure cannot be moved to {CLUSTER_UNAVAILABLE}.")
    return FigureMove(figure_id, cluster_id)
