"""Buckets and lists: PutBucket, ListBuckets, ListObjects."""

import base64
from dataclasses import dataclass

from oss_faces.errors import (
    InvalidArgument,
    MissingArgument,
)
from oss_faces.protocol import Query
from oss_faces.request.fields import (
    is_true,
    key_text,
    max_keys,
    parse_acl,
    parse_encoding_type,
    parse_xml,
)
from oss_faces.values import KEY_BYTES_MAX, Acl, WireRequest


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
        parse_xml(body, "CreateBucketConfiguration")
    text = request.header("x-oss-acl")
    return PutBucket(bucket, parse_bucket_acl(text) if text else None)


def parse_list_buckets(query: Query) -> ListBuckets:
    """Read ListBuckets."""
    return ListBuckets(key_text(query, "prefix"), key_text(query, "marker"), max_keys(query, 100))


def parse_list_objects(query: Query, bucket: str) -> ListObjects:
    """Read ListObjects of either version."""
    version = 2 if query.get("list-type") == "2" else 1
    delimiter = key_text(query, "delimiter")
    return ListObjects(
        bucket=bucket,
        version=version,
        prefix=key_text(query, "prefix"),
        delimiter=delimiter,
        marker=key_text(query, "marker"),
        start_after=key_text(query, "start-after"),
        continuation_token=query.get("continuation-token") or None,
        max_keys=max_keys(query, 100),
        fetch_owner=is_true(query.get("fetch-owner")),
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


def parse_bucket_acl(text: str | None) -> Acl:
    """Read a bucket ACL; a bucket has no `default`."""
    if not text:
        raise MissingArgument
    acl = parse_acl(text, Acl.PRIVATE)
    if acl is Acl.DEFAULT:
        raise InvalidArgument("no such acl: default")
    return acl
