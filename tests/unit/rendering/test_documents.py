"""The XML bodies, letter by letter, and as the official SDK reads them."""

import base64
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from oss2 import xml_utils

from oss_faces.errors import InvalidArgument, NoSuchKey, Overloaded, SignatureDoesNotMatch
from oss_faces.protocol import parse_query
from oss_faces.rendering import Identity, documents
from oss_faces.request import ListBuckets, ListObjects, continuation_token, parse_list_objects
from oss_faces.values import Acl, BucketMeta, ObjectMeta

PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
IDENTITY = Identity("cn-hangzhou", "4711", "127.0.0.1:9000")
MOMENT = datetime(2015, 12, 5, 11, 10, 29, tzinfo=UTC)
UNIX_MOMENT = int(MOMENT.timestamp())
BUCKET = BucketMeta("photos", Acl.PUBLIC_READ, MOMENT, "4711")
ETAG = "D41D8CD98F00B204E9800998ECF8427E"
AWKWARD = ["a b+c", "<&>\"'", "\u4eba/\u8138.jpg", "x//y/../z", "line\nfeed", "carriage\rreturn", "tab\t", "]]>", " "]


def meta(key: str) -> ObjectMeta:
    return ObjectMeta(key, 7, ETAG, 0, "text/plain", MOMENT)


def want(query: str = "") -> ListObjects:
    return parse_list_objects(parse_query(query), "photos")


def text(body: bytes) -> str:
    """The document without its prolog, which each must have."""
    document = body.decode()
    first, _, rest = document.partition("\n")
    assert first == PROLOG
    return rest


BUCKET_FIELDS = (
    "<CreationDate>2015-12-05T11:10:29.000Z</CreationDate><ExtranetEndpoint>127.0.0.1:9000</ExtranetEndpoint>"
    "<IntranetEndpoint>127.0.0.1:9000</IntranetEndpoint><Location>oss-cn-hangzhou</Location>"
    "<Region>cn-hangzhou</Region><Name>photos</Name><StorageClass>Standard</StorageClass>"
)
OWNER = "<Owner><ID>4711</ID><DisplayName>4711</DisplayName></Owner>"

# --- errors -------------------------------------------------------------------------------------------------------


def test_error_has_the_prolog_and_the_plain_root() -> None:
    """PHP needs the prolog, both Python SDKs compare the root's name."""
    body = documents.error_document(NoSuchKey(details={"Key": "a&b"}), "0123456789ABCDEF01234567", "photos.oss")
    assert text(body) == (
        "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
        "<RequestId>0123456789ABCDEF01234567</RequestId><HostId>photos.oss</HostId><Key>a&amp;b</Key>"
        "<EC>0026-00000001</EC></Error>"
    )


@pytest.mark.parametrize("host", ["photos.oss", "0", ">0<", "a&b", "h" * 1000, ""])
def test_errors_of_a_kind_differ_in_id_and_host_only(host: str) -> None:
    """What they have in common is written once; each has its own id, whatever the client says its host is."""
    for request_id in ("0" * 24, "0123456789ABCDEF01234567"):
        root = ElementTree.fromstring(documents.error_document(Overloaded(), request_id, host))
        assert [child.tag for child in root] == ["Code", "Message", "RequestId", "HostId", "EC"]
        told = [root.findtext(name) for name in ("Code", "RequestId", "HostId", "EC")]
        assert told == ["ServiceUnavailable", request_id, host, "0001-00000503"]


def test_error_shows_the_details_but_never_the_context() -> None:
    """What is for the log stays there."""
    error = SignatureDoesNotMatch(details={"StringToSign": "GET\n\n<"}, context={"path": "/var/lib/secret"})
    body = text(documents.error_document(error, "R", "h"))
    assert "<StringToSign>GET\n\n&lt;</StringToSign>" in body
    assert "secret" not in body


def test_error_header_is_the_document_in_base64() -> None:
    """For HEAD the same document travels in a header."""
    document = documents.error_document(InvalidArgument("\u4eba"), "R", "h")
    assert base64.b64decode(documents.error_header(document)) == document
    assert documents.error_header(document).isascii()


@given(st.text(), st.text())
def test_error_can_be_parsed_whatever_it_repeats(message: str, host: str) -> None:
    """No message, host name or detail makes the document unreadable."""
    body = documents.error_document(InvalidArgument(message or None, details={"Key": host}), "R", host)
    assert ElementTree.fromstring(body).tag == "Error"


# --- buckets ------------------------------------------------------------------------------------------------------


def test_bucket_list_says_who_and_what() -> None:
    """A full list has no marker and each bucket its six fields and the region."""
    body = documents.list_buckets(ListBuckets("", "", 100), [BUCKET], None, IDENTITY)
    assert text(body) == (
        f"<ListAllMyBucketsResult>{OWNER}<Buckets><Bucket>{BUCKET_FIELDS}</Bucket></Buckets></ListAllMyBucketsResult>"
    )
    listed = xml_utils.parse_list_buckets(SimpleNamespace(buckets=[], owner=None), body)
    assert [(bucket.name, bucket.creation_date) for bucket in listed.buckets] == [("photos", UNIX_MOMENT)]
    assert not listed.is_truncated


def test_page_of_a_bucket_list_says_how_to_go_on() -> None:
    """A list that is cut repeats what was asked for and names the next marker."""
    body = documents.list_buckets(ListBuckets("p", "a", 1), [BUCKET], "photos", IDENTITY)
    assert text(body).startswith(
        "<ListAllMyBucketsResult><Prefix>p</Prefix><Marker>a</Marker><MaxKeys>1</MaxKeys>"
        "<IsTruncated>true</IsTruncated><NextMarker>photos</NextMarker>"
    )
    listed = xml_utils.parse_list_buckets(SimpleNamespace(buckets=[], owner=None), body)
    assert (listed.is_truncated, listed.next_marker) == (True, "photos")


def test_bucket_info_has_every_field_that_the_sdk_demands() -> None:
    """One missing element would make the SDK raise."""
    body = documents.bucket_info(BUCKET, IDENTITY)
    assert text(body) == (
        f"<BucketInfo><Bucket>{BUCKET_FIELDS}{OWNER}"
        "<AccessControlList><Grant>public-read</Grant></AccessControlList></Bucket></BucketInfo>"
    )
    info = xml_utils.parse_get_bucket_info(SimpleNamespace(), body)
    assert (info.name, info.location, info.acl.grant) == ("photos", "oss-cn-hangzhou", "public-read")
    assert (info.extranet_endpoint, info.owner.id) == ("127.0.0.1:9000", "4711")


def test_location_has_the_prefix_of_a_host_name() -> None:
    """A location is written `oss-<region>`, in the root itself."""
    body = documents.bucket_location(IDENTITY)
    assert text(body) == "<LocationConstraint>oss-cn-hangzhou</LocationConstraint>"
    assert xml_utils.parse_get_bucket_location(SimpleNamespace(), body).location == "oss-cn-hangzhou"


@pytest.mark.parametrize("acl", list(Acl))
def test_access_control_names_owner_and_grant(acl: Acl) -> None:
    """Bucket and object have the same document."""
    body = documents.access_control(acl, IDENTITY)
    assert text(body) == (
        f"<AccessControlPolicy>{OWNER}<AccessControlList><Grant>{acl.value}</Grant></AccessControlList>"
        "</AccessControlPolicy>"
    )
    assert xml_utils.parse_get_object_acl(SimpleNamespace(), body).acl == acl.value


# --- objects ------------------------------------------------------------------------------------------------------


def test_copy_result_has_a_quoted_etag_and_the_time() -> None:
    """The two facts about the new object."""
    assert text(documents.copy_result(meta("k"))) == (
        f'<CopyObjectResult><ETag>"{ETAG}"</ETag><LastModified>2015-12-05T11:10:29.000Z</LastModified>'
        "</CopyObjectResult>"
    )


def test_delete_result_lists_the_keys() -> None:
    """Every key that is gone now, in the order asked for; none is an empty result."""
    assert text(documents.delete_result([], encode_url=False)) == "<DeleteResult />"
    assert text(documents.delete_result(["b", "a&"], encode_url=False)) == (
        "<DeleteResult><Deleted><Key>b</Key></Deleted><Deleted><Key>a&amp;</Key></Deleted></DeleteResult>"
    )


@pytest.mark.parametrize("encode_url", [False, True])
def test_delete_result_brings_awkward_keys_back(encode_url: bool) -> None:
    """The SDK reads exactly the keys that were deleted, encoded or not."""
    result = SimpleNamespace(deleted_keys=[], delete_versions=[])
    xml_utils.parse_batch_delete_objects(result, documents.delete_result(AWKWARD, encode_url=encode_url))
    assert result.deleted_keys == AWKWARD


def test_list_of_version_1_is_the_documented_one() -> None:
    """All fields in order; each entry has an owner, which Java needs, as it needs MaxKeys."""
    body = documents.list_objects(
        want("prefix=p&marker=m&delimiter=%2F&max-keys=2"), [meta("pk")], ["p/"], "p/", IDENTITY
    )
    assert text(body) == (
        "<ListBucketResult><Name>photos</Name><Prefix>p</Prefix><Marker>m</Marker><MaxKeys>2</MaxKeys>"
        "<Delimiter>/</Delimiter><IsTruncated>true</IsTruncated><NextMarker>p/</NextMarker>"
        "<Contents><Key>pk</Key><LastModified>2015-12-05T11:10:29.000Z</LastModified>"
        f'<ETag>"{ETAG}"</ETag><Type>Normal</Type><Size>7</Size><StorageClass>Standard</StorageClass>{OWNER}'
        "</Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>"
    )


def test_empty_list_is_a_list() -> None:
    """No object is an answer too."""
    assert text(documents.list_objects(want(), [], [], None, IDENTITY)) == (
        "<ListBucketResult><Name>photos</Name><Prefix /><Marker /><MaxKeys>100</MaxKeys><Delimiter />"
        "<IsTruncated>false</IsTruncated></ListBucketResult>"
    )


def test_list_of_version_2_counts_and_continues_by_token() -> None:
    """Keys and common prefixes are counted together; the token holds the marker; the owner comes on request only."""
    token = continuation_token("a")
    query = f"list-type=2&start-after=s&continuation-token={token}&encoding-type=url&prefix=%2F"
    body = documents.list_objects(want(query), [meta("/k")], ["/p/"], "/p/", IDENTITY)
    assert text(body) == (
        "<ListBucketResult><Name>photos</Name><Prefix>%2F</Prefix><StartAfter>s</StartAfter>"
        f"<ContinuationToken>{token}</ContinuationToken><MaxKeys>100</MaxKeys><Delimiter />"
        f"<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        f"<NextContinuationToken>{continuation_token('/p/')}</NextContinuationToken><KeyCount>2</KeyCount>"
        "<Contents><Key>%2Fk</Key><LastModified>2015-12-05T11:10:29.000Z</LastModified>"
        f'<ETag>"{ETAG}"</ETag><Type>Normal</Type><Size>7</Size><StorageClass>Standard</StorageClass>'
        "</Contents><CommonPrefixes><Prefix>%2Fp%2F</Prefix></CommonPrefixes></ListBucketResult>"
    )
    with_owner = documents.list_objects(want("list-type=2&fetch-owner=true"), [meta("k")], [], None, IDENTITY)
    assert OWNER in text(with_owner)


@pytest.mark.parametrize("encoding", ["", "&encoding-type=url"])
@pytest.mark.parametrize("version", [1, 2])
def test_list_brings_awkward_keys_back(version: int, encoding: str) -> None:
    """The SDK reads every key, prefix and marker as it is stored, encoded or not."""
    body = documents.list_objects(
        want(f"list-type={version}{encoding}"), [meta(key) for key in AWKWARD], AWKWARD, AWKWARD[2], IDENTITY
    )
    result = SimpleNamespace(object_list=[], prefix_list=[], next_marker=None, next_continuation_token=None)
    parse = xml_utils.parse_list_objects if version == 1 else xml_utils.parse_list_objects_v2
    parse(result, body)
    assert [entry.key for entry in result.object_list] == AWKWARD
    assert result.prefix_list == AWKWARD
    assert result.is_truncated
    assert (result.next_marker or result.next_continuation_token) in (AWKWARD[2], continuation_token(AWKWARD[2]))
    assert {(entry.last_modified, entry.size, entry.etag) for entry in result.object_list} == {(UNIX_MOMENT, 7, ETAG)}


def test_control_characters_need_the_encoding() -> None:
    """XML cannot write them: they are replaced, or spelled out where `encoding-type=url` was asked for."""
    key = "bell\x07 null\x00 lone\ufffe"
    plain = documents.list_objects(want(), [meta(key)], [], None, IDENTITY)
    assert ElementTree.fromstring(plain).findtext("Contents/Key") == "bell\ufffd null\ufffd lone\ufffd"
    encoded = documents.list_objects(want("encoding-type=url"), [meta(key)], [], None, IDENTITY)
    assert ElementTree.fromstring(encoded).findtext("Contents/Key") == "bell%07%20null%00%20lone%EF%BF%BE"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=3))
def test_encoded_list_brings_any_key_back(keys: list[str]) -> None:
    """With `encoding-type=url` there is no key that does not survive."""
    body = documents.list_objects(want("encoding-type=url"), [meta(key) for key in keys], keys, None, IDENTITY)
    result = xml_utils.parse_list_objects(SimpleNamespace(object_list=[], prefix_list=[]), body)
    assert [entry.key for entry in result.object_list] == result.prefix_list == keys
