"""Multipart uploads and AppendObject."""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from oss_faces.errors import InvalidArgument, MalformedXML, MissingArgument
from oss_faces.protocol import Query
from oss_faces.request.fields import (
    NUMBER,
    check_object,
    is_true,
    key_text,
    max_keys,
    parse_acl,
    parse_encoding_type,
    parse_xml,
)
from oss_faces.request.reading import Conditions, parse_conditions
from oss_faces.request.writing import (
    check_served,
    content_length,
    copy_source,
    object_headers,
    parse_content_md5,
)
from oss_faces.values import LIST_ENTRIES_MAX, PART_NUMBER_MAX, Acl, Address, ObjectHeaders, WireRequest

# 10,000 parts, each with its number, its ETag, mark-up and blanks.
COMPLETE_BODY_BYTES_MAX: Final = 4 * 1024 * 1024
_COMPLETE_ELEMENTS_MAX: Final = 6 * PART_NUMBER_MAX
_POSITION: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_COPY_RANGE: Final = re.compile(r"bytes=([0-9]{1,18})-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AppendObject:
    """AppendObject; `size_bytes` and `content_md5` as in `WriteObject`."""

    address: Address
    position: int
    headers: ObjectHeaders
    acl: Acl
    size_bytes: int | None
    content_md5: bytes | None


@dataclass(frozen=True, slots=True)
class BeginUpload:
    """InitiateMultipartUpload."""

    address: Address
    headers: ObjectHeaders
    acl: Acl
    forbid_overwrite: bool
    encode_url: bool


@dataclass(frozen=True, slots=True)
class UploadAddress:
    """An upload of an object; also all that AbortMultipartUpload says."""

    object: Address
    upload_id: str


@dataclass(frozen=True, slots=True)
class WritePart:
    """UploadPart; `size_bytes` and `content_md5` as in `WriteObject`."""

    upload: UploadAddress
    number: int
    size_bytes: int | None
    content_md5: bytes | None


@dataclass(frozen=True, slots=True)
class CopyPart:
    """UploadPartCopy. `byte_range` is the first and the last byte; None copies the whole source."""

    upload: UploadAddress
    number: int
    source: Address
    byte_range: tuple[int, int] | None
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class CompleteUpload:
    """CompleteMultipartUpload.

    Attributes:
        parts: (number, ETag in upper case without quotes) in their order; None for all that were uploaded.
        acl: None when none was given now.
    """

    upload: UploadAddress
    parts: tuple[tuple[int, str], ...] | None
    acl: Acl | None
    forbid_overwrite: bool
    encode_url: bool


@dataclass(frozen=True, slots=True)
class ListParts:
    """ListParts: the parts with a number above `marker`."""

    upload: UploadAddress
    marker: int
    max_parts: int
    encode_url: bool


@dataclass(frozen=True, slots=True)
class ListUploads:
    """ListMultipartUploads: the uploads behind the pair of markers."""

    bucket: str
    prefix: str
    delimiter: str
    key_marker: str
    upload_id_marker: str
    max_uploads: int
    encode_url: bool


def parse_append(request: WireRequest, query: Query, address: Address) -> AppendObject:
    """Read AppendObject."""
    check_served(request)
    text = query.get("position")
    if not text:
        raise MissingArgument(ec="0016-00000501", details={"ArgumentName": "position"})
    if not _POSITION.fullmatch(text):
        raise InvalidArgument("The position must be a number.", details=_argument("position", text))
    return AppendObject(
        check_object(address),
        int(text),
        object_headers(request),
        parse_acl(request.header("x-oss-object-acl"), Acl.DEFAULT),
        content_length(request),
        parse_content_md5(request),
    )


def parse_begin_upload(request: WireRequest, query: Query, address: Address) -> BeginUpload:
    """Read InitiateMultipartUpload."""
    check_served(request)
    return BeginUpload(
        check_object(address),
        object_headers(request),
        parse_acl(request.header("x-oss-object-acl"), Acl.DEFAULT),
        is_true(request.header("x-oss-forbid-overwrite")),
        parse_encoding_type(query.get("encoding-type")),
    )


def parse_part(request: WireRequest, query: Query, address: Address) -> WritePart:
    """Read UploadPart."""
    return WritePart(
        parse_upload(query, address), _part_number(query), content_length(request), parse_content_md5(request)
    )


def parse_part_copy(request: WireRequest, query: Query, address: Address) -> CopyPart:
    """Read UploadPartCopy."""
    return CopyPart(
        parse_upload(query, address),
        _part_number(query),
        check_object(copy_source(request.header("x-oss-copy-source") or "")),
        _copy_range(request.header("x-oss-copy-source-range")),
        parse_conditions(request, "x-oss-copy-source-"),
    )


def parse_complete(request: WireRequest, query: Query, address: Address, body: bytes) -> CompleteUpload:
    """Read CompleteMultipartUpload: a list of parts, or `x-oss-complete-all: yes` and no body."""
    check_served(request)
    acl = request.header("x-oss-object-acl")
    return CompleteUpload(
        parse_upload(query, address),
        None if _takes_all(request, body) else _chosen_parts(body),
        parse_acl(acl, Acl.DEFAULT) if acl else None,
        is_true(request.header("x-oss-forbid-overwrite")),
        parse_encoding_type(query.get("encoding-type")),
    )


def parse_upload(query: Query, address: Address) -> UploadAddress:
    """Read which upload is meant; whether there is such a one is for the store to say."""
    return UploadAddress(check_object(address), query.get("uploadId") or "")


def parse_list_parts(query: Query, address: Address) -> ListParts:
    """Read ListParts."""
    marker = query.get("part-number-marker") or "0"
    if not NUMBER.fullmatch(marker):
        raise InvalidArgument(
            "The part-number-marker must be a number.", details=_argument("part-number-marker", marker)
        )
    return ListParts(
        parse_upload(query, address),
        int(marker),
        max_keys(query, LIST_ENTRIES_MAX, "max-parts"),
        parse_encoding_type(query.get("encoding-type")),
    )


def parse_list_uploads(query: Query, bucket: str) -> ListUploads:
    """Read ListMultipartUploads; an upload id marker without a key marker has no meaning and is not looked at."""
    key_marker = key_text(query, "key-marker")
    return ListUploads(
        bucket,
        key_text(query, "prefix"),
        key_text(query, "delimiter"),
        key_marker,
        key_text(query, "upload-id-marker") if key_marker else "",
        max_keys(query, LIST_ENTRIES_MAX, "max-uploads"),
        parse_encoding_type(query.get("encoding-type")),
    )


def _part_number(query: Query) -> int:
    text = query.get("partNumber") or ""
    if not NUMBER.fullmatch(text) or not 1 <= int(text) <= PART_NUMBER_MAX:
        raise InvalidArgument(
            f"Part number must be an integer between 1 and {PART_NUMBER_MAX}, inclusive.",
            ec="0017-00000220",
            details=_argument("PartNumber", text),
        )
    return int(text)


def _copy_range(text: str | None) -> tuple[int, int] | None:
    if not text:
        return None
    match = _COPY_RANGE.fullmatch(text.strip())
    if match is None or int(match[2]) < int(match[1]):
        raise InvalidArgument(
            "The x-oss-copy-source-range must be bytes=first-last.",
            details=_argument("x-oss-copy-source-range", text),
        )
    return int(match[1]), int(match[2])


def _takes_all(request: WireRequest, body: bytes) -> bool:
    text = request.header("x-oss-complete-all")
    if text is None:
        return False
    if text.strip().lower() != "yes":
        raise InvalidArgument("x-oss-complete-all can only be yes.", details=_argument("x-oss-complete-all", text))
    if body.strip():
        raise InvalidArgument("The request body must be empty with x-oss-complete-all.", ec="0042-00000216")
    return True


def _chosen_parts(body: bytes) -> tuple[tuple[int, str], ...]:
    """Read `<CompleteMultipartUpload><Part><PartNumber/><ETag/></Part>...</CompleteMultipartUpload>`."""
    root = parse_xml(body, "CompleteMultipartUpload", _COMPLETE_ELEMENTS_MAX)
    parts = tuple(_chosen_part(element) for element in root.findall("Part"))
    if not parts or len(parts) > PART_NUMBER_MAX:
        raise MalformedXML(context={"parts": len(parts)})
    return parts


def _chosen_part(element: Element) -> tuple[int, str]:
    number, etag = (element.findtext("PartNumber") or "").strip(), (element.findtext("ETag") or "").strip()
    if not NUMBER.fullmatch(number) or not etag:
        raise MalformedXML
    return int(number), etag.strip('"').upper()


def _argument(name: str, value: str) -> dict[str, str]:
    return {"ArgumentName": name, "ArgumentValue": value[:128]}
