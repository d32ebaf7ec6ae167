"""From the wire to typed requests: parse, default, refuse. What is optional on the wire is decided here, once.

Header and parameter names of GetObject, PutObject, CopyObject, ListObjects and DeleteMultipleObjects of OSS.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from oss_faces.errors import (
    InvalidArgument,
    InvalidDigest,
    InvalidObjectName,
    MalformedXML,
    MissingArgument,
    NotImplementedOnServer,
)
from oss_faces.protocol import Query, is_bucket_name, parse_query
from oss_faces.protocol.encoding import decode
from oss_faces.values import DEFAULT_CONTENT_TYPE, Acl, Address, ObjectHeaders, WireRequest

KEY_BYTES_MAX: Final = 1023
MAX_KEYS_MAX: Final = 1000
DELETE_KEYS_MAX: Final = 1000
# 1,000 keys of 1,023 bytes, each byte possibly an entity, plus mark-up.
DELETE_BODY_BYTES_MAX: Final = 2 * 1024 * 1024

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_STORED_HEADERS: Final = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_OVERRIDES: Final = {
    "response-content-type": "content-type",
    "response-content-language": "content-language",
    "response-cache-control": "cache-control",
    "response-content-disposition": "content-disposition",
    "response-content-encoding": "content-encoding",
    "response-expires": "expires",
}
_USER_PREFIX: Final = "x-oss-meta-"


# --- reading -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conditions:
    """Preconditions on the stored object. ETags without quotes, upper case; `*` matches any."""

    if_match: tuple[str, ...] = ()
    if_none_match: tuple[str, ...] = ()
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantedRange:
    """One range of bytes: `first` alone reads to the end, `last` alone reads the last so many bytes."""

    first: int | None
    last: int | None

    def resolve(self, size_bytes: int) -> tuple[int, int] | None:
        """Return (start, end exclusive) within an object of that size, or `None` when nothing is covered."""
        if self.first is None:
            assert self.last is not None, "a range has at least one edge"
            start, end = max(size_bytes - self.last, 0), size_bytes
        else:
            start = self.first
            end = size_bytes if self.last is None else min(self.last + 1, size_bytes)
        return (start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class ReadObject:
    """GetObject and HeadObject.

    Attributes:
        strict_range: answer 416 to a range that covers nothing; OSS by default then sends the whole object.
        overrides: response headers that the caller wants in place of the stored ones.
    """

    address: Address
    conditions: Conditions
    range: WantedRange | None = None
    strict_range: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DetectFaces:
    """GetObject with `x-oss-process=image/faces`. A range has no meaning for a computed answer and is ignored."""

    address: Address
    conditions: Conditions


def parse_read(request: WireRequest, query: Query, address: Address) -> ReadObject:
    """Read GetObject or HeadObject."""
    return ReadObject(
        _object(address),
        parse_conditions(request),
        parse_range(request.header("range")),
        (request.header("x-oss-range-behavior") or "").lower() == "standard",
        {header: _as_header(value) for name, header in _OVERRIDES.items() if (value := query.get(name))},
    )


def _as_header(text: str) -> str:
    """Header values are bytes in latin-1 text everywhere; a value out of the query is UTF-8 until here."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def parse_detect(request: WireRequest, address: Address) -> DetectFaces:
    """Read a GetObject that asks for faces."""
    return DetectFaces(_object(address), parse_conditions(request))


def parse_conditions(request: WireRequest, prefix: str = "") -> Conditions:
    """Read the four conditional headers; `prefix` is `x-oss-copy-source-` for a copy."""
    return Conditions(
        _etags(request.header(f"{prefix}if-match")),
        _etags(request.header(f"{prefix}if-none-match")),
        _http_date(request.header(f"{prefix}if-modified-since")),
        _http_date(request.header(f"{prefix}if-unmodified-since")),
    )


def parse_range(text: str | None) -> WantedRange | None:
    """Read a Range header. Like OSS, several ranges or anything malformed means the whole object."""
    match = _RANGE.fullmatch(text.strip()) if text else None
    if match is None or not (match[1] or match[2]):
        return None
    first = int(match[1]) if match[1] else None
    last = int(match[2]) if match[2] else None
    if first is not None and last is not None and last < first:
        return None
    return WantedRange(first, last)


def _etags(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    return tuple(part.strip().removeprefix("W/").strip('"').upper() for part in text.split(",") if part.strip())


def _http_date(text: str | None) -> datetime | None:
    """A date that cannot be read is no condition, as HTTP has it."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# --- writing -----------------------------------------------------------------------------------------------------


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
    if request.header("x-oss-symlink-target") or request.header("x-oss-callback"):
        raise NotImplementedOnServer
    return WriteObject(
        _object(address),
        _object_headers(request),
        parse_acl(request.header("x-oss-object-acl"), Acl.DEFAULT),
        _content_length(request),
        parse_content_md5(request),
        _is_true(request.header("x-oss-forbid-overwrite")),
    )


def parse_copy(request: WireRequest, address: Address) -> CopyObject:
    """Read CopyObject."""
    source = _copy_source(request.header("x-oss-copy-source") or "")
    directive = (request.header("x-oss-metadata-directive") or "COPY").upper()
    if directive not in ("COPY", "REPLACE"):
        raise InvalidArgument(f"The metadata directive {directive!r} is not supported.")
    headers = _object_headers(request) if directive == "REPLACE" else None
    return CopyObject(
        _object(address),
        _object(source),
        headers,
        parse_acl(request.header("x-oss-object-acl"), Acl.DEFAULT),
        parse_conditions(request, "x-oss-copy-source-"),
        _is_true(request.header("x-oss-forbid-overwrite")),
    )


def _copy_source(text: str) -> Address:
    """Read `/bucket/key`, percent-encoded as a URL's path is; a version behind a `?` has no meaning here."""
    path, _, query = text.partition("?")
    if parse_query(query).get("versionId"):
        raise NotImplementedOnServer("There are no versions of objects on this server.")
    bucket, _, key = decode(path).removeprefix("/").partition("/")
    if not key or not is_bucket_name(bucket):
        raise InvalidArgument("Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.")
    return Address(bucket, key)


def parse_delete_objects(request: WireRequest, query: Query, bucket: str, body: bytes) -> DeleteObjects:
    """Read DeleteMultipleObjects: `<Delete><Quiet/><Object><Key/></Object>...</Delete>`.

    The encoding is documented as a header; the Python SDKs send it in the query.
    """
    root = _xml(body, "Delete")
    keys = tuple(element.findtext("Key") or "" for element in root.findall("Object"))
    if not keys or len(keys) > DELETE_KEYS_MAX:
        raise MalformedXML(context={"keys": len(keys)})
    for key in keys:
        _object(Address(bucket, key))
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


def _object_headers(request: WireRequest) -> ObjectHeaders:
    user = {
        name.removeprefix(_USER_PREFIX): request.header(name) or ""
        for name, _ in request.headers
        if name.startswith(_USER_PREFIX)
    }
    stored = {name: value for name in _STORED_HEADERS if (value := request.header(name))}
    # The transport's own chunking marker is no property of the object.
    encoding = stored.get("content-encoding", "")
    if encoding.lower() in ("", "aws-chunked", "identity"):
        stored.pop("content-encoding", None)
    return ObjectHeaders(
        request.header("content-type") or DEFAULT_CONTENT_TYPE,
        user,
        stored,
    )


def _content_length(request: WireRequest) -> int | None:
    text = request.header("content-length")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidArgument("The Content-Length is not valid.")
    return int(text)


# --- buckets and lists -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PutBucket:
    """PutBucket; `acl` is `None` when none was given, which for a new bucket means private."""

    bucket: str
    acl: Acl | None


@dataclass(frozen=True, slots=True)
class ListBuckets:
    """ListBuckets (GetService)."""

    prefix: str
    marker: str
    max_keys: int


@dataclass(frozen=True, slots=True)
class ListObjects:
    """ListObjects, version 1 and 2. `after` is the key behind which the page begins, or an earlier page's marker."""

    bucket: str
    version: int
    prefix: str
    delimiter: str
    marker: str
    start_after: str
    continuation_token: str | None
    max_keys: int
    fetch_owner: bool
    encode_url: bool

    @property
    def after(self) -> str:
        """Where the page begins."""
        if self.version == 1:
            return self.marker
        if self.continuation_token:
            return _read_token(self.continuation_token)
        return self.start_after


def parse_put_bucket(request: WireRequest, bucket: str, body: bytes) -> PutBucket:
    """Read PutBucket. The XML body (storage class, redundancy) is checked for form; one class is kept here."""
    if body.strip():
        _xml(body, "CreateBucketConfiguration")
    text = request.header("x-oss-acl")
    return PutBucket(bucket, parse_bucket_acl(text) if text else None)


def parse_list_buckets(query: Query) -> ListBuckets:
    """Read ListBuckets."""
    return ListBuckets(_bounded(query, "prefix"), _bounded(query, "marker"), _max_keys(query, 100))


def parse_list_objects(query: Query, bucket: str) -> ListObjects:
    """Read ListObjects of either version."""
    version = 2 if query.get("list-type") == "2" else 1
    delimiter = _bounded(query, "delimiter")
    return ListObjects(
        bucket=bucket,
        version=version,
        prefix=_bounded(query, "prefix"),
        delimiter=delimiter,
        marker=_bounded(query, "marker"),
        start_after=_bounded(query, "start-after"),
        continuation_token=query.get("continuation-token") or None,
        max_keys=_max_keys(query, 100),
        fetch_owner=_is_true(query.get("fetch-owner")),
        encode_url=parse_encoding_type(query.get("encoding-type")),
    )


def continuation_token(marker: str) -> str:
    """Wrap a marker as the opaque token of ListObjects version 2."""
    return base64.urlsafe_b64encode(marker.encode()).decode()


def _read_token(token: str) -> str:
    """Undo `continuation_token`; what that function cannot have written is refused."""
    try:
        marker = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        text = marker.decode()
    except ValueError as exc:
        raise InvalidArgument("The continuation token is not valid.") from exc
    if not 1 <= len(marker) <= KEY_BYTES_MAX:
        raise InvalidArgument("The continuation token is not valid.")
    return text


def parse_acl(text: str | None, default: Acl) -> Acl:
    """Read an object ACL."""
    if not text:
        return default
    try:
        return Acl(text)
    except ValueError as exc:
        raise InvalidArgument(f"no such acl: {text[:64]}") from exc


def parse_object_acl(text: str | None) -> Acl:
    """Read the ACL of PutObjectAcl, which must be given."""
    if not text:
        raise MissingArgument
    return parse_acl(text, Acl.DEFAULT)


def parse_bucket_acl(text: str | None) -> Acl:
    """Read a bucket ACL; a bucket has no `default`."""
    if not text:
        raise MissingArgument
    acl = parse_acl(text, Acl.PRIVATE)
    if acl is Acl.DEFAULT:
        raise InvalidArgument("no such acl: default")
    return acl


def parse_encoding_type(text: str | None) -> bool:
    """Read `encoding-type`: only `url` exists."""
    if not text:
        return False
    if text.lower() != "url":
        raise InvalidArgument("Invalid Encoding Method specified in Request.")
    return True


def _max_keys(query: Query, default: int) -> int:
    text = query.get("max-keys") or ""
    if not text:
        return default
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_KEYS_MAX:
        raise InvalidArgument(f"max-keys must be between 1 and {MAX_KEYS_MAX}.")
    return int(text)


def _bounded(query: Query, name: str) -> str:
    """Read a text that is compared with keys: as long as a key can be, and UTF-8 like a key."""
    text = query.get(name) or ""
    try:
        length = len(text.encode())
    except UnicodeEncodeError as exc:
        raise InvalidArgument(f"The {name} is not UTF-8.") from exc
    if length > KEY_BYTES_MAX:
        raise InvalidArgument(f"The {name} is longer than {KEY_BYTES_MAX} bytes.")
    return text


def _object(address: Address) -> Address:
    """Refuse keys that OSS refuses: empty, over 1,023 bytes, beginning with a backslash, not UTF-8."""
    try:
        length = len(address.key.encode())
    except UnicodeEncodeError as exc:
        raise InvalidObjectName from exc
    if not 1 <= length <= KEY_BYTES_MAX or address.key.startswith("\\"):
        raise InvalidObjectName
    return address


def _is_true(text: str | None) -> bool:
    return (text or "").strip().lower() == "true"


def _xml(body: bytes, root_name: str) -> Element:
    """Parse a small XML body; entities and external references are refused by the library."""
    parse: Callable[[bytes], Element] = ElementTree.fromstring
    try:
        root = parse(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        raise MalformedXML from exc
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag != root_name:
        raise MalformedXML
    return root


__all__ = [
    "Conditions",
    "CopyObject",
    "DeleteObjects",
    "DetectFaces",
    "ListBuckets",
    "ListObjects",
    "PutBucket",
    "ReadObject",
    "WantedRange",
    "WriteObject",
    "continuation_token",
]
