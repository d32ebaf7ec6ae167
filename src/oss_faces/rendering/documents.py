"""The XML bodies of OSS. Element names and their order follow the documentation and what the official SDKs read."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from oss_faces.errors import OssFacesError
from oss_faces.protocol.dates import format_xml_date
from oss_faces.rendering.elements import document_bytes, shown_name, texts
from oss_faces.request import ListBuckets, ListObjects, continuation_token
from oss_faces.values import Acl, BucketMeta, ObjectMeta

_STORAGE_CLASS: Final = "Standard"
_KEPT_MAX: Final = 256
_HOST_LENGTH_KEPT_MAX: Final = 255
_MARK: Final = "0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this installation says it is: every document that names an owner or a place takes it from here."""

    region: str
    owner_id: str
    endpoint: str

    @property
    def location(self) -> str:
        """The region as OSS writes a bucket's location."""
        return f"oss-{self.region}"


def error_document(error: OssFacesError, request_id: str, host: str) -> bytes:
    """Write `<Error>`: prolog required, no name space (PHP and both Python SDKs depend on it)."""
    if error.details or error.message != error.default_message or len(host) > _HOST_LENGTH_KEPT_MAX:
        return _error_document(error.code, error.message, error.ec_value, error.details, request_id, host)
    before, after = _around_request_id(error.code, error.message, error.ec_value, host)
    return before + request_id.encode() + after


@lru_cache(maxsize=_KEPT_MAX)
def _around_request_id(code: str, message: str, ec: str, host: str) -> tuple[bytes, bytes]:
    """Write what the documents of an error have in common, once: a full server refuses many requests, and soon."""
    before, mark, after = _error_document(code, message, ec, {}, _MARK, host).partition(f">{_MARK}<".encode())
    assert mark, "each document has a request id"
    return before + mark[:1], mark[-1:] + after


def _error_document(code: str, message: str, ec: str, details: Mapping[str, str], request_id: str, host: str) -> bytes:
    root = Element("Error")
    texts(root, Code=code, Message=message, RequestId=request_id, HostId=host)
    texts(root, **details)
    texts(root, EC=ec)
    return document_bytes(root)


def error_header(document: bytes) -> str:
    """Encode an error document for `x-oss-err`, the only place for it in an answer to HEAD."""
    return base64.b64encode(document).decode()


def list_buckets(
    want: ListBuckets, buckets: Sequence[BucketMeta], next_marker: str | None, identity: Identity
) -> bytes:
    """Write `<ListAllMyBucketsResult>`."""
    root = Element("ListAllMyBucketsResult")
    if want.prefix:
        texts(root, Prefix=want.prefix)
    if want.marker:
        texts(root, Marker=want.marker)
    if next_marker is not None:
        texts(root, MaxKeys=str(want.max_keys), IsTruncated="true", NextMarker=next_marker)
    _owner(root, identity)
    holder = SubElement(root, "Buckets")
    for bucket in buckets:
        texts(SubElement(holder, "Bucket"), **_bucket_fields(bucket, identity))
    return document_bytes(root)


def bucket_info(bucket: BucketMeta, identity: Identity) -> bytes:
    """Write `<BucketInfo>`."""
    root = Element("BucketInfo")
    holder = SubElement(root, "Bucket")
    texts(holder, **_bucket_fields(bucket, identity))
    _owner(holder, identity)
    _grant(holder, bucket.acl)
    return document_bytes(root)


def bucket_location(identity: Identity) -> bytes:
    """Write `<LocationConstraint>`."""
    root = Element("LocationConstraint")
    root.text = identity.location
    return document_bytes(root)


def access_control(acl: Acl, identity: Identity) -> bytes:
    """Write `<AccessControlPolicy>` of a bucket or an object."""
    root = Element("AccessControlPolicy")
    _owner(root, identity)
    _grant(root, acl)
    return document_bytes(root)


def copy_result(meta: ObjectMeta) -> bytes:
    """Write `<CopyObjectResult>`."""
    root = Element("CopyObjectResult")
    texts(root, ETag=f'"{meta.etag}"', LastModified=format_xml_date(meta.last_modified))
    return document_bytes(root)


def delete_result(keys: Iterable[str], *, encode_url: bool) -> bytes:
    """Write `<DeleteResult>`."""
    root = Element("DeleteResult")
    if encode_url:
        texts(root, EncodingType="url")
    for key in keys:
        texts(SubElement(root, "Deleted"), Key=shown_name(key, encode_url=encode_url))
    return document_bytes(root)


def list_objects(
    want: ListObjects,
    objects: Sequence[ObjectMeta],
    common_prefixes: Sequence[str],
    next_marker: str | None,
    identity: Identity,
) -> bytes:
    """Write `<ListBucketResult>` of either version."""
    root = Element("ListBucketResult")
    encode = want.encode_url
    texts(root, Name=want.bucket, Prefix=shown_name(want.prefix, encode_url=encode))
    texts(root, **_position(want))
    texts(root, MaxKeys=str(want.max_keys), Delimiter=shown_name(want.delimiter, encode_url=encode))
    if encode:
        texts(root, EncodingType="url")
    texts(root, IsTruncated="true" if next_marker is not None else "false")
    if next_marker is not None:
        texts(root, **_continuation(want, next_marker))
    if want.version == 2:
        texts(root, KeyCount=str(len(objects) + len(common_prefixes)))
    for meta in objects:
        _contents(root, meta, want, identity)
    for prefix in common_prefixes:
        texts(SubElement(root, "CommonPrefixes"), Prefix=shown_name(prefix, encode_url=encode))
    return document_bytes(root)


def _position(want: ListObjects) -> dict[str, str]:
    if want.version == 1:
        return {"Marker": shown_name(want.marker, encode_url=want.encode_url)}
    fields = {}
    if want.start_after:
        fields["StartAfter"] = shown_name(want.start_after, encode_url=want.encode_url)
    if want.continuation_token:
        fields["ContinuationToken"] = want.continuation_token
    return fields


def _continuation(want: ListObjects, next_marker: str) -> dict[str, str]:
    if want.version == 1:
        return {"NextMarker": shown_name(next_marker, encode_url=want.encode_url)}
    return {"NextContinuationToken": continuation_token(next_marker)}


def _contents(root: Element, meta: ObjectMeta, want: ListObjects, identity: Identity) -> None:
    entry = SubElement(root, "Contents")
    texts(
        entry,
        Key=shown_name(meta.key, encode_url=want.encode_url),
        LastModified=format_xml_date(meta.last_modified),
        ETag=f'"{meta.etag}"',
        Type=meta.object_type.value,
        Size=str(meta.size_bytes),
        StorageClass=_STORAGE_CLASS,
    )
    if want.version == 1 or want.fetch_owner:
        _owner(entry, identity)


def _bucket_fields(bucket: BucketMeta, identity: Identity) -> dict[str, str]:
    return {
        "CreationDate": format_xml_date(bucket.created),
        "ExtranetEndpoint": identity.endpoint,
        "IntranetEndpoint": identity.endpoint,
        "Location": identity.location,
        "Region": identity.region,
        "Name": bucket.name,
        "StorageClass": _STORAGE_CLASS,
    }


def _owner(parent: Element, identity: Identity) -> None:
    texts(SubElement(parent, "Owner"), ID=identity.owner_id, DisplayName=identity.owner_id)


def _grant(parent: Element, acl: Acl) -> None:
    texts(SubElement(parent, "AccessControlList"), Grant=acl.value)
