"""The JSON bodies of IMM. Field names are those of its API reference 2020-09-30."""

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from oss_faces.datasets import Totals
from oss_faces.errors import AccessDenied, OssFacesError
from oss_faces.imm_errors import ImmForm
from oss_faces.protocol.dates import format_nano_date
from oss_faces.rendering.figures import figures
from oss_faces.rendering.settings import RenderingSettings
from oss_faces.values import Attachment, FaceResult, Project

JSON_TYPE: Final = "application/json;charset=utf-8"

_RECOMMEND: Final = "https://next.api.aliyun.com/troubleshoot"
_HOST_LENGTH_MAX: Final = 255

# Documented defaults of what a project allows; they are told, and not enforced.
_ENGINE_CONCURRENCY: Final = 100
_QUERIES_PER_SECOND: Final = 100


def answer_body(request_id: str, **fields: object) -> bytes:
    """Write an answer: its id, and the fields of the operation."""
    return _bytes({"RequestId": request_id, **fields})


def error_body(error: OssFacesError, form: ImmForm, request_id: str, host: str) -> bytes:
    """Write an error. What helps to find a wrong signature stands beside the documented fields."""
    code = quote(form.code, safe="")
    return _bytes(
        {
            "RequestId": request_id,
            "HostId": host[:_HOST_LENGTH_MAX],
            "Code": form.code,
            "Message": form.message or "",
            "Recommend": f"{_RECOMMEND}?q={code}&product=imm&requestId={request_id}",
            **_details(error),
        }
    )


def faces_fields(result: FaceResult, etag: str, settings: RenderingSettings) -> Mapping[str, object]:
    """Give the answer of DetectImageFaces: the records of `image/faces` under another name."""
    return {"Faces": figures(result, etag, settings)}


def similarity_fields(similarity: float) -> Mapping[str, object]:
    """Give the answer of CompareImageFaces."""
    return {"Similarity": round(similarity, 4)}


def project_fields(project: Project, totals: Totals) -> Mapping[str, object]:
    """Give a project as IMM describes it, and what it holds."""
    spec, limits = project.spec, project.spec.limits
    return {
        "ProjectName": project.name,
        "Description": spec.description,
        "ServiceRole": spec.service_role,
        "TemplateId": spec.template_id,
        "Tags": [{"TagKey": key, "TagValue": value} for key, value in spec.tags.items()],
        "CreateTime": format_nano_date(project.created),
        "UpdateTime": format_nano_date(project.updated),
        "DatasetCount": totals.datasets,
        "FileCount": totals.files,
        "TotalFileSize": totals.size_bytes,
        "DatasetMaxBindCount": limits.dataset_max_bind_count,
        "DatasetMaxEntityCount": limits.dataset_max_entity_count,
        "DatasetMaxFileCount": limits.dataset_max_file_count,
        "DatasetMaxRelationCount": limits.dataset_max_relation_count,
        "DatasetMaxTotalFileSize": limits.dataset_max_total_file_size,
        "ProjectMaxDatasetCount": limits.project_max_dataset_count,
        "EngineConcurrency": _ENGINE_CONCURRENCY,
        "ProjectQueriesPerSecond": _QUERIES_PER_SECOND,
    }


def attachment_fields(attachment: Attachment) -> Mapping[str, object]:
    """Give the answer of GetOSSBucketAttachment."""
    return {
        "ProjectName": attachment.project,
        "Description": attachment.description,
        "CreateTime": format_nano_date(attachment.created),
        "UpdateTime": format_nano_date(attachment.updated),
    }


def attachments_fields(attachments: Sequence[Attachment], owner_id: str) -> Mapping[str, object]:
    """Give the list of ListAttachedOSSBuckets."""
    entries = [
        {**attachment_fields(attachment), "OSSBucket": attachment.bucket, "OwnerId": owner_id}
        for attachment in attachments
    ]
    return {"AttachedOSSBuckets": entries}


def _details(error: OssFacesError) -> Mapping[str, object]:
    """What a refusal says about the permission that is missing stands in a record that the official client reads."""
    if isinstance(error, AccessDenied) and error.details:
        return {"AccessDeniedDetail": error.details}
    return error.details


def _bytes(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")
