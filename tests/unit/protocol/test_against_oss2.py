"""URLs signed by the official Python SDK verify, whatever key and parameters they are for."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import oss2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import SignatureDoesNotMatch
from oss_faces.protocol import AddressingSettings, Secret, SigningSettings, candidates, read_claim, verify
from oss_faces.values import Address, WireRequest

KEY_ID, SECRET = "OSSFtest", "a-secret"
V1 = oss2.Auth(KEY_ID, SECRET)
V4 = oss2.AuthV4(KEY_ID, SECRET)

# What a key can hold: no control characters, which the SDK's HTTP stack does not carry, and no surrogates.
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
# Nor blank keys, nor a question mark in front, which the SDK refuses to sign.
KEYS = TEXT.filter(lambda key: key.strip() and not key.startswith("?"))


def sign(auth, key, parameters, headers=None):
    """Let the SDK sign a URL for the key in the bucket `pictures`."""
    bucket = oss2.Bucket(auth, "http://127.0.0.1:9000", "pictures", region="cn-hangzhou")
    return bucket.sign_url("GET", key, 60, params=parameters, headers=headers)


def arrived(url, headers=()):
    """Give the request that a client makes of the URL."""
    parts = urlsplit(url)
    return WireRequest("GET", parts.path, parts.query, (("host", parts.netloc), *headers))


def check(request, secret=SECRET):
    """Verify the request now."""
    readings = candidates(request, AddressingSettings())
    return verify(request, read_claim(request), Secret(secret), readings, datetime.now(UTC), SigningSettings())


@pytest.mark.parametrize("auth", [V1, V4], ids=["V1", "V4"])
@given(key=KEYS, process=TEXT)
def test_any_key_and_process_string(auth, key, process):
    """The SDK's signature for any key and process string verifies for that key, and with no other secret."""
    request = arrived(sign(auth, key, {"x-oss-process": process}))
    assert check(request) == Address("pictures", key)
    with pytest.raises(SignatureDoesNotMatch):
        check(request, "another")


@given(name=TEXT.map("q{}".format), value=TEXT, other=TEXT)
def test_any_parameters_in_v4(name, value, other):
    """V4 signs every parameter, in the order of the encoded names."""
    request = arrived(sign(V4, "k", {name: value, f"{name}2": other, "acl": ""}))
    assert check(request) == Address("pictures", "k")


@pytest.mark.parametrize("auth", [V1, V4], ids=["V1", "V4"])
def test_signed_headers(auth):
    """Content-Type and x-oss- headers that the SDK signs into the URL must come with the request."""
    headers = {"Content-Type": "image/jpeg", "x-oss-meta-a": "1"}
    url = sign(auth, "k", {}, headers)
    lower = tuple((name.lower(), value) for name, value in headers.items())
    assert check(arrived(url, lower)) == Address("pictures", "k")
    with pytest.raises(SignatureDoesNotMatch):
        check(arrived(url, lower[:1]))
