"""Buckets, and pages of listings."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces import request as requests
from oss_faces.errors import (
    InvalidArgument,
    MalformedXML,
)
from oss_faces.protocol import Query, parse_query
from oss_faces.request import ListObjects
from oss_faces.values import Acl
from tests.unit.request.wires import wire


@pytest.mark.parametrize(
    ("body", "headers", "acl"),
    [
        (b"", {}, None),
        (b"  \n", {}, None),
        (b"", {"x_oss_acl": "public-read"}, Acl.PUBLIC_READ),
        (b"<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>", {}, None),
        (b'<CreateBucketConfiguration xmlns="x"/>', {}, None),
    ],
)
def test_put_bucket_reads_the_acl_and_checks_the_body(body: bytes, headers: dict[str, str], acl: Acl | None) -> None:
    """No ACL is not the same as private: it leaves that of a bucket that exists."""
    assert requests.parse_put_bucket(wire("PUT", **headers), "bucket", body) == requests.PutBucket("bucket", acl)


def test_put_bucket_refuses_a_foreign_body() -> None:
    """A body that is not the documented one is not ignored."""
    with pytest.raises(MalformedXML):
        requests.parse_put_bucket(wire("PUT"), "bucket", b"<Other/>")


def test_bucket_list_reads_its_place() -> None:
    """Prefix, marker and number of entries; 100 by default."""
    assert requests.parse_list_buckets(Query()) == requests.ListBuckets("", "", 100)
    query = parse_query("prefix=a+b&marker=%E4%BA%BA&max-keys=1000")
    assert requests.parse_list_buckets(query) == requests.ListBuckets("a b", "\u4eba", 1000)


def test_list_without_options_begins_at_the_start() -> None:
    """The plainest listing is version 1, of 100 entries."""
    want = requests.parse_list_objects(Query(), "bucket")
    assert want == ListObjects("bucket", 1, "", "", "", "", None, 100, fetch_owner=False, encode_url=False)
    assert want.after == ""


def test_list_reads_every_option_of_version_2() -> None:
    """All documented parameters arrive; empty ones, as one SDK sends them, are absent ones."""
    text = "list-type=2&prefix=p&delimiter=%2F&start-after=s&fetch-owner=true&encoding-type=url&max-keys=1&marker=m"
    want = requests.parse_list_objects(parse_query(text), "bucket")
    assert want == ListObjects("bucket", 2, "p", "/", "m", "s", None, 1, fetch_owner=True, encode_url=True)
    empty = parse_query("list-type=2&prefix=&continuation-token=&start-after=&max-keys=&encoding-type=&fetch-owner=")
    want = requests.parse_list_objects(empty, "bucket")
    assert want == ListObjects("bucket", 2, "", "", "", "", None, 100, fetch_owner=False, encode_url=False)


def test_each_version_begins_behind_its_own_marker() -> None:
    """Version 1 goes on behind `marker`, version 2 behind the token, else behind `start-after`."""
    token = requests.continuation_token("t")
    text = f"marker=m&start-after=s&continuation-token={token}"
    assert requests.parse_list_objects(parse_query(text), "b").after == "m"
    assert requests.parse_list_objects(parse_query(f"list-type=2&{text}"), "b").after == "t"
    assert requests.parse_list_objects(parse_query("list-type=2&marker=m&start-after=s"), "b").after == "s"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255))
def test_token_brings_its_marker_back(marker: str) -> None:
    """A page goes on exactly where the last one ended, whatever the key."""
    query = Query((("list-type", "2"), ("continuation-token", requests.continuation_token(marker))))
    assert requests.parse_list_objects(query, "bucket").after == marker


@pytest.mark.parametrize(
    "token",
    ["!", "!!!!", "YQ", "YQ==YQ==", "_w==", "\u4eba", "\udcff", "YQ==\n", base64.b64encode(b"k" * 1024).decode()],
)
def test_token_that_was_not_given_out_is_refused(token: str) -> None:
    """A token is one of ours or an error; it never means the first page by accident."""
    with pytest.raises(InvalidArgument):
        _ = requests.parse_list_objects(Query((("list-type", "2"), ("continuation-token", token))), "bucket").after


@pytest.mark.parametrize("text", ["0", "1001", "-1", "+1", "1.0", "a", "1" * 5000, "\u00b2", "00000000011234", " 1"])
def test_number_of_entries_is_1_to_1000(text: str) -> None:
    """Any other number, however it is written, is refused."""
    query = Query((("max-keys", text),))
    with pytest.raises(InvalidArgument):
        requests.parse_list_objects(query, "bucket")
    with pytest.raises(InvalidArgument):
        requests.parse_list_buckets(query)


@pytest.mark.parametrize("name", ["prefix", "marker", "delimiter", "start-after"])
@pytest.mark.parametrize("text", ["k" * 1024, "\u4eba" * 342, "\udcff"])
def test_text_that_can_be_part_of_no_key_is_refused(name: str, text: str) -> None:
    """What is compared with keys is at most as long as one, and UTF-8."""
    with pytest.raises(InvalidArgument):
        requests.parse_list_objects(Query(((name, text),)), "bucket")
    requests.parse_list_objects(Query(((name, "k" * 1023),)), "bucket")


def test_parameter_given_twice_is_refused() -> None:
    """Two values for one parameter leave open which one was meant."""
    with pytest.raises(InvalidArgument):
        requests.parse_list_objects(parse_query("prefix=a&prefix=b"), "bucket")
