"""The XML bodies of OSS. Element names and their order follow the documentation and what the official SDKs read."""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from oss_faces.errors import OssFacesError
from oss_faces.protocol.dates import format_xml_date
from oss_faces.request import ListBuckets, ListObjects, continuation_token
from oss_faces.values import Acl, BucketMeta, ObjectMeta

_STORAGE_CLASS: Final = "Standard"
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    root = Element("Error")
    _texts(root, Code=error.code, Message=error.message, RequestId=request_id, HostId=host)
    _texts(root, **error.details)
    _texts(root, EC=error.ec_value)
    return _bytes(root)


def error_header(document: bytes) -> str:
    """Encode an error document for `x-oss-err`, the only place for it in an answer to HEAD."""
    return base64.b64encode(document).decode()


def list_buckets(
    want: ListBuckets, buckets: Sequence[BucketMeta], next_marker: str | None, identity: Identity
) -> bytes:
    """Write `<ListAllMyBucketsResult>`."""
    root = Element("ListAllMyBucketsResult")
    if want.prefix:
        _texts(root, Prefix=want.prefix)
    if want.marker:
        _texts(root, Marker=want.marker)
    if next_marker is not None:
        _texts(root, MaxKeys=str(want.max_keys), IsTruncated="true", NextMarker=next_marker)
    _owner(root, identity)
    holder = SubElement(root, "Buckets")
    for bucket in buckets:
        _texts(SubElement(holder, "Bucket"), **_bucket_fields(bucket, identity))
    return _bytes(root)


def bucket_info(bucket: BucketMeta, identity: Identity) -> bytes:
    """Write `<BucketInfo>`."""
    root = Element("BucketInfo")
    holder = SubElement(root, "Bucket")
    _texts(holder, **_bucket_fields(bucket, identity))
    _owner(holder, identity)
    _grant(holder, bucket.acl)
    return _bytes(root)


def bucket_location(identity: Identity) -> bytes:
    """Write `<LocationConstraint>`."""
    root = Element("LocationConstraint")
    root.text = identity.location
    return _bytes(root)


def access_control(acl: Acl, identity: Identity) -> bytes:
    """Write `<AccessControlPolicy>` of a bucket or an object."""
    root = Element("AccessControlPolicy")
    _owner(root, identity)
    _grant(root, acl)
    return _bytes(root)


def copy_result(meta: ObjectMeta) -> bytes:
    """Write `<CopyObjectResult>`."""
    root = Element("CopyObjectResult")
    _texts(root, ETag=f'"{meta.etag}"', LastModified=format_xml_date(meta.last_modified))
    return _bytes(root)


def delete_result(keys: Iterable[str], *, encode_url: bool) -> bytes:
    """Write `<DeleteResult>`."""
    root = Element("DeleteResult")
    if encode_url:
        _texts(root, EncodingType="url")
    for key in keys:
        _texts(SubElement(root, "Deleted"), Key=_name(key, encode_url=encode_url))
    return _bytes(root)


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
    _texts(root, Name=want.bucket, Prefix=_name(want.prefix, encode_url=encode))
    _texts(root, **_position(want))
    _texts(root, MaxKeys=str(want.max_keys), Delimiter=_name(want.delimiter, encode_url=encode))
    if encode:
        _texts(root, EncodingType="url")
    _texts(root, IsTruncated="true" if next_marker is not None else "false")
    if next_marker is not None:
        _texts(root, **_continuation(want, next_marker))
    if want.version == 2:
        _texts(root, KeyCount=str(len(objects) + len(common_prefixes)))
    for meta in objects:
        _contents(root, meta, want, identity)
    for prefix in common_prefixes:
        _texts(SubElement(root, "CommonPrefixes"), Prefix=_name(prefix, encode_url=encode))
    return _bytes(root)


def _position(want: ListObjects) -> dict[str, str]:
    if want.version == 1:
        return {"Marker": _name(want.marker, encode_url=want.encode_url)}
    fields = {}
    if want.start_after:
        fields["StartAfter"] = _name(want.start_after, encode_url=want.encode_url)
    if want.continuation_token:
        fields["ContinuationToken"] = want.continuation_token
    return fields


def _continuation(want: ListObjects, next_marker: str) -> dict[str, str]:
    if want.version == 1:
        return {"NextMarker": _name(next_marker, encode_url=want.encode_url)}
    return {"NextContinuationToken": continuation_token(next_marker)}


def _contents(root: Element, meta: ObjectMeta, want: ListObjects, identity: Identity) -> None:
    entry = SubElement(root, "Contents")
    _texts(
        entry,
        Key=_name(meta.key, encode_url=want.encode_url),
        LastModified=format_xml_date(meta.last_modified),
        ETag=f'"{meta.etag}"',
        Type="Normal",
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
    _texts(SubElement(parent, "Owner"), ID=identity.owner_id, DisplayName=identity.owner_id)


def _grant(parent: Element, acl: Acl) -> None:
    _texts(SubElement(parent, "AccessControlList"), Grant=acl.value)


def _texts(parent: Element, **fields: str) -> None:
    for name, text in fields.items():
        SubElement(parent, name).text = _printable(text)


def _name(text: str, *, encode_url: bool) -> str:
    return quote(text, safe="") if encode_url else text


def _printable(text: str) -> str:
    """Replace what XML 1.0 cannot write: most control characters, and bytes that were no UTF-8.

    Listings of such keys need `encoding-type=url`.
    """
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _bytes(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    # A parser reads a bare carriage return as a line feed: another key.
    document = document.replace(b"\r", b"&#13;")
    return document.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>', 1)
