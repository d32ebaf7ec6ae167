"""Every captured request of the official IMM client, one forged for each byte of what it signs, and the clock."""

import dataclasses
import json
import re
import string
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import (
    InvalidAccessKeyId,
    InvalidArgument,
    RequestError,
    RequestTimeTooSkewed,
    SignatureDoesNotMatch,
)
from oss_faces.imm_errors import IncompleteSignature, InvalidTimestamp, MissingParameter, UnknownAction
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.imm_claims import ImmClaim, is_imm_request
from oss_faces.protocol.settings import SKEW_S
from oss_faces.protocol.signing_imm import read_imm_claim, verify_imm
from oss_faces.values import WireRequest
from tests.imm_requests import FORM, KEY_ID, SECRET, acs3, rpc
from tests.unit.protocol.conftest import FOLDER, load_vectors

FILE = FOLDER / "imm" / "alibabacloud_imm20200930.json"
WIRE = string.ascii_letters + string.digits + "-_.~/%+=&"
NOW = datetime(2026, 11, 22, 18, 54, 6, tzinfo=UTC)


@dataclass(frozen=True)
class ImmVector:
    """One captured request, and what it must be found to be."""

    name: str
    request: WireRequest
    now: datetime
    scheme: str
    action: str
    access_key_id: str
    secret: Secret
    token: str | None

    def verify(self, request: WireRequest | None = None, secret: Secret | None = None) -> ImmClaim:
        wire = request or self.request
        claim = read_imm_claim(wire, b"")
        if claim.access_key_id != self.access_key_id:
            raise InvalidAccessKeyId
        verify_imm(wire, b"", claim, secret or self.secret, self.now, SKEW_S)
        return claim


def imm_vector(case: dict[str, Any], credentials: dict[str, str]) -> ImmVector:
    expect = case["expect"]
    prefix = "sts_" if expect["temporary"] else ""
    headers = tuple((name.lower(), value) for name, value in case["headers"])
    return ImmVector(
        case["name"],
        WireRequest(case["method"], case["path"], case["query"], headers),
        datetime.fromtimestamp(case["received_at"], UTC),
        expect["scheme"],
        expect["action"],
        credentials[f"{prefix}access_key_id"],
        Secret(credentials[f"{prefix}secret"]),
        credentials["sts_token"] if expect["temporary"] else None,
    )


def imm_vectors(file: Path = FILE) -> list[ImmVector]:
    document = json.loads(file.read_text("utf-8"))
    return [imm_vector(case, document["credentials"]) for case in document["cases"]]


def by_name(name: str) -> ImmVector:
    return next(vector for vector in imm_vectors() if vector.name == name)


# --- captured requests --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("captured", imm_vectors(), ids=lambda captured: captured.name)
def test_captured_request(captured: ImmVector) -> None:
    """Every captured request is known for IMM's, verifies, and says which operation it asks for."""
    assert is_imm_request(captured.request)
    claim = captured.verify()
    assert (claim.action, claim.version) == (captured.action, "2020-09-30")
    assert (claim.token, claim.access_key_id) == (captured.token, captured.access_key_id)
    assert claim.nonce


def test_what_was_captured() -> None:
    """The file holds the requests that the tests are about, none lost."""
    assert Counter(vector.scheme for vector in imm_vectors()) == {"ACS3": 33, "RPC": 1}
    assert len({vector.action for vector in imm_vectors()}) == 30


def test_requests_of_oss_are_none_of_imm() -> None:
    """No captured request of an OSS client is taken for one of IMM."""
    assert not [vector.name for vector in load_vectors() if is_imm_request(vector.request)]


def test_parameters_are_decoded() -> None:
    """A blank is a plus on the wire, and the key is raw text once read."""
    claim = by_name("DetectImageFaces_oddkey").verify()
    assert claim.parameters.get("SourceURI") == "oss://examplebucket/exampledir/照片 a+b.jpg"


def test_secrets_do_not_show_themselves() -> None:
    """A claim can be logged: neither signature, token nor parameters are in its text."""
    captured = by_name("DetectImageFaces_sts")
    shown = repr(captured.verify())
    assert captured.token is not None
    assert captured.token not in shown
    assert "SourceURI" not in shown


# --- forged requests ----------------------------------------------------------------------------------------------


def others(character: str) -> str:
    """Another character for this one, the same every time."""
    return WIRE[(WIRE.find(character) + 7) % len(WIRE)]


def one_byte_changes(text: str) -> list[str]:
    """The text with one byte changed, once for each byte."""
    return [text[:place] + others(text[place]) + text[place + 1 :] for place in range(len(text))]


def with_header(request: WireRequest, name: str, value: str) -> WireRequest:
    headers = tuple((key, value if key == name else old) for key, old in request.headers)
    return dataclasses.replace(request, headers=headers)


def signed_names(vector: ImmVector) -> set[str]:
    """Names of the headers that the signature covers, read out of the header by hand."""
    match = re.search(r"SignedHeaders=([^,]*)", vector.request.header("authorization") or "SignedHeaders=")
    assert match is not None
    return set(match[1].split(";")) - {""}


def forgeries(vector: ImmVector) -> list[tuple[str, WireRequest]]:
    """(part, forged request) for every byte of every signed part of the request."""
    request = vector.request
    made = [("method", dataclasses.replace(request, method=text)) for text in one_byte_changes(request.method)]
    made += [("query", dataclasses.replace(request, query=text)) for text in one_byte_changes(request.query)]
    made += [("path", dataclasses.replace(request, path=path)) for path in ("/x", "//", "/photos/a.jpg", "x")]
    names = signed_names(vector) | ({"authorization"} if vector.scheme == "ACS3" else set())
    for name in sorted(names):
        value = request.header(name)
        assert value is not None
        made += [("header", with_header(request, name, text)) for text in one_byte_changes(value)]
    return made


def meaning(request: WireRequest) -> tuple[Any, ...]:
    """What the schemes sign of a query: its decoded pairs, whatever their order and spelling."""
    pairs = [piece.partition("=") for piece in request.query.split("&") if piece]
    return (
        sorted((unquote_plus(name), unquote_plus(value)) for name, _, value in pairs),
        request.method,
        request.headers,
    )


def test_every_changed_byte_of_what_is_signed_is_refused() -> None:
    """One changed byte in a signed part makes a request invalid.

    By design not signed: ACS3, headers that SignedHeaders does not list (none of the official client's). RPC, every
    header; what matters is never read from them. Both: the order of parameters and how a byte is spelled
    (`%2f`, `%2F`).
    """
    refused: Counter[tuple[str, str]] = Counter()
    passed = 0
    for vector in imm_vectors():
        for part, forged in forgeries(vector):
            if forged.path == "/" and meaning(forged) == meaning(vector.request):
                vector.verify(forged)
                passed += 1
                continue
            with pytest.raises(RequestError):
                vector.verify(forged)
            refused[vector.scheme, part] += 1
    assert sum(refused.values()) > 20_000
    assert {scheme for scheme, _ in refused} == {"ACS3", "RPC"}
    assert min(refused.values()) >= 4
    assert passed < 10


def test_unsigned_headers_change_nothing() -> None:
    """What the RPC scheme leaves unsigned has no say: neither x-acs-action nor Host decides anything there."""
    vector = by_name("DetectImageFaces_v2_signature")
    forged = with_header(with_header(vector.request, "x-acs-action", "DeleteProject"), "host", "evil")
    assert vector.verify(forged).action == "DetectImageFaces"


@pytest.mark.parametrize("secret", ["FakeAccessKeySecret0123456789aB", "FakeAccessKeySecret0123456789ab&", ""])
def test_another_secret_is_refused(secret: str) -> None:
    """No other secret verifies either scheme, and the answer says what was to be signed."""
    for name in ("DetectImageFaces", "DetectImageFaces_v2_signature"):
        with pytest.raises(SignatureDoesNotMatch) as caught:
            by_name(name).verify(secret=Secret(secret))
        assert "StringToSign" in caught.value.details


# --- made requests ------------------------------------------------------------------------------------------------


def check(made: tuple[WireRequest, bytes], now: datetime = NOW) -> ImmClaim:
    request, body = made
    claim = read_imm_claim(request, body)
    verify_imm(request, body, claim, Secret(SECRET), now, SKEW_S)
    return claim


def test_forms_of_both_schemes_are_read() -> None:
    """Parameters may stand in a form: with ACS3 its hash is signed, with RPC its parameters are."""
    assert check(acs3("A=1&C=", b"B=%E7%85%A7+x", **FORM)).parameters.pairs == (("A", "1"), ("C", ""), ("B", "照 x"))
    request, body = rpc(in_form=True, ProjectName="test")
    assert is_imm_request(request)
    assert check((request, body)).parameters.get("ProjectName") == "test"
    assert check(rpc(method="GET", ProjectName="a b")).parameters.get("ProjectName") == "a b"


def test_a_changed_body_is_refused() -> None:
    """Every changed byte of a form makes the request invalid, whichever scheme signed it."""
    for request, body in (acs3(body=b"ProjectName=test", **FORM),):
        for place in range(len(body)):
            forged = body[:place] + others(chr(body[place])).encode() + body[place + 1 :]
            with pytest.raises(IncompleteSignature, match="SHA-256 of the body"):
                check((request, forged))
    request, body = rpc(in_form=True, ProjectName="test")
    for text in one_byte_changes(body.decode()):
        if unquote_plus(text) != unquote_plus(body.decode()):
            with pytest.raises((RequestError, AssertionError)):
                assert check((request, text.encode())).access_key_id == KEY_ID


@pytest.mark.parametrize(
    "name", ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"]
)
def test_headers_that_must_be_signed(name: str) -> None:
    """A signature that leaves out where, what, when, once or the body is no signature, though it verifies."""
    with pytest.raises(IncompleteSignature, match=name):
        check(acs3(unlist=name))
    with pytest.raises((IncompleteSignature, MissingParameter, InvalidTimestamp)):
        check(acs3(drop=name))


def test_a_token_must_be_signed() -> None:
    """A security token that is sent is a signed one."""
    assert check(acs3(x_acs_security_token="t")).token == "t"
    with pytest.raises(IncompleteSignature, match="x-acs-security-token"):
        check(acs3(x_acs_security_token="t", unlist="x-acs-security-token"))


@pytest.mark.parametrize("offset_s", [-SKEW_S, 0, SKEW_S])
def test_time_within_the_window(offset_s: int) -> None:
    """Fifteen minutes either way are allowed."""
    for made in (acs3(), rpc()):
        assert check(made, NOW + timedelta(seconds=offset_s)).signed_at == NOW


@pytest.mark.parametrize("offset_s", [-SKEW_S - 1, SKEW_S + 1])
def test_time_outside_the_window(offset_s: int) -> None:
    """A second more is too much; who does not hold the secret does not learn it."""
    moment = NOW + timedelta(seconds=offset_s)
    for made in (acs3(), rpc()):
        with pytest.raises(RequestTimeTooSkewed):
            check(made, moment)
    request, body = acs3()
    with pytest.raises(SignatureDoesNotMatch):
        verify_imm(request, body, read_imm_claim(request, body), Secret("other"), moment, SKEW_S)


@pytest.mark.parametrize(
    ("authorization", "error"),
    [
        ("ACS3-HMAC-SHA256", IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=id", IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=id,Signature=s,SignedHeaders=", IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=id,Signature=s,SignedHeaders=host,Signature=s", IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=id,Signature=s,SignedHeaders=host;host", IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=id,Signature=s,SignedHeaders=Host", IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=id,Signature=s,SignedHeaders=absent", IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=id,Signature=s,SignedHeaders=" + ";".join("a" * 65), IncompleteSignature),
        ("ACS3-HMAC-SHA256 Credential=i/d,Signature=s,SignedHeaders=host", InvalidAccessKeyId),
        ("ACS3-RSA-SHA256 Credential=id,Signature=s,SignedHeaders=host", IncompleteSignature),
        ("ACS3-HMAC-SM3 Credential=id,Signature=s,SignedHeaders=host", IncompleteSignature),
        ("OSS4-HMAC-SHA256 Credential=id", IncompleteSignature),
        ("", IncompleteSignature),
    ],
)
def test_malformed_authorization(authorization: str, error: type[RequestError]) -> None:
    """A header that is no ACS3 signature is refused before any secret is looked for."""
    request, body = acs3()
    with pytest.raises(error):
        read_imm_claim(with_header(request, "authorization", authorization), body)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"AccessKeyId": ""}, MissingParameter),
        ({"AccessKeyId": "i/d"}, InvalidAccessKeyId),
        ({"Action": ""}, MissingParameter),
        ({"Version": ""}, MissingParameter),
        ({"SignatureNonce": ""}, MissingParameter),
        ({"SignatureNonce": "n" * 129}, InvalidArgument),
        ({"Timestamp": ""}, MissingParameter),
        ({"Timestamp": "20261122T185406Z"}, InvalidTimestamp),
        ({"SignatureMethod": "HMAC-MD5"}, IncompleteSignature),
        ({"SignatureVersion": "2.0"}, IncompleteSignature),
        ({"SignatureType": "BEARERTOKEN"}, IncompleteSignature),
        ({"Format": "XML"}, InvalidArgument),
    ],
)
def test_malformed_rpc_parameters(changed: dict[str, str], error: type[RequestError]) -> None:
    """Each authentication parameter of the RPC scheme is needed, and well formed."""
    with pytest.raises(error):
        check(rpc(**changed))


def test_a_parameter_given_twice_is_refused() -> None:
    """Nobody can mean two things with one signature."""
    request, body = rpc(Action="GetProject")
    with pytest.raises(InvalidArgument, match="more than once"):
        read_imm_claim(dataclasses.replace(request, query=request.query + "&Action=DeleteProject"), body)


def test_unsigned_requests_are_never_anonymous() -> None:
    """A request without a signature is refused for what it lacks."""
    bare = WireRequest("POST", "/", "ProjectName=a", (("x-acs-action", "GetProject"),))
    with pytest.raises(MissingParameter, match="AccessKeyId"):
        read_imm_claim(bare, b"")


@pytest.mark.parametrize(
    ("request_", "body", "error"),
    [
        (WireRequest("POST", "/photos", "", (("x-acs-action", "GetProject"),)), b"", UnknownAction),
        (WireRequest("POST", "/", "a=%zz", ()), b"", InvalidArgument),
        (WireRequest("POST", "/", "a=%ff", ()), b"", InvalidArgument),
        (WireRequest("POST", "/", "a=" + "x" * 98304, ()), b"", InvalidArgument),
        (WireRequest("POST", "/", "a&" * 2049, ()), b"", InvalidArgument),
        (WireRequest("POST", "/", "", (("content-type", "application/json"),)), b"{}", InvalidArgument),
        (
            WireRequest("POST", "/", "a&" * 1025, (("content-type", "application/x-www-form-urlencoded"),)),
            b"a&" * 1024,
            InvalidArgument,
        ),
    ],
    ids=["path", "escape", "utf-8", "length", "count", "json", "count of both"],
)
def test_requests_out_of_bounds(request_: WireRequest, body: bytes, error: type[RequestError]) -> None:
    """Path, length, number, spelling and form of the parameters have limits."""
    with pytest.raises(error):
        read_imm_claim(request_, body)


def test_two_signatures_are_refused() -> None:
    """A header signature and one in the parameters may say different things."""
    request, body = acs3("Signature=s&SignatureMethod=HMAC-SHA1")
    with pytest.raises(IncompleteSignature, match="Only one"):
        read_imm_claim(request, body)


@pytest.mark.parametrize(
    ("request_", "is_imm"),
    [
        (WireRequest("POST", "/", "", (("x-acs-action", "A"),)), True),
        (WireRequest("GET", "/b/k", "", (("x-acs-signature-nonce", "n"),)), True),
        (WireRequest("POST", "/", "", (("authorization", "ACS3-RSA-SHA256 x"),)), True),
        (WireRequest("GET", "/", "SignatureMethod=HMAC-SHA1", ()), True),
        (WireRequest("GET", "/", "Action=A&Version=V", ()), True),
        (WireRequest("POST", "/", "", (("content-type", "application/x-www-form-urlencoded"),)), True),
        (WireRequest("GET", "/b/k", "Action=A&Version=V", ()), False),
        (WireRequest("POST", "/", "delete", (("content-type", "application/x-www-form-urlencoded"),)), False),
        (WireRequest("POST", "/", "", (("content-type", "multipart/form-data; boundary=x"),)), False),
        (WireRequest("GET", "/", "", ()), False),
        (WireRequest("GET", "/", "Action=A&Version=V", (("authorization", "OSS id:s"),)), False),
    ],
)
def test_how_the_services_are_told_apart(request_: WireRequest, is_imm: bool) -> None:
    """The marks of the signature decide; what has none of them is for OSS."""
    assert is_imm_request(request_) is is_imm


LATIN = st.text(st.characters(max_codepoint=255), max_size=40)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", ""]),
    path=st.sampled_from(["/", "", "/x", "*"]),
    query=LATIN,
    headers=st.lists(
        st.tuples(
            st.sampled_from(["authorization", "host", "content-type", "x-acs-date", "x-acs-action", "x-acs-version"]),
            LATIN
            | st.sampled_from(["ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host,Signature=s", FORM["content_type"]]),
        ),
        max_size=6,
    ),
    body=st.binary(max_size=60),
)
def test_garbage_raises_nothing_but_errors_of_the_request(
    method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    """Whatever is sent, it is refused in our own words, and never takes a broken signature for a good one."""
    request = WireRequest(method, path, query, tuple(headers))
    is_imm_request(request)
    with pytest.raises(RequestError):
        check((request, body))
