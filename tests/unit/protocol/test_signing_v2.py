"""Signature V2: each step of the computation, the official SDK against it, and what is refused."""

import dataclasses
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import oss2
import pytest
from oss2.http import Request

from oss_faces.errors import AccessDenied, InvalidAccessKeyId, InvalidArgument, RequestError, SignatureDoesNotMatch
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.encoding import parse_query
from oss_faces.protocol.settings import SigningSettings
from oss_faces.protocol.signing import read_claim, verify
from oss_faces.protocol.signing_v2 import canonical_resource
from oss_faces.values import Address, WireRequest

DATE = "Sun, 22 Nov 2026 18:54:03 GMT"
NOW = datetime(2026, 11, 22, 18, 54, 3, tzinfo=UTC)
SECRET = Secret("secret")


def by_header(credentials, *headers):
    return WireRequest("GET", "/b/k", "", (("authorization", f"OSS2 {credentials}"), ("date", DATE), *headers))


@pytest.mark.parametrize(
    ("address", "query", "resource"),
    [
        (Address(), "", "%2F"),
        (Address("b"), "", "%2Fb%2F"),
        (Address("b", "dir/a b+c~'(1).jpg"), "", "%2Fb%2Fdir%2Fa%20b%2Bc~%27%281%29.jpg"),
        (Address("b", "照"), "", "%2Fb%2F%E7%85%A7"),
        (Address("b", "k"), "x=&a=1+2&prefix=%2F&acl", "%2Fb%2Fk?a=1%202&acl&prefix=%2F&x"),
        (Address("b", "k"), "x-oss-signature=s&a=1", "%2Fb%2Fk?a=1"),
    ],
)
def test_canonical_resource(address, query, resource):
    """The whole path is encoded, slashes too; every parameter but the signature is in it, sorted."""
    assert canonical_resource(address, parse_query(query)) == resource


@pytest.mark.parametrize("key", ["example.jpg", "dir/a b+c", "照片/ö 😀.jpg", "it's(1)&=?#%.jpg"])
@pytest.mark.parametrize("headers", [{}, {"x-oss-meta-a": "b", "content-type": "text/plain", "range": "bytes=0-1"}])
@pytest.mark.parametrize("token", [None, "token"])
def test_the_official_sdk_signs_as_we_do(key, headers, token):
    """What oss2 signs with V2, by header and URL, verifies, for a key of any letters and with a token."""
    key_class = oss2.credentials.StaticCredentialsProvider("id", "secret", token)
    auth = oss2.auth.ProviderAuthV2(key_class)
    params = {"x-oss-process": "image/faces", "acl": ""}
    url = "http://127.0.0.1:9000/b/" + oss2.compat.urlquote(key, "")
    made = Request("GET", url, params=dict(params), headers=dict(headers))
    auth._sign_request(made, "b", key)
    query = "&".join(f"{name}={oss2.compat.urlquote(value, '')}" for name, value in made.params.items())
    sent = tuple((name.lower(), value) for name, value in made.headers.items())
    request = WireRequest("GET", urlsplit(url).path, query, sent)
    claim = read_claim(request)
    assert claim.token == token
    signed_at = claim.signed_at
    assert verify(request, claim, SECRET, [Address("b", key)], signed_at, SigningSettings()) == Address("b", key)

    made = Request("GET", url, params=dict(params), headers=dict(headers))
    parts = urlsplit(auth._sign_url(made, "b", key, 60))
    sent = tuple((name, value) for name, value in headers.items() if name != "date")
    request = WireRequest("GET", parts.path, parts.query, sent)
    claim = read_claim(request)
    assert (claim.presigned, claim.token) == (True, token)
    now = claim.expires_at
    assert verify(request, claim, SECRET, [Address("b", key)], now, SigningSettings()) == Address("b", key)
    with pytest.raises(AccessDenied, match="expired"):
        verify(request, claim, SECRET, [Address("b", key)], now + timedelta(seconds=1), SigningSettings())
    with pytest.raises(SignatureDoesNotMatch):
        verify(request, claim, Secret("other"), [Address("b", key)], now, SigningSettings())


@pytest.mark.parametrize(
    ("credentials", "error", "ec"),
    [
        ("", InvalidArgument, "0002-00000103"),
        ("AccessKeyId:id,Signature", InvalidArgument, "0002-00000103"),
        ("AccessKeyId:id,Signature:s,Other:x", InvalidArgument, "0002-00000104"),
        ("AccessKeyId:id,AccessKeyId:id,Signature:s", InvalidArgument, "0002-00000104"),
        ("Signature:s", InvalidArgument, "0002-00000105"),
        ("AccessKeyId:,Signature:s", InvalidArgument, "0002-00000105"),
        ("AccessKeyId:id", InvalidArgument, "0002-00000106"),
        ("AccessKeyId:i d,Signature:s", InvalidAccessKeyId, "0002-00000901"),
        ("AccessKeyId:id,AdditionalHeaders:,Signature:s", InvalidArgument, "0002-00000110"),
        ("AccessKeyId:id,AdditionalHeaders:date;,Signature:s", InvalidArgument, "0002-00000111"),
        ("AccessKeyId:id,AdditionalHeaders:range,Signature:s", InvalidArgument, "0002-00000112"),
    ],
)
def test_malformed_headers(credentials, error, ec):
    """Each malformed Authorization header has its own EC."""
    with pytest.raises(error) as caught:
        read_claim(by_header(credentials))
    assert caught.value.ec_value == ec


def test_a_date_is_needed():
    """A header signature without a date is refused."""
    signed = by_header("AccessKeyId:id,Signature:s")
    request = dataclasses.replace(signed, headers=signed.headers[:1])
    with pytest.raises(AccessDenied) as caught:
        read_claim(request)
    assert caught.value.ec_value == "0002-00000503"


@pytest.mark.parametrize("missing", ["x-oss-expires", "x-oss-access-key-id", "x-oss-signature"])
def test_urls_need_all_parameters(missing):
    """A URL without one of its parameters is refused, and the error names it."""
    pairs = {
        "x-oss-signature-version": "OSS2",
        "x-oss-expires": "1795377243",
        "x-oss-access-key-id": "id",
        "x-oss-signature": "s",
    }
    query = "&".join(f"{name}={value}" for name, value in pairs.items() if name != missing)
    with pytest.raises(InvalidArgument) as caught:
        read_claim(WireRequest("GET", "/b/k", query, ()))
    assert caught.value.details == {"ArgumentName": missing}


def test_expires_is_a_unix_time():
    """Anything but digits is refused, and a moment after all dates is read as the last one."""
    url = "x-oss-signature-version=OSS2&x-oss-access-key-id=id&x-oss-signature=s&x-oss-expires="
    with pytest.raises(InvalidArgument):
        read_claim(WireRequest("GET", "/b/k", url + "soon", ()))
    assert read_claim(WireRequest("GET", "/b/k", url + "9" * 18, ())).expires_at.year == 9998


def test_the_host_without_port_verifies():
    """A signed host verifies with and without its port, and no other host does (Java SDK)."""
    headers = (("host", "localhost"), ("date", DATE))
    credentials = "AccessKeyId:id,AdditionalHeaders:host,Signature:"
    unsigned = WireRequest("GET", "/b/k", "", (*headers, ("authorization", f"OSS2 {credentials}none")))
    with pytest.raises(SignatureDoesNotMatch) as caught:
        verify(unsigned, read_claim(unsigned), SECRET, [Address("b", "k")], NOW, SigningSettings())
    assert "\nhost:localhost\nhost\n%2Fb%2Fk" in caught.value.details["StringToSign"]
    signature = oss2.utils.b64encode_as_string(
        hmac.new(b"secret", caught.value.details["StringToSign"].encode(), "sha256").digest()
    )
    for host in ("localhost", "localhost:9000"):
        sent = by_header(credentials + signature, ("host", host))
        assert verify(sent, read_claim(sent), SECRET, [Address("b", "k")], NOW, SigningSettings()) == Address("b", "k")
    other = by_header(credentials + signature, ("host", "otherhost"))
    with pytest.raises(RequestError):
        verify(other, read_claim(other), SECRET, [Address("b", "k")], NOW, SigningSettings())
