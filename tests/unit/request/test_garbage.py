"""Whatever comes, a parser gives a value or blames the caller."""

import contextlib
from collections.abc import Callable
from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oss_faces import request as requests
from oss_faces.errors import (
    RequestError,
)
from oss_faces.protocol import Query
from oss_faces.values import Address, WireRequest

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
HEADER_NAMES = [
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-oss-copy-source",
    "x-oss-copy-source-if-modified-since",
    "x-oss-metadata-directive",
    "x-oss-object-acl",
    "x-oss-acl",
    "content-length",
    "content-md5",
    "content-type",
    "content-encoding",
    "encoding-type",
    "x-oss-meta-a",
    "x-oss-range-behavior",
    "x-oss-copy-source-range",
    "x-oss-complete-all",
    "x-oss-forbid-overwrite",
]
DATES = st.datetimes(timezones=st.just(UTC)).map(lambda moment: f"Sat, {moment:%d %b %Y %H:%M:%S} +2500")
HEADERS = st.lists(st.tuples(st.sampled_from(HEADER_NAMES), LATIN | DATES | LATIN.map("/bucket/{}".format))).map(tuple)
PARAMETERS = [
    "prefix",
    "marker",
    "delimiter",
    "max-keys",
    "list-type",
    "start-after",
    "continuation-token",
    "encoding-type",
    "response-content-type",
    "position",
    "uploadId",
    "partNumber",
    "part-number-marker",
    "max-parts",
    "key-marker",
    "upload-id-marker",
    "max-uploads",
]
VALUES = st.text(max_size=40) | st.integers().map(str) | st.sampled_from(["2", "url", "\udcff", "YQ=="])
QUERIES = st.lists(st.tuples(st.sampled_from(PARAMETERS), VALUES)).map(tuple).map(Query)


@given(HEADERS, QUERIES, st.binary(max_size=60), st.text(max_size=20))
def test_garbage_is_read_or_is_the_callers_fault(
    headers: tuple[tuple[str, str], ...], query: Query, body: bytes, key: str
) -> None:
    """Whatever comes, each parser gives a value or a RequestError, never another error."""
    request = WireRequest("PUT", "/", "", headers)
    address = Address("bucket", key)
    calls: list[Callable[[], Any]] = [
        lambda: requests.parse_read(request, query, address),
        lambda: requests.parse_process_request(request, query, address),
        lambda: requests.parse_write(request, address),
        lambda: requests.parse_copy(request, address),
        lambda: requests.parse_delete_objects(request, query, "bucket", body),
        lambda: requests.parse_delete_objects(request, query, "bucket", b"<Delete>" + body + b"</Delete>"),
        lambda: requests.parse_save(request, address, body),
        lambda: requests.check_content_md5(request, body),
        lambda: requests.parse_put_bucket(request, "bucket", body),
        lambda: requests.parse_append(request, query, address),
        lambda: requests.parse_begin_upload(request, query, address),
        lambda: requests.parse_part(request, query, address),
        lambda: requests.parse_part_copy(request, query, address),
        lambda: requests.parse_complete(request, query, address, body),
        lambda: requests.parse_complete(request, query, address, _chosen(body)),
        lambda: requests.parse_list_parts(query, address),
        lambda: requests.parse_list_uploads(query, "bucket"),
        lambda: requests.parse_list_buckets(query),
        lambda: requests.parse_list_objects(query, "bucket").after,
        lambda: requests.parse_bucket_acl(request.header("x-oss-acl")),
        lambda: requests.parse_object_acl(request.header("x-oss-object-acl")),
    ]
    for call in calls:
        with contextlib.suppress(RequestError):
            call()


def _chosen(body: bytes) -> bytes:
    """A list of parts with whatever comes where the number of the first one belongs."""
    part = b"<Part><PartNumber>" + body + b"</PartNumber><ETag>" + body + b"</ETag></Part>"
    return b"<CompleteMultipartUpload>" + part + b"</CompleteMultipartUpload>"
