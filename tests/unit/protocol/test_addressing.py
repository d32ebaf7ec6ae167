import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import (
    ConfigurationError,
    InvalidArgument,
    InvalidBucketName,
    InvalidObjectName,
    RequestError,
)
from oss_faces.protocol.addressing import KEY_BYTES_MAX, candidates, host_without_port
from oss_faces.protocol.bucket_name import is_bucket_name
from oss_faces.protocol.settings import AddressingSettings
from oss_faces.values import Address, WireRequest

SETTINGS = AddressingSettings(("oss.example.com",), {"img.example.org": "pictures"}, "standard")
WIRE_TEXT = st.text(st.characters(max_codepoint=255), max_size=60)


def read(host, path, settings=SETTINGS):
    """Give the readings as (bucket, key) pairs."""
    headers = (("host", host),) if host is not None else ()
    found = candidates(WireRequest("GET", path, "", headers), settings)
    return [(address.bucket, address.key) for address in found]


@pytest.mark.parametrize(
    ("host", "path", "readings"),
    [
        # service level
        ("127.0.0.1:9000", "/", [("", "")]),
        ("oss.example.com", "/", [("", "")]),
        (".oss-cn-hangzhou.aliyuncs.com", "/", [("", "")]),
        # path style: own names, IP addresses, names without a dot, official endpoints, no Host at all
        ("oss.example.com", "/b/k", [("b", "k"), ("standard", "b/k")]),
        ("OSS.Example.COM:9000", "/b/k", [("b", "k"), ("standard", "b/k")]),
        ("127.0.0.1:9000", "/b/k", [("b", "k"), ("standard", "b/k")]),
        ("[::1]:9000", "/b/k", [("b", "k"), ("standard", "b/k")]),
        ("localhost:9000", "/b/k", [("b", "k"), ("standard", "b/k")]),
        ("faces", "/b/k", [("b", "k"), ("standard", "b/k")]),
        ("oss-cn-hangzhou.aliyuncs.com", "/b/k", [("b", "k"), ("standard", "b/k")]),
        (None, "/b/k", [("b", "k"), ("standard", "b/k")]),
        ("localhost", "/b", [("b", ""), ("standard", "b")]),
        ("localhost", "/b/", [("b", ""), ("standard", "b/")]),
        (".oss-cn-hangzhou.aliyuncs.com", "/b/k", [("b", "k")]),
        # virtual host
        ("bucket.oss.example.com", "/k/l", [("bucket", "k/l"), ("k", "l")]),
        ("bucket.localhost:9000", "/k", [("bucket", "k"), ("k", "")]),
        ("bucket.127.0.0.1:9000", "/k", [("bucket", "k"), ("k", "")]),
        ("bucket.oss-cn-hangzhou-internal.aliyuncs.com", "/k", [("bucket", "k"), ("k", "")]),
        ("bucket.cn-hangzhou.aliyuncs.com", "/k", [("bucket", "k"), ("k", "")]),
        ("bucket.localhost", "/", [("bucket", ""), ("", "")]),
        # unknown names with a dot: the path first, then the label
        ("nas.home.lan:9000", "/b/k", [("b", "k"), ("nas", "b/k")]),
        ("a.b.oss.example.com", "/k", [("k", ""), ("a", "k")]),
        (".home.lan", "/b/k", [("b", "k")]),
        # custom domains
        ("img.example.org:443", "/k/l", [("pictures", "k/l"), ("k", "l")]),
        ("IMG.example.org", "/", [("pictures", ""), ("", "")]),
    ],
)
def test_readings(host, path, readings):
    """Each host and path gives its readings, the likeliest first."""
    assert read(host, path) == readings


def test_no_default_bucket_unless_set():
    """Without a default bucket a path on a base name has one reading."""
    assert read("localhost", "/b/k", AddressingSettings()) == [("b", "k")]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/b/a%2Fb", "a/b"),
        ("/b//a", "/a"),
        ("/b/a//b", "a//b"),
        ("/b/./../a", "./../a"),
        ("/b/a%20b+c", "a b+c"),
        ("/b/%E7%85%A7'(f).jpg", "照'(f).jpg"),
        ("/b/a%252F", "a%2F"),
        ("/b/a?b", "a?b"),
        ("/b/%00", "\x00"),
        ("/b/http://x/y", "http://x/y"),
    ],
)
def test_keys_survive(path, key):
    """Slashes, dots, blanks and encoded bytes of a key come through as they were meant."""
    assert read("localhost", path, AddressingSettings()) == [("b", key)]


@pytest.mark.parametrize(
    ("target", "readings"),
    [
        ("http://bucket.localhost:9000/k", [("bucket", "k"), ("k", "")]),
        ("HTTPS://localhost/b/k", [("b", "k")]),
        ("http://localhost", [("", "")]),
    ],
)
def test_absolute_targets(target, readings):
    """The authority of an absolute target replaces the Host header."""
    assert read("other.example.com", target, AddressingSettings()) == readings


@pytest.mark.parametrize(
    ("host", "path", "error"),
    [
        ("localhost", "", InvalidArgument),
        ("localhost", "*", InvalidArgument),
        ("localhost", "b/k", InvalidArgument),
        ("localhost", "/b/%zz", InvalidArgument),
        ("localhost", "//k", InvalidBucketName),
        ("localhost", "/%2F/k", InvalidBucketName),
        ("localhost", f"/{'b' * 64}/k", InvalidBucketName),
        ("127.0.0.1", f"/{'b' * 100_000}", InvalidBucketName),
        ("localhost", "/b/%FF", InvalidObjectName),
        ("localhost", "/%FF", InvalidObjectName),
        ("bucket.localhost", "/%ED%A0%80", InvalidObjectName),
    ],
)
def test_refusals(host, path, error):
    """A target that cannot name a bucket or key is refused with the documented code."""
    with pytest.raises(error):
        read(host, path, AddressingSettings())


def test_length_limit_counts_utf8_bytes():
    """A key of 1,023 bytes passes; one of 1,026 is no reading, and an error when it is the only one."""
    fits, too_long = "%E7%85%A7" * 341, "%E7%85%A7" * 342
    assert len(read("localhost", f"/b/{fits}", AddressingSettings())[0][1].encode()) == KEY_BYTES_MAX
    assert read("bucket.localhost", f"/b/{fits}", AddressingSettings()) == [("b", "照" * 341)]
    with pytest.raises(InvalidObjectName):
        read("localhost", f"/b/{too_long}", AddressingSettings())


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("", ""),
        ("a", "a"),
        ("a:80", "a"),
        ("a:", "a:"),
        ("a:b", "a:b"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
        ("::1", "::1"),
    ],
)
def test_host_without_port(host, name):
    """Only a numeric port behind a colon is stripped."""
    assert host_without_port(host) == name


@pytest.mark.parametrize("name", ["abc", "a-b", "a" * 63, "123"])
def test_bucket_names(name):
    """3 to 63 lower-case letters, digits and inner hyphens make a bucket name."""
    assert is_bucket_name(name)


@pytest.mark.parametrize("name", ["", "ab", "a" * 64, "-ab", "ab-", "aBc", "a.b", "a_b", "abc\n", "äbc"])
def test_no_bucket_names(name):
    """Anything else is none."""
    assert not is_bucket_name(name)


@pytest.mark.parametrize(
    "settings",
    [
        AddressingSettings(("oss.example.com:9000",)),
        AddressingSettings(("OSS.example.com",)),
        AddressingSettings(("http://oss.example.com",)),
        AddressingSettings((".example.com",)),
        AddressingSettings(custom_domains={"img/": "pictures"}),
        AddressingSettings(custom_domains={"img.example.org": "No"}),
        AddressingSettings(default_bucket="x"),
    ],
)
def test_settings_that_cannot_work(settings):
    """A name that can match nothing ends the start of the program."""
    with pytest.raises(ConfigurationError):
        settings.validate()


def test_settings_that_work():
    """The defaults and a full set are accepted."""
    AddressingSettings().validate()
    SETTINGS.validate()


@given(WIRE_TEXT, WIRE_TEXT, st.booleans())
def test_garbage_raises_request_errors_only(host, path, with_slash):
    """Whatever comes as host and path gives addresses or a documented refusal."""
    request = WireRequest("GET", "/" + path if with_slash else path, "", (("host", host),))
    try:
        found = candidates(request, SETTINGS)
    except RequestError:
        return
    assert found
    assert all(isinstance(address, Address) and address.key.encode() is not None for address in found)
    assert all(address.bucket or not address.key for address in found)
