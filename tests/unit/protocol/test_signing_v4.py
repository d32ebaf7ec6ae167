"""Each stage of one V4 computation against literal texts, and what the two forms refuse."""

import dataclasses

import pytest

from oss_faces.errors import AccessDenied, InvalidAccessKeyId, InvalidArgument
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.encoding import Query, parse_query
from oss_faces.protocol.settings import SigningSettings
from oss_faces.protocol.signing import read_claim
from oss_faces.protocol.signing_v4 import (
    attempts,
    canonical_headers,
    canonical_query,
    canonical_request,
    canonical_uri,
    check_region,
    signature,
    signing_key,
    string_to_sign,
)
from oss_faces.values import Address, WireRequest

SECRET = Secret("FakeAccessKeySecret0123456789ab")
ADDRESS = Address("examplebucket", "exampledir/照片 a+b&c=d~e'(f).jpg")
SCOPE = "LTAI5tFakeAccessKeyId000/20261122/cn-hangzhou/oss/aliyun_v4_request"
SIGNATURE = "ff7ceaa451cd743b960c19b999f91be58f40966c372d4aa0d503caeed7ac9fe7"
HEADERS = (
    ("host", "127.0.0.1:32885"),
    ("x-oss-date", "20261122T185403Z"),
    ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
    ("authorization", f"OSS4-HMAC-SHA256 Credential={SCOPE}, Signature={SIGNATURE}"),
)
# As the oss2 SDK sent it.
REQUEST = WireRequest(
    "GET",
    "/examplebucket/exampledir%2F%E7%85%A7%E7%89%87%20a%2Bb%26c%3Dd~e%27%28f%29.jpg",
    "x-oss-process=image%2Fresize%2Cw_800%2Ffaces",
    HEADERS,
)
CANONICAL_REQUEST = b"""GET
/examplebucket/exampledir/%E7%85%A7%E7%89%87%20a%2Bb%26c%3Dd~e%27%28f%29.jpg
x-oss-process=image%2Fresize%2Cw_800%2Ffaces
x-oss-content-sha256:UNSIGNED-PAYLOAD
x-oss-date:20261122T185403Z


UNSIGNED-PAYLOAD"""
STRING_TO_SIGN = b"""OSS4-HMAC-SHA256
20261122T185403Z
20261122/cn-hangzhou/oss/aliyun_v4_request
8fa9e9094dd5a441c82502d799096249587cbffac711fe7516cf08295c8d9456"""
SIGNING_KEY = bytes.fromhex("2e16fbbf926ade514d1ef51463208a40db70cfe5c1516b2deb175ee48c10b668")


def with_headers(**changes):
    """Give the request with headers changed or, by None, removed; underscores stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {**dict(HEADERS), **named}
    return dataclasses.replace(
        REQUEST, headers=tuple((name, value) for name, value in headers.items() if value is not None)
    )


def with_authorization(credentials):
    """Give the request with another value behind the name of the scheme."""
    return with_headers(authorization=f"OSS4-HMAC-SHA256 {credentials}")


# --- stages -------------------------------------------------------------------------------------------------------


def test_stage_1_canonical_request():
    """The canonical request is the literal text that the SDK hashed."""
    assert canonical_request(REQUEST, ADDRESS, (), "") == CANONICAL_REQUEST


def test_stage_2_string_to_sign():
    """The string to sign names algorithm, time, scope and the hash of the canonical request."""
    text = string_to_sign("20261122T185403Z", "20261122", "cn-hangzhou", CANONICAL_REQUEST)
    assert text == STRING_TO_SIGN


def test_stage_3_signing_key():
    """The signing key is the known one for this secret, day and region."""
    assert signing_key(SECRET, "20261122", "cn-hangzhou") == SIGNING_KEY


def test_stage_4_signature():
    """The signature is the one that the SDK sent."""
    assert signature(SIGNING_KEY, STRING_TO_SIGN) == SIGNATURE


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        (Address(), "/"),
        (Address("b"), "/b/"),
        (Address("b", "k/l"), "/b/k/l"),
        (Address("b", "/k//"), "/b//k//"),
        (Address("b", "照 +"), "/b/%E7%85%A7%20%2B"),
    ],
)
def test_canonical_uri(address, uri):
    """The URI has the bucket and is percent-encoded but for slashes."""
    assert canonical_uri(address) == uri


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("", ""),
        ("acl", "acl"),
        ("acl=", "acl"),
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1", "a=1&a=2"),
        ("x-oss-process=image/faces", "x-oss-process=image%2Ffaces"),
        ("prefix=a+b%2bc", "prefix=a%20b%2Bc"),
        ("x-oss-signature=f00&a=1", "a=1"),
        # the order is that of the encoded names: "%3D" before "A", although "=" comes after "-"
        ("A=1&%3D=2&-=3", "%3D=2&-=3&A=1"),
        ("k=%FF", "k=%FF"),
    ],
)
def test_canonical_query(raw, canonical):
    """The query is decoded, encoded anew and sorted; the signature is left out."""
    assert canonical_query(parse_query(raw)) == canonical


def test_canonical_headers():
    """Signed are x-oss- headers, content-type, content-md5 and the additional ones; repeated ones are joined."""
    request = WireRequest(
        "GET",
        "/",
        "",
        (
            ("x-oss-meta-b", "2 "),
            ("range", "bytes=0-9"),
            ("content-type", "image/jpeg"),
            ("x-oss-meta-a", "1"),
            ("host", "h:80"),
            ("x-oss-meta-b", " 3"),
            ("user-agent", "u"),
        ),
    )
    signed = "content-type:image/jpeg\nx-oss-meta-a:1\nx-oss-meta-b:2,3\n"
    assert canonical_headers(request, (), "h") == signed
    additional = "content-type:image/jpeg\nhost:h\nrange:bytes=0-9\nx-oss-meta-a:1\nx-oss-meta-b:2,3\n"
    assert canonical_headers(request, ("host", "range"), "h") == additional


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "credentials",
    [
        f"Credential={SCOPE},Signature={SIGNATURE}",
        f"Signature={SIGNATURE},  Credential={SCOPE}",
        f"  Credential={SCOPE} ,Signature={SIGNATURE}  ",
    ],
)
def test_order_and_blanks_do_not_matter(credentials):
    """The fields of the header come in any order, with blanks around them."""
    claim = read_claim(with_authorization(credentials))
    assert (claim.access_key_id, claim.signature) == ("LTAI5tFakeAccessKeyId000", SIGNATURE)
    assert (claim.date, claim.region, claim.presigned, claim.token) == ("20261122", "cn-hangzhou", False, None)


def test_additional_headers_are_sorted_anew():
    """The order of the names in the header is not that in the signature (oss2 sends them unsorted)."""
    request = dataclasses.replace(
        with_authorization(f"Credential={SCOPE},AdditionalHeaders=range;host,Signature={SIGNATURE}"),
    )
    request = dataclasses.replace(request, headers=(*request.headers, ("range", "bytes=0-9")))
    assert read_claim(request).additional_headers == ("host", "range")


@pytest.mark.parametrize(
    ("credentials", "error", "ec"),
    [
        ("", InvalidArgument, "0002-00000203"),
        (f"Credential={SCOPE}", InvalidArgument, "0002-00000202"),
        (f"Signature={SIGNATURE}", InvalidArgument, "0002-00000202"),
        (f"Credential={SCOPE},Signature=", InvalidArgument, "0002-00000202"),
        (f"Credential={SCOPE},Signature", InvalidArgument, "0002-00000203"),
        (f"Credential={SCOPE},Signature={SIGNATURE},", InvalidArgument, "0002-00000203"),
        (f"Credential={SCOPE},Signature={SIGNATURE},Other=1", InvalidArgument, "0002-00000204"),
        (f"Credential={SCOPE},Signature={SIGNATURE},Signature=1", InvalidArgument, "0002-00000204"),
        (f"credential={SCOPE},Signature={SIGNATURE}", InvalidArgument, "0002-00000204"),
        (f"Credential={SCOPE},Signature=x,AdditionalHeaders=", InvalidArgument, "0002-00000209"),
        (f"Credential={SCOPE},Signature=x,AdditionalHeaders=host;", InvalidArgument, "0002-00000210"),
        (
            f"Credential={SCOPE},Signature=x,AdditionalHeaders={';'.join(['host'] * 65)}",
            InvalidArgument,
            "0002-00000210",
        ),
        (f"Credential={SCOPE},Signature=x,AdditionalHeaders=range", InvalidArgument, "0002-00000211"),
        (f"Credential={SCOPE},Signature=x,AdditionalHeaders=Host", InvalidArgument, "0002-00000211"),
        (f"Credential={SCOPE},Signature=x,AdditionalHeaders=ho_st", InvalidArgument, "0002-00000211"),
        ("Credential=id/20261122/cn-hangzhou/oss,Signature=x", InvalidArgument, "0002-00000213"),
        ("Credential=id/20261122/cn-hangzhou/oss/abc,Signature=x", InvalidArgument, "0002-00000213"),
        (
            "Credential=id/20261122/cn-hangzhou/oss-cloudbox/aliyun_v4_request,Signature=x",
            InvalidArgument,
            "0002-00000213",
        ),
        (f"Credential=a/{SCOPE},Signature=x", InvalidArgument, "0002-00000213"),
        (
            "Credential=id/2026-11-22/cn-hangzhou/oss/aliyun_v4_request,Signature=x",
            InvalidArgument,
            "0002-00000212",
        ),
        (
            "Credential=id/20261121/cn-hangzhou/oss/aliyun_v4_request,Signature=x",
            InvalidArgument,
            "0002-00000212",
        ),
        (
            "Credential=/20261122/cn-hangzhou/oss/aliyun_v4_request,Signature=x",
            InvalidAccessKeyId,
            "0002-00000901",
        ),
        (
            "Credential=a b/20261122/cn-hangzhou/oss/aliyun_v4_request,Signature=x",
            InvalidAccessKeyId,
            "0002-00000901",
        ),
    ],
)
def test_malformed_authorization(credentials, error, ec):
    """Each documented fault of the header has its error and EC."""
    with pytest.raises(error) as caught:
        read_claim(with_authorization(credentials))
    assert caught.value.ec_value == ec


def test_only_an_unsigned_payload():
    """A hash of the body is refused, since nobody would compare it; no header at all is the same as unsigned."""
    with pytest.raises(InvalidArgument) as caught:
        read_claim(with_headers(x_oss_content_sha256="e3b0c44298fc1c149afbf4c8996fb924"))
    assert caught.value.ec_value == "0002-00000214"
    assert read_claim(with_headers(x_oss_content_sha256=None)) is not None
    assert canonical_request(with_headers(x_oss_content_sha256=None), ADDRESS, (), "").endswith(b"UNSIGNED-PAYLOAD")


def test_the_date_header_stands_in_for_x_oss_date():
    """Go SDK v1: without x-oss-date the text of Date is the timestamp."""
    text = "Sun, 22 Nov 2026 18:54:03 GMT"
    assert read_claim(with_headers(x_oss_date=None, date=text)).timestamp == text
    assert read_claim(with_headers(date=text)).timestamp == "20261122T185403Z"


@pytest.mark.parametrize("dates", [{"x_oss_date": None}, {"x_oss_date": "now"}, {"x_oss_date": None, "date": "now"}])
def test_a_date_is_needed(dates):
    """Without a date that can be read nothing can be checked."""
    with pytest.raises(AccessDenied) as caught:
        read_claim(with_headers(**dates))
    assert caught.value.ec_value == "0002-00000503"


PARAMETERS = {
    "x-oss-signature-version": "OSS4-HMAC-SHA256",
    "x-oss-credential": SCOPE.replace("/", "%2F"),
    "x-oss-date": "20261122T185403Z",
    "x-oss-expires": "3600",
    "x-oss-signature": SIGNATURE,
}


def presigned(headers=(), **changes):
    """Give a presigned request with parameters changed or, by None, removed; underscores stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    parameters = {name: value for name, value in {**PARAMETERS, **named}.items() if value is not None}
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return WireRequest("GET", "/b/k", query, (("host", "localhost:9000"), *headers))


def test_a_presigned_claim():
    """A presigned URL tells key, scope, time and the end of its validity."""
    claim = read_claim(presigned(x_oss_security_token="t%2B1", x_oss_additional_headers="host"))
    assert claim.presigned
    assert claim.access_key_id == "LTAI5tFakeAccessKeyId000"
    assert claim.token == "t+1"
    assert claim.additional_headers == ("host",)
    assert (claim.expires_at - claim.signed_at).total_seconds() == 3600


@pytest.mark.parametrize(
    ("changes", "ec"),
    [
        ({"x_oss_expires": None}, "0002-00000215"),
        ({"x_oss_expires": ""}, "0002-00000215"),
        ({"x_oss_credential": None}, "0002-00000217"),
        ({"x_oss_signature": None}, "0002-00000219"),
        ({"x_oss_date": None}, InvalidArgument.ec),
        ({"x_oss_date": "Sun, 22 Nov 2026 18:54:03 GMT"}, InvalidArgument.ec),
        ({"x_oss_expires": "0"}, "0002-00000232"),
        ({"x_oss_expires": "604801"}, "0002-00000232"),
        ({"x_oss_expires": "-1"}, "0002-00000232"),
        ({"x_oss_expires": "1.5"}, "0002-00000232"),
        ({"x_oss_expires": "9" * 30}, "0002-00000232"),
        ({"x_oss_credential": "id/20261122/cn-hangzhou/oss/abc"}, "0002-00000213"),
        ({"x_oss_credential": "id/20261121/cn-hangzhou/oss/aliyun_v4_request"}, "0002-00000212"),
        ({"x_oss_additional_headers": ""}, "0002-00000209"),
        ({"x_oss_additional_headers": "range"}, "0002-00000211"),
        ({"x_oss_signature_version": None}, InvalidArgument.ec),
        ({"x_oss_signature_version": "OSS5"}, InvalidArgument.ec),
        ({"OSSAccessKeyId": "id"}, InvalidArgument.ec),
    ],
)
def test_malformed_presigned_urls(changes, ec):
    """Each documented fault of a presigned URL has its EC."""
    with pytest.raises(InvalidArgument) as caught:
        read_claim(presigned(**changes))
    assert caught.value.ec_value == ec


@pytest.mark.parametrize("expires", ["1", "604800"])
def test_validity_at_the_limits(expires):
    """One second and seven days are the limits of x-oss-expires."""
    claim = read_claim(presigned(x_oss_expires=expires))
    assert (claim.expires_at - claim.signed_at).total_seconds() == int(expires)


def test_two_tokens_are_refused():
    """A header and a parameter must not name different tokens; the same one twice is fine."""
    with pytest.raises(InvalidArgument):
        read_claim(presigned((("x-oss-security-token", "a"),), x_oss_security_token="b"))
    assert read_claim(presigned((("x-oss-security-token", "a"),), x_oss_security_token="a")).token == "a"


# --- regions and hosts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "regions", "accepted"),
    [
        ("cn-hangzhou", ("*",), True),
        ("eu-central-1", ("*",), True),
        ("cn-hangzhou", ("cn-hangzhou", "cn-beijing"), True),
        ("cn-shanghai", ("cn-hangzhou", "cn-beijing"), False),
        ("oss-cn-hangzhou", ("*",), False),
        ("", ("*",), False),
        ("CN-HANGZHOU", ("*",), False),
    ],
)
def test_regions(region, regions, accepted):
    """A scope names an accepted region id, never an endpoint name."""
    header = dataclasses.replace(read_claim(REQUEST), region=region)
    url = dataclasses.replace(read_claim(presigned()), region=region)
    settings = SigningSettings(regions)
    if accepted:
        check_region(header, settings)
        check_region(url, settings)
        return
    for claim, ec in ((header, "0002-00000228"), (url, "0002-00000226")):
        with pytest.raises(InvalidArgument) as caught:
            check_region(claim, settings)
        assert caught.value.ec_value == ec


@pytest.mark.parametrize(
    ("host", "signed_hosts"),
    [("h:9000", ["h:9000", "h"]), ("h", ["h"])],
)
def test_a_signed_host_is_tried_with_and_without_port(host, signed_hosts):
    """The Java SDK signs the host without the port that it sends."""
    request = dataclasses.replace(presigned(x_oss_additional_headers="host"), headers=(("host", host),))
    found = list(attempts(request, read_claim(request), SECRET, Address("b", "k"), SigningSettings()))
    assert [
        f"\nhost:{name}\n".encode() in attempt.canonical_request
        for attempt, name in zip(found, signed_hosts, strict=True)
    ]


def test_an_unsigned_host_is_tried_once():
    """Without `host` among the additional headers there is one way to sign."""
    found = list(attempts(REQUEST, read_claim(REQUEST), SECRET, ADDRESS, SigningSettings()))
    assert [attempt.signature for attempt in found] == [SIGNATURE]
    assert SIGNATURE not in repr(found)


def test_empty_query_has_an_empty_line():
    """No parameters give an empty canonical query."""
    assert canonical_query(Query()) == ""
