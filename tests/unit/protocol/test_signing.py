"""Every captured request, a thousand forged ones, and the clock."""

import dataclasses
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import (
    AccessDenied,
    InvalidArgument,
    NotImplementedOnServer,
    RequestError,
    RequestTimeTooSkewed,
    SignatureDoesNotMatch,
)
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.settings import SigningSettings
from oss_faces.protocol.signing import read_claim, verify
from oss_faces.protocol.signing_v1 import signature as sign_v1
from oss_faces.protocol.signing_v1 import string_to_sign as text_v1
from oss_faces.protocol.signing_v4 import attempts as attempts_v4
from oss_faces.rendering.documents import error_document
from oss_faces.values import Address, WireRequest
from tests.unit.protocol.forging import is_broken, meaning, signed_headers, with_header

LENIENT = SigningSettings(v1_lenient_process=True)

# The SDK alibabacloud-oss-v2 with V1 does not sign x-oss-process: its own bug, refused unless the switch is on.
PROCESS_UNSIGNED = {
    f"alibabacloud-oss-v2/{name}"
    for name in (
        "get_process_v1_ip",
        "get_process_v1_localhost",
        "get_process_v1_domain",
        "get_process_v1_cname",
        "get_process_v1_localhost_pathstyle",
        "get_process_v1_sts",
        "get_process_v1_oddkey",
        "presign_process_v1",
        "presign_process_v1_sts",
        "presign_process_v1_cname",
        "process_object_v1",
        "async_process_object_v1",
    )
}

# --- captured requests --------------------------------------------------------------------------------------------


def test_captured_request(vector):
    """Every captured request verifies for the address that was meant, at the moment it was received."""
    claim = read_claim(vector.request)
    assert (claim.scheme, claim.presigned, claim.token) == (vector.scheme, vector.presigned, vector.token)
    if vector.name in PROCESS_UNSIGNED:
        with pytest.raises(SignatureDoesNotMatch):
            vector.verify()
        assert vector.verify(settings=LENIENT) == vector.address
    else:
        assert vector.verify() == vector.address


def test_what_was_captured(vectors):
    """The files hold the requests that the tests are about, none lost."""
    assert Counter(vector.scheme for vector in vectors) == {"V4": 116, "V1": 106, "V2": 2, "none": 2}
    assert {vector.name for vector in vectors if vector.process_unsigned} == PROCESS_UNSIGNED
    assert sum(vector.presigned for vector in vectors) >= 20


def test_requests_without_a_signature_are_anonymous(vectors):
    """A request without any sign of a signature has no claim."""
    anonymous = [vector for vector in vectors if vector.scheme == "none"]
    assert [read_claim(vector.request) for vector in anonymous] == [None, None]


@pytest.mark.parametrize(
    ("query", "authorization", "error"),
    [
        ("", "ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host,Signature=s", NotImplementedOnServer),
        ("SignatureMethod=HMAC-SHA1&AccessKeyId=id&Signature=s", None, NotImplementedOnServer),
        ("x-oss-signature-version=OSS2&x-oss-signature=s", None, InvalidArgument),
        ("x-oss-signature-version=OSS2&x-oss-signature=s&Signature=s", None, InvalidArgument),
        ("", "", InvalidArgument),
        ("", "Basic aWQ6c2VjcmV0", InvalidArgument),
        ("", "OSSxxx id:s", InvalidArgument),
        ("", "oss id:s", InvalidArgument),
        ("x-oss-signature=s", None, InvalidArgument),
        ("x-oss-access-key-id=id", None, InvalidArgument),
        ("x-oss-credential=c", None, InvalidArgument),
        ("OSSAccessKeyId=id&Expires=1&Signature=s", "OSS id:s", InvalidArgument),
        ("x-oss-signature=s", "OSS id:s", InvalidArgument),
    ],
)
def test_other_schemes_and_mixtures(query, authorization, error):
    """Unknown schemes and two signatures at once are refused; nothing of the kind passes as anonymous."""
    headers = () if authorization is None else (("authorization", authorization),)
    with pytest.raises(error):
        read_claim(WireRequest("GET", "/b/k", query, headers))


def test_a_mismatch_says_what_should_have_been_signed(vectors):
    """The error carries the texts of the first reading, V4 also the canonical request."""
    for scheme, ec in (("V4", "0002-00000201"), ("V2", "0002-00000101"), ("V1", "0002-00000040")):
        vector = next(v for v in vectors if v.scheme == scheme and not v.process_unsigned)
        with pytest.raises(SignatureDoesNotMatch) as caught:
            vector.with_secret("another").verify()
        details = caught.value.details
        assert caught.value.ec_value == ec
        assert details["OSSAccessKeyId"] == "LTAI5tFakeAccessKeyId000"
        assert details["SignatureProvided"] == read_claim(vector.request).signature
        assert bytes.fromhex(details["StringToSignBytes"]).decode() == details["StringToSign"]
        assert ("CanonicalRequest" in details) == (scheme == "V4")


def test_the_details_can_be_written_as_xml():
    """A key and a signature of any characters come out as a document that parses, with the bytes beside it."""
    request = WireRequest("GET", "/b/%00%1F%EF%BF%BE", "", (("authorization", "OSS id:\x01\xff"), ("date", DATE)))
    claim = read_claim(request)
    with pytest.raises(SignatureDoesNotMatch) as caught:
        verify(request, claim, Secret("s"), [Address("b", "\x00\x1f\ufffe")], NOW, SigningSettings())
    shown = ElementTree.fromstring(error_document(caught.value, "1", "h"))
    assert shown.findtext("StringToSign").endswith("/b/\ufffd\ufffd\ufffd")
    assert shown.findtext("StringToSignBytes").endswith("2F 62 2F 00 1F EF BF BE")
    assert shown.findtext("SignatureProvided") == "\ufffd\u00ff"


# --- forged requests ----------------------------------------------------------------------------------------------

MUTATIONS = 2
"""Of each part of each captured request."""

WIRE = "abcxyzABCXYZ0189-_.~/%+=&"


def replace_one(text, chance, alphabet=WIRE):
    """Change one character of the text into another one."""
    place = chance.randrange(len(text))
    other = chance.choice([character for character in alphabet if character != text[place]])
    return text[:place] + other + text[place + 1 :]


def forgeries(vector, chance):
    """Give (part, forged request) for each signed part of the request."""
    request = vector.request
    yield "method", dataclasses.replace(request, method=replace_one(request.method, chance, "ABCXYZ"))
    yield "path", dataclasses.replace(request, path="/" + replace_one(request.path[1:] or "k", chance))
    if request.query:
        yield "query", dataclasses.replace(request, query=replace_one(request.query, chance))
    for name in sorted(signed_headers(vector)):
        value = replace_one(request.header(name), chance, WIRE + ":, ")
        yield "header", with_header(request, name, value)
    authorization = request.header("authorization")
    if authorization:
        yield "authorization", with_header(request, "authorization", replace_one(authorization, chance))


def test_a_thousand_forgeries_are_refused(vectors):
    """One changed byte in a signed part makes a request invalid, and in nothing else."""
    chance = random.Random(20261122)  # noqa: S311 - the same forgeries every time; nothing is kept secret by them
    refused, passed = Counter(), Counter()
    for vector in vectors:
        if vector.scheme == "none" or vector.process_unsigned:
            continue
        for _ in range(MUTATIONS):
            for part, forged in forgeries(vector, chance):
                if meaning(vector, forged) == meaning(vector, vector.request) and not is_broken(forged):
                    assert vector.verify(forged) == vector.address, (vector.name, part, forged)
                    passed[vector.scheme, part] += 1
                    continue
                with pytest.raises(RequestError):
                    vector.verify(forged)
                refused[vector.scheme, part] += 1
    assert sum(refused.values()) >= 1000
    assert (
        min(refused[scheme, part] for scheme in ("V1", "V4") for part in ("method", "path", "query", "header")) >= 100
    )
    # The spellings that mean the same are few, and all in path and query.
    assert {part for _, part in passed} <= {"path", "query"}
    assert sum(passed.values()) < 0.1 * sum(refused.values())


def test_a_forged_secret_is_refused(vectors):
    """A secret with one other byte does not verify anything."""
    chance = random.Random(20261123)  # noqa: S311 - the same forgeries every time; nothing is kept secret by them
    for vector in vectors:
        if vector.scheme != "none":
            forged = vector.with_secret(replace_one(vector.secret.reveal(), chance))
            with pytest.raises(SignatureDoesNotMatch):
                forged.verify(settings=LENIENT)


def test_added_signed_parts_are_refused(vector):
    """A further x-oss- header, sub-resource or a changed content type makes a request invalid."""
    request = vector.request
    separator = "&" if request.query else ""
    additions = [
        dataclasses.replace(request, headers=(*request.headers, ("x-oss-meta-evil", "1"))),
        dataclasses.replace(request, headers=(*request.headers, ("content-type", "text/evil"))),
        dataclasses.replace(request, query=f"{request.query}{separator}x-oss-traffic-limit=1"),
        dataclasses.replace(request, query=f"{request.query}{separator}versions"),
    ]
    for forged in additions:
        with pytest.raises(RequestError):
            vector.verify(forged, LENIENT)


def test_lenient_process_is_as_lenient_as_said(vectors):
    """With the switch on, another operation passes where the SDK did not sign it: what the switch warns of."""
    vector = next(v for v in vectors if v.process_unsigned)
    other = dataclasses.replace(vector.request, query="x-oss-process=image%2Finfo")
    assert vector.verify(other, LENIENT) == vector.address


# --- time ---------------------------------------------------------------------------------------------------------

DATE = "Sun, 22 Nov 2026 18:54:03 GMT"
NOW = datetime(2026, 11, 22, 18, 54, 3, tzinfo=UTC)
SECRET = Secret("FakeAccessKeySecret0123456789ab")
ADDRESS = Address("b", "k")
SECOND = timedelta(seconds=1)


def v1_by_header():
    """Sign a request with V1 at NOW."""
    unsigned = WireRequest("GET", "/b/k", "", (("date", DATE),))
    signature = sign_v1(SECRET, text_v1(unsigned, ADDRESS, DATE, frozenset()))
    return dataclasses.replace(unsigned, headers=(("date", DATE), ("authorization", f"OSS id:{signature}")))


def v4_by_header():
    """Sign a request with V4 at NOW."""
    scope = "id/20261122/cn-hangzhou/oss/aliyun_v4_request"
    headers = (("x-oss-date", "20261122T185403Z"),)
    unsigned = WireRequest("GET", "/b/k", "", headers)

    def signed(signature):
        authorization = f"OSS4-HMAC-SHA256 Credential={scope},Signature={signature}"
        return dataclasses.replace(unsigned, headers=(*headers, ("authorization", authorization)))

    return signed(v4_signature(signed("none")))


def v4_by_url(expires_s):
    """Sign a URL with V4 at NOW."""
    query = (
        "x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20261122T185403Z"
        "&x-oss-credential=id%2F20261122%2Fcn-hangzhou%2Foss%2Faliyun_v4_request"
        f"&x-oss-expires={expires_s}&x-oss-signature="
    )
    unsigned = WireRequest("GET", "/b/k", f"{query}none", ())
    return WireRequest("GET", "/b/k", query + v4_signature(unsigned), ())


def v4_signature(request):
    """Compute the V4 signature of a request that has a wrong one."""
    claim = read_claim(request)
    return next(iter(attempts_v4(request, claim, SECRET, ADDRESS, SigningSettings()))).signature


def v1_by_url(expires):
    """Sign a URL with V1."""
    timestamp = str(int(expires.timestamp()))
    signature = sign_v1(SECRET, text_v1(WireRequest("GET", "/b/k", "", ()), ADDRESS, timestamp, frozenset()))
    escaped = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return WireRequest("GET", "/b/k", f"OSSAccessKeyId=id&Expires={timestamp}&Signature={escaped}", ())


def check(request, now, secret=SECRET):
    """Verify at this moment."""
    return verify(request, read_claim(request), secret, [ADDRESS], now, SigningSettings())


@pytest.mark.parametrize("request_", [v1_by_header(), v4_by_header()], ids=["V1", "V4"])
@pytest.mark.parametrize("direction", [-1, 1])
def test_skew(request_, direction):
    """15 minutes either way are allowed to the second, more is RequestTimeTooSkewed with both times."""
    allowed = timedelta(minutes=15) * direction
    assert check(request_, NOW + allowed) == ADDRESS
    with pytest.raises(RequestTimeTooSkewed) as caught:
        check(request_, NOW + allowed + SECOND * direction)
    assert caught.value.details["RequestTime"] == "2026-11-22T18:54:03.000Z"
    assert caught.value.details["MaxAllowedSkewMilliseconds"] == "900000"
    assert caught.value.ec_value == "0002-00000504"


def test_expiry_of_a_v4_url():
    """A V4 URL is valid up to its last second, counted from its own date, and 15 minutes before that date."""
    request = v4_by_url(60)
    assert check(request, NOW + 60 * SECOND) == ADDRESS
    assert check(request, NOW - timedelta(minutes=15)) == ADDRESS
    with pytest.raises(AccessDenied, match="Request has expired") as caught:
        check(request, NOW + 61 * SECOND)
    assert caught.value.ec_value == "0002-00000236"
    assert caught.value.details["Expires"] == "2026-11-22T18:55:03.000Z"
    with pytest.raises(RequestTimeTooSkewed):
        check(request, NOW - timedelta(minutes=15) - SECOND)


def test_a_v4_url_outlives_the_skew():
    """The skew does not shorten a URL that is valid for longer."""
    assert check(v4_by_url(604800), NOW + timedelta(days=7)) == ADDRESS


def test_expiry_of_a_v1_url():
    """A V1 URL is valid up to the second that it names, however far away."""
    assert check(v1_by_url(NOW), NOW) == ADDRESS
    assert check(v1_by_url(NOW + timedelta(days=1000)), NOW) == ADDRESS
    with pytest.raises(AccessDenied, match="Request has expired") as caught:
        check(v1_by_url(NOW), NOW + SECOND)
    assert caught.value.ec_value == "0002-00000069"


@pytest.mark.parametrize("request_", [v1_by_header(), v4_by_header(), v4_by_url(60), v1_by_url(NOW)])
def test_the_time_is_told_to_the_holder_of_the_secret_only(request_):
    """A wrong signature is a wrong signature, also when it is too late."""
    with pytest.raises(SignatureDoesNotMatch):
        check(request_, NOW + timedelta(days=100), Secret("another"))


def test_a_region_that_is_not_accepted():
    """A scope for another region is refused before its signature is looked at."""
    request = v4_by_header()
    with pytest.raises(InvalidArgument) as caught:
        verify(request, read_claim(request), SECRET, [ADDRESS], NOW, SigningSettings(("cn-beijing",)))
    assert caught.value.ec_value == "0002-00000228"


def test_the_host_without_port_verifies():
    """A V4 URL that signed the host without its port verifies on a port (Java SDK)."""
    query = v4_by_url(60).query.partition("x-oss-signature=")[0] + "x-oss-additional-headers=host&x-oss-signature="
    signed = WireRequest("GET", "/b/k", f"{query}none", (("host", "localhost"),))
    sent = WireRequest("GET", "/b/k", query + v4_signature(signed), (("host", "localhost:9000"),))
    assert check(sent, NOW) == ADDRESS
    with pytest.raises(SignatureDoesNotMatch):
        check(dataclasses.replace(sent, headers=(("host", "otherhost:9000"),)), NOW)


# --- garbage ------------------------------------------------------------------------------------------------------

WIRE_TEXT = st.text(st.characters(max_codepoint=255), max_size=80)
PARAMETERS = st.sampled_from(
    [
        "x-oss-signature-version=OSS4-HMAC-SHA256",
        "x-oss-signature-version=OSS2",
        "x-oss-access-key-id=id",
        "x-oss-expires=999999999999999999",
        "x-oss-credential=id/20261122/cn-hangzhou/oss/aliyun_v4_request",
        "x-oss-credential=id/99981231/cn-hangzhou/oss/aliyun_v4_request",
        "x-oss-date=20261122T185403Z",
        "x-oss-date=99981231T235959Z",
        "x-oss-expires=604800",
        "x-oss-signature=s",
        "x-oss-additional-headers=host",
        "OSSAccessKeyId=id",
        "Expires=999999999999999999",
        "Expires=1795373643",
        "Signature=%FF",
        "security-token=t",
        "acl",
    ]
)
AUTHORIZATIONS = st.one_of(
    WIRE_TEXT,
    st.builds("OSS {}".format, WIRE_TEXT),
    st.builds("OSS id:{}".format, WIRE_TEXT),
    st.builds("OSS4-HMAC-SHA256 {}".format, WIRE_TEXT),
    st.builds("OSS2 {}".format, WIRE_TEXT),
    st.builds("OSS2 AccessKeyId:id,AdditionalHeaders:{},Signature:{}".format, WIRE_TEXT, WIRE_TEXT),
    st.builds(
        "OSS4-HMAC-SHA256 Credential=id/20261122/{}/oss/aliyun_v4_request,Signature={}".format, WIRE_TEXT, WIRE_TEXT
    ),
)
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.just("authorization"), AUTHORIZATIONS),
        st.tuples(st.sampled_from(["date", "x-oss-date", "content-type", "host", "x-oss-security-token"]), WIRE_TEXT),
        st.tuples(st.just("date"), st.just(DATE)),
        st.tuples(st.just("x-oss-date"), st.just("20261122T185403Z")),
    ),
    max_size=5,
)


@given(st.one_of(WIRE_TEXT, st.lists(PARAMETERS, max_size=8).map("&".join)), HEADERS)
def test_garbage_raises_request_errors_only(query, headers):
    """Whatever comes as authentication is anonymous, or refused with a documented error; it never verifies."""
    request = WireRequest("GET", "/b/k", query, tuple(headers))
    try:
        claim = read_claim(request)
    except RequestError:
        return
    if claim is not None:
        with pytest.raises(RequestError):
            verify(request, claim, SECRET, [ADDRESS], NOW, LENIENT)
