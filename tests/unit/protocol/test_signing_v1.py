"""Each stage of one V1 computation against literal texts, and what the two forms refuse."""

import dataclasses
from datetime import UTC, datetime

import pytest

from oss_faces.errors import AccessDenied, InvalidAccessKeyId, InvalidArgument
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.settings import SigningSettings
from oss_faces.protocol.signing import read_claim
from oss_faces.protocol.signing_v1 import attempts, canonical_resource, signature, string_to_sign
from oss_faces.values import Address, WireRequest

SECRET = Secret("FakeTempSecret0123456789abcdef")
ADDRESS = Address("examplebucket", "example.jpg")
SIGNATURE = "1HtcKtnU5CU9XEIW+GWzmciSsyY="
DATE = "Sun, 22 Nov 2026 18:54:09 GMT"
# As the Node SDK sent it: no Date, the time in x-oss-date, a guessed Content-Type.
REQUEST = WireRequest(
    "GET",
    "/example.jpg",
    "x-oss-process=image%2Ffaces",
    (
        ("x-oss-date", DATE),
        ("x-oss-security-token", "CAISfake+/=token0123456789=="),
        ("content-type", "image/jpeg"),
        ("authorization", f"OSS STS.FakeTempKeyId0000000:{SIGNATURE}"),
        ("host", "examplebucket.oss-cn-hangzhou.aliyuncs.com:41989"),
    ),
)
STRING_TO_SIGN = b"""GET

image/jpeg
Sun, 22 Nov 2026 18:54:09 GMT
x-oss-date:Sun, 22 Nov 2026 18:54:09 GMT
x-oss-security-token:CAISfake+/=token0123456789==
/examplebucket/example.jpg?x-oss-process=image/faces"""


def with_query(query):
    """Give the request with another query."""
    return dataclasses.replace(REQUEST, query=query)


def texts(request, **settings):
    """Give the last line of each text that can have been signed."""
    claim = read_claim(REQUEST)
    found = attempts(request, claim, SECRET, ADDRESS, SigningSettings(**settings))
    return [attempt.string_to_sign.decode().splitlines()[-1] for attempt in found]


# --- stages -------------------------------------------------------------------------------------------------------


def test_stage_1_canonical_resource():
    """The resource has bucket, key and the signed parameters, decoded."""
    resource = canonical_resource(REQUEST, ADDRESS, frozenset({"x-oss-process"}))
    assert resource == b"/examplebucket/example.jpg?x-oss-process=image/faces"


def test_stage_2_string_to_sign():
    """The string to sign is the literal text that the SDK signed."""
    assert string_to_sign(REQUEST, ADDRESS, DATE, frozenset({"x-oss-process"})) == STRING_TO_SIGN


def test_stage_3_signature():
    """The signature is the one that the SDK sent."""
    assert signature(SECRET, STRING_TO_SIGN) == SIGNATURE


@pytest.mark.parametrize(
    ("address", "query", "resource"),
    [
        (Address(), "", "/"),
        (Address("b"), "", "/b/"),
        (Address("b"), "acl", "/b/?acl"),
        (Address("b"), "acl=", "/b/?acl"),
        (Address("b", "照 +"), "", "/b/照 +"),
        (Address("b", "k"), "uploadId=2&partNumber=1", "/b/k?partNumber=1&uploadId=2"),
        (Address("b", "k"), "acl=%FF", "/b/k?acl=\udcff"),
    ],
)
def test_canonical_resource(address, query, resource):
    """The resource is not percent-encoded; an empty value has no equals sign; parameters are sorted."""
    names = frozenset({"acl", "uploadId", "partNumber"})
    expected = resource.encode("utf-8", "surrogateescape")
    assert canonical_resource(with_query(query), address, names) == expected


def test_content_md5_is_signed():
    """Content-MD5 has its own line."""
    request = dataclasses.replace(REQUEST, headers=(("content-md5", "abc="),))
    assert string_to_sign(request, Address(), "d", frozenset()) == b"GET\nabc=\n\nd\n/"


# --- which parameters are signed ----------------------------------------------------------------------------------


def test_ordinary_parameters_are_not_signed():
    """`prefix` and the like are no part of the resource, by design of the scheme."""
    assert texts(with_query("prefix=a&max-keys=1")) == ["/examplebucket/example.jpg"]


def test_unlisted_oss_parameters_are_tried_both_ways():
    """The Go SDK v2 signs every x-oss- parameter, the others only listed ones."""
    assert texts(with_query("x-oss-new=1&acl")) == [
        "/examplebucket/example.jpg?acl&x-oss-new=1",
        "/examplebucket/example.jpg?acl",
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/examplebucket", ["/examplebucket/?acl", "/examplebucket?acl"]),
        ("/examplebucket/", ["/examplebucket/?acl"]),
        ("/", ["/examplebucket/?acl"]),
    ],
)
def test_bucket_that_is_asked_for_without_a_slash_may_be_signed_without(path, expected):
    """OpenDAL signs the path that it asks for; with the slash there, or the bucket in the host, nothing else counts."""
    request = dataclasses.replace(with_query("acl&list-type=2"), path=path)
    found = attempts(request, read_claim(REQUEST), SECRET, Address("examplebucket"), SigningSettings())
    assert [attempt.string_to_sign.decode().splitlines()[-1] for attempt in found] == expected


def test_an_unsigned_process_needs_the_switch():
    """Only the lenient switch accepts a signature that does not cover x-oss-process."""
    strict = ["/examplebucket/example.jpg?x-oss-process=image/faces"]
    assert texts(REQUEST) == strict
    assert texts(REQUEST, v1_lenient_process=True) == [*strict, "/examplebucket/example.jpg"]


# --- reading ------------------------------------------------------------------------------------------------------


def signed_by(authorization, *headers):
    """Give a request with this Authorization header and these others."""
    return WireRequest("GET", "/b/k", "", (("authorization", authorization), *headers))


def test_a_header_claim():
    """The header tells key and signature, the date comes from Date before x-oss-date."""
    claim = read_claim(signed_by("OSS id:a:b=", ("date", DATE), ("x-oss-date", "20261122T185403Z")))
    assert (claim.access_key_id, claim.signature, claim.timestamp) == ("id", "a:b=", DATE)
    assert claim.signed_at == datetime(2026, 11, 22, 18, 54, 9, tzinfo=UTC)
    assert not claim.presigned


@pytest.mark.parametrize(
    ("authorization", "error", "ec"),
    [
        ("OSS", InvalidArgument, "0002-00000063"),
        ("OSS id", InvalidArgument, "0002-00000063"),
        ("OSS :sig", InvalidArgument, "0002-00000063"),
        ("OSS  :sig", InvalidArgument, "0002-00000063"),
        ("OSS id:", InvalidArgument, "0002-00000065"),
        ("OSS i d:sig", InvalidAccessKeyId, "0002-00000901"),
        (f"OSS {'i' * 129}:sig", InvalidAccessKeyId, "0002-00000901"),
    ],
)
def test_malformed_authorization(authorization, error, ec):
    """Each documented fault of the header has its error and EC."""
    with pytest.raises(error) as caught:
        read_claim(signed_by(authorization, ("date", DATE)))
    assert caught.value.ec_value == ec


@pytest.mark.parametrize("headers", [(), (("date", "today"),), (("x-oss-date", "20261322T185403Z"),)])
def test_a_date_is_needed(headers):
    """Without a date that can be read nothing can be checked."""
    with pytest.raises(AccessDenied) as caught:
        read_claim(signed_by("OSS id:sig", *headers))
    assert caught.value.ec_value == "0002-00000503"


def test_the_plain_token_header():
    """The SDK alibabacloud-oss-v2 sends its token as `security-token`."""
    claim = read_claim(signed_by("OSS id:QUJD", ("date", DATE), ("security-token", "VE9LRU4")))
    assert claim.token == "VE9LRU4"
    assert "QUJD" not in repr(claim)
    assert "VE9LRU4" not in repr(claim)


def url(query):
    """Give a presigned request."""
    return WireRequest("GET", "/b/k", query, ())


def test_a_presigned_claim():
    """A presigned URL tells key, end of validity and token."""
    claim = read_claim(url("OSSAccessKeyId=id&Expires=1795373649&Signature=a%2Bb%3D&security-token=t"))
    assert (claim.access_key_id, claim.signature, claim.token) == ("id", "a+b=", "t")
    assert (claim.timestamp, claim.signed_at, claim.presigned) == ("1795373649", None, True)
    assert claim.expires_at == datetime(2026, 11, 22, 18, 54, 9, tzinfo=UTC)


def test_a_very_late_expiry_is_a_date():
    """An end of validity beyond all dates is the last one."""
    claim = read_claim(url(f"OSSAccessKeyId=id&Expires={'9' * 18}&Signature=s"))
    assert claim.expires_at.year == 9998


@pytest.mark.parametrize(
    ("query", "error", "ec"),
    [
        ("OSSAccessKeyId=id", AccessDenied, AccessDenied.ec),
        ("Signature=s", AccessDenied, AccessDenied.ec),
        ("OSSAccessKeyId=id&Signature=s", AccessDenied, AccessDenied.ec),
        ("OSSAccessKeyId=&Expires=1&Signature=s", AccessDenied, AccessDenied.ec),
        ("OSSAccessKeyId=id&Expires=1", AccessDenied, "0002-00000074"),
        ("OSSAccessKeyId=id&Expires=abc&Signature=s", InvalidArgument, "0002-00000070"),
        ("OSSAccessKeyId=id&Expires=-1&Signature=s", InvalidArgument, "0002-00000070"),
        (f"OSSAccessKeyId=id&Expires={'9' * 19}&Signature=s", InvalidArgument, "0002-00000070"),
        ("OSSAccessKeyId=id&Expires=1&Expires=2&Signature=s", InvalidArgument, InvalidArgument.ec),
    ],
)
def test_malformed_presigned_urls(query, error, ec):
    """Each documented fault of a presigned URL has its error and EC."""
    with pytest.raises(error) as caught:
        read_claim(url(query))
    assert caught.value.ec_value == ec
