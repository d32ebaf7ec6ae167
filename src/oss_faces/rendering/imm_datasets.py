"""Datasets and files as IMM describes them. Field names are those of its API reference 2020-09-30.

Only what is known is written; a field that nobody told is left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from oss_faces.datasets import Aggregated, Dataset, DatasetRef, FilePage, IndexedFile
from oss_faces.protocol.dates import format_nano_date
from oss_faces.rendering.figures import kept_figures, shown_size
from oss_faces.rendering.settings import RenderingSettings

_USER_META_PREFIX: Final = "x-oss-meta-"


def dataset_fields(dataset: Dataset) -> Mapping[str, object]:
    """Give a dataset. Buckets cannot be bound to one, so none is."""
    return {
        "ProjectName": dataset.ref.project,
        "DatasetName": dataset.ref.name,
        "Description": dataset.spec.description,
        "TemplateId": dataset.spec.template_id,
        "CreateTime": format_nano_date(dataset.created),
        "UpdateTime": format_nano_date(dataset.updated),
        "BindCount": 0,
        "FileCount": dataset.file_count,
        "TotalFileSize": dataset.size_bytes,
        **dataset.spec.limits,
    }


def updated_fields(uri: str, message: str) -> Mapping[str, object]:
    """Give what became of one change of a batch; no message: it was made."""
    return {"URI": uri, "Success": not message, "Message": message}


@dataclass(frozen=True, slots=True)
class FileWriter:
    """Writes files.

    Attributes:
        owner_id: account of this server.
    """

    settings: RenderingSettings
    owner_id: str

    def files(
        self, ref: DatasetRef, files: Sequence[IndexedFile], wanted: Collection[str] = ()
    ) -> list[Mapping[str, object]]:
        """Give files.

        Args:
            wanted: the only fields to be written; empty for all.
        """
        return [self._file(ref, file, frozenset(wanted)) for file in files]

    def page(self, ref: DatasetRef, page: FilePage, wanted: Collection[str] = ()) -> Mapping[str, object]:
        """Give the answer of SimpleQuery but for its token: files, or what was counted instead of them."""
        total = {} if page.total is None else {"TotalHits": page.total}
        if page.aggregated:
            return {"Aggregations": [_aggregated(one) for one in page.aggregated], **total}
        return {"Files": self.files(ref, page.files, wanted), **total}

    def _file(self, ref: DatasetRef, file: IndexedFile, wanted: frozenset[str]) -> Mapping[str, object]:
        record = {
            "OwnerId": self.owner_id,
            "ProjectName": ref.project,
            "DatasetName": ref.name,
            "ObjectType": "file",
            "ObjectId": file.object_id,
            "CreateTime": format_nano_date(file.created),
            "UpdateTime": format_nano_date(file.updated),
            "URI": file.uri,
            **_told(file),
            **self._read(file),
            "FigureCount": len(file.figures),
        }
        if not wanted or "Figures" in wanted:
            record["Figures"] = kept_figures(file, self.settings)
        return {name: value for name, value in record.items() if not wanted or name in wanted}

    def _read(self, file: IndexedFile) -> dict[str, object]:
        """Give what was read off the object."""
        facts = file.facts
        size = shown_size(facts.image, facts.orientation, self.settings)
        user = {f"{_USER_META_PREFIX}{name}": value for name, value in facts.user.items()}
        return {
            "Filename": file.filename,
            "MediaType": facts.content_type.partition("/")[0],
            "ContentType": facts.content_type,
            "Size": facts.size_bytes,
            "ETag": f'"{facts.etag}"',
            "FileModifiedTime": format_nano_date(facts.modified),
            "ImageWidth": size.width,
            "ImageHeight": size.height,
            "Orientation": facts.orientation,
            "OSSObjectType": facts.object_type,
            "OSSStorageClass": "Standard",
            "ObjectACL": facts.acl,
            **({} if facts.crc64 is None else {"OSSCRC64": str(facts.crc64)}),
            **({"OSSUserMeta": user} if user else {}),
        }


def _told(file: IndexedFile) -> dict[str, object]:
    """Give what a caller said about a file."""
    spec = file.spec
    return {
        **({"CustomId": spec.custom_id} if spec.custom_id else {}),
        **({"CustomLabels": dict(spec.custom_labels)} if spec.custom_labels else {}),
        **({} if spec.produced is None else {"ProduceTime": format_nano_date(spec.produced)}),
        **{name: text for name, text in spec.texts.items() if text},
    }


def _aggregated(one: Aggregated) -> Mapping[str, object]:
    record: dict[str, object] = {"Field": one.what.field, "Operation": one.what.operation}
    if one.what.operation == "group":
        record["Groups"] = [{"Value": value, "Count": count} for value, count in one.groups]
    elif one.value is not None:
        record["Value"] = one.value
    return record
