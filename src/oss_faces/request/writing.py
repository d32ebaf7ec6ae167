"""PutObject, CopyObject, DeleteMultipleObjects, PutObjectAcl."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import (
    InvalidArgument,
    InvalidDigest,
    MalformedXML,
    MissingArgument,
    MissingContentLength,
    NotImplementedOnServer,
)
from oss_faces.protocol import Query, is_bucket_name, parse_query
from oss_faces.protocol.encoding import decode
from oss_faces.request.fields import (
    check_object,
    is_true,
    parse_acl,
    parse_encoding_type,
    parse_xml,
)
from oss_faces.request.reading import Conditions, parse_conditions
from oss_faces.values import DEFAULT_CONTENT_TYPE, DELETE_KEYS_MAX, Acl, Address, ObjectHeaders, WireRequest

# 1,000 keys of 1,023 bytes, each byte possibly an entity, plus mark-up.
DELETE_BODY_BYTES_MAX: Final = 2 * 1024 * 1024
_STORED_HEADERS: Final = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
# Not fulfilled here. An upload that is stored without its encryption or its tags would seem to have them.
_NOT_SERVED: Final = (
    "x-oss-callback",
    "x-oss-server-side-data-encryption",
    "x-oss-server-side-encryption",
    "x-oss-server-side-encryption-key-id",
    "x-oss-symlink-target",
    "x-oss-tagging",
)
USER_METADATA_BYTES_MAX: Final = 8 * 1024
"""Names without their prefix, and values. Source: OSS "Manage object metadata", limits."""

_USER_PREFIX: Final = "x-oss-meta-"


@dataclass(frozen=True, slots=True)
class WriteObject:
    """PutObject.

    Attributes:
        size_bytes: announced size, or `None` for a chunked body.
        content_md5: 16 bytes, or `None` when not sent.
    """

    address: Address
    headers: ObjectHeaders
    acl: Acl
    size_bytes: int | None
    content_md5: bytes | None
    forbid_overwrite: bool


@dataclass(frozen=True, slots=True)
class CopyObject:
    """CopyObject; `headers` is `None` when the source's metadata is kept."""

    address: Address
    source: Address
    headers: ObjectHeaders | None
    acl: Acl
    conditions: Conditions
    forbid_overwrite: bool


@dataclass(frozen=True, slots=True)
class DeleteObjects:
    """DeleteMultipleObjects; `quiet` leaves the deleted keys out of the answer."""

    bucket: str
    keys: tuple[str, ...]
    quiet: bool
    encode_url: bool


def parse_write(request: WireRequest, address: Address) -> WriteObject:
    """Read PutObject."""
    check_served(request)
    return WriteObject(
        check_object(address),
        object_headers(request),
        parse_acl(request.header("x-oss-object-acl"), Acl.DEFAULT),
        content_length(request),
        parse_content_md5(request),
        is_true(request.header("x-oss-forbid-overwrite")),
    )


def parse_copy(request: WireRequest, address: Address) -> CopyObject:
    """Read CopyObject."""
    check_served(request)
    source = copy_source(request.header("x-oss-copy-source") or "")
    directive = (request.header("x-oss-metadata-directive") or "COPY").upper()
    if directive not in ("COPY", "REPLACE"):
        raise InvalidArgument(f"The metadata directive {directive!r} is not supported.")
    headers = object_headers(request) if directive == "REPLACE" else None
    return CopyObject(
        check_object(address),
        check_object(source),
        headers,
        parse_acl(request.header("x-oss-object-acl"), Acl.DEFAULT),
        parse_conditions(request, "x-oss-copy-source-"),
        is_true(request.header("x-oss-forbid-overwrite")),
    )


def check_served(request: WireRequest) -> None:
    """Refuse an upload with headers that are not fulfilled here."""
    wanted = [name for name in _NOT_SERVED if request.header(name)]
    if wanted:
        raise NotImplementedOnServer(f"The header {wanted[0]} is not supported.")


def copy_source(text: str) -> Address:
    """Read `/bucket/key`, percent-encoded; a version behind a `?` has no meaning here.

    `+` is a blank: the Go SDK v1 writes a blank so, and every SDK writes a plus as `%2B`.
    """
    path, _, query = text.partition("?")
    if parse_query(query).get("versionId"):
        raise NotImplementedOnServer("There are no versions of objects on this server.")
    bucket, _, key = decode(path.replace("+", " ")).removeprefix("/").partition("/")
    if not key or not is_bucket_name(bucket):
        raise InvalidArgument("Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.")
    return Address(bucket, key)


def parse_delete_objects(request: WireRequest, query: Query, bucket: str, body: bytes) -> DeleteObjects:
    """Read DeleteMultipleObjects: `<Delete><Quiet/><Object><Key/></Object>...</Delete>`.

    The encoding is documented as a header; the Python SDKs send it in the query.
    """
    root = parse_xml(body, "Delete")
    keys = tuple(element.findtext("Key") or "" for element in root.findall("Object"))
    if not keys or len(keys) > DELETE_KEYS_MAX:
        raise MalformedXML(context={"keys": len(keys)})
    for key in keys:
        check_object(Address(bucket, key))
    if any(element.findtext("VersionId") for element in root.findall("Object")):
        raise NotImplementedOnServer("There are no versions of objects on this server.")
    quiet = (root.findtext("Quiet") or "").strip().lower() == "true"
    encoding_type = query.get("encoding-type") or request.header("encoding-type")
    return DeleteObjects(bucket, keys, quiet, parse_encoding_type(encoding_type))


def parse_content_md5(request: WireRequest) -> bytes | None:
    """Read Content-MD5: base64 of 16 bytes."""
    text = request.header("content-md5")
    if text is None or not text.strip():
        return None
    try:
        digest = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidDigest from exc
    if len(digest) != 16:
        raise InvalidDigest
    return digest


def check_content_md5(request: WireRequest, body: bytes) -> None:
    """Compare Content-MD5, when sent, with a body that was read whole.

    Raises:
        InvalidDigest: it is another body's.
    """
    wanted = parse_content_md5(request)
    if wanted is not None and hashlib.md5(body, usedforsecurity=False).digest() != wanted:
        raise InvalidDigest


def object_headers(request: WireRequest) -> ObjectHeaders:
    """Read what the writer says about the object."""
    stored = {name: value for name in _STORED_HEADERS if (value := request.header(name))}
    # The transport's own chunking marker is no property of the object.
    encoding = stored.get("content-encoding", "")
    if encoding.lower() in ("", "aws-chunked", "identity"):
        stored.pop("content-encoding", None)
    return ObjectHeaders(
        request.header("content-type") or DEFAULT_CONTENT_TYPE,
        _user_metadata(request),
        stored,
    )


def _user_metadata(request: WireRequest) -> dict[str, str]:
    """Collect the metadata in one pass: a stranger chooses how many headers there are."""
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        if name.startswith(_USER_PREFIX):
            values.setdefault(name.removeprefix(_USER_PREFIX), []).append(value.strip())
    metadata = {name: ",".join(parts) for name, parts in values.items()}
    if sum(len(name) + len(value) for name, value in metadata.items()) > USER_METADATA_BYTES_MAX:
        raise InvalidArgument("The user metadata of an object must not be longer than 8 KB.")
    return metadata


def content_length(request: WireRequest) -> int | None:
    """Read the announced size of a body; None when it comes in chunks."""
    text = request.header("content-length")
    if text is None:
        if request.header("transfer-encoding") is None:
            raise MissingContentLength
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidArgument("The Content-Length is not valid.")
    return int(text)


def parse_object_acl(text: str | None) -> Acl:
    """Read the ACL of PutObjectAcl, which must be given."""
    if not text:
        raise MissingArgument
    return parse_acl(text, Acl.DEFAULT)
