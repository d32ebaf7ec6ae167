"""What is written, copied and deleted."""

import base64
import hashlib
from collections.abc import Iterator

import pytest

from oss_faces import request as requests
from oss_faces.errors import (
    InvalidArgument,
    InvalidDigest,
    InvalidObjectName,
    MalformedXML,
    MissingContentLength,
    NotImplementedOnServer,
    RequestError,
)
from oss_faces.protocol import parse_query
from oss_faces.values import Acl, Address, ObjectHeaders, WireRequest
from tests.unit.request.wires import ADDRESS, wire


def delete_body(*keys: str, quiet: str = "") -> bytes:
    objects = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    return f"<Delete>{quiet}{objects}</Delete>".encode()


def test_plain_put_has_the_defaults() -> None:
    """In chunks and with nothing else said: octets, the bucket's ACL, unknown length, overwriting allowed."""
    want = requests.parse_write(wire("PUT", transfer_encoding="chunked"), ADDRESS)
    assert want == requests.WriteObject(ADDRESS, ObjectHeaders(), Acl.DEFAULT, None, None, forbid_overwrite=False)


def test_put_reads_every_header_that_is_stored() -> None:
    """Content type, user metadata and the standard headers travel with the object."""
    request = wire(
        "PUT",
        content_type="image/jpeg",
        cache_control="no-store",
        content_disposition="inline",
        content_encoding="gzip",
        content_language="de",
        expires="0",
        x_oss_meta_owner="me",
        x_oss_object_acl="private",
        x_oss_forbid_overwrite="TRUE",
        content_length="12",
        content_md5=base64.b64encode(bytes(16)).decode(),
    )
    want = requests.parse_write(request, ADDRESS)
    assert want.headers.content_type == "image/jpeg"
    assert want.headers.user == {"owner": "me"}
    assert want.headers.standard == {
        "cache-control": "no-store",
        "content-disposition": "inline",
        "content-encoding": "gzip",
        "content-language": "de",
        "expires": "0",
    }
    assert (want.acl, want.size_bytes, want.content_md5) == (Acl.PRIVATE, 12, bytes(16))
    assert want.forbid_overwrite


@pytest.mark.parametrize("encoding", ["aws-chunked", "identity", "Identity", ""])
def test_marker_of_the_transport_is_not_stored(encoding: str) -> None:
    """An encoding that is none is no property of the object."""
    request = wire("PUT", content_length="0", content_encoding=encoding)
    assert requests.parse_write(request, ADDRESS).headers.standard == {}


@pytest.mark.parametrize(
    "name", ["x_oss_symlink_target", "x_oss_callback", "x_oss_server_side_encryption", "x_oss_tagging"]
)
def test_write_that_means_more_than_a_write_is_refused(name: str) -> None:
    """A link, callback, tag or encryption that is silently not made would be a wrong success."""
    with pytest.raises(NotImplementedOnServer):
        requests.parse_write(wire("PUT", **{name: "x"}), ADDRESS)
    with pytest.raises(NotImplementedOnServer):
        requests.parse_copy(wire("PUT", x_oss_copy_source="/bucket/k", **{name: "x"}), ADDRESS)


def test_put_of_no_stated_length_is_refused() -> None:
    """Neither a length nor chunks: the body's end would be a guess."""
    with pytest.raises(MissingContentLength):
        requests.parse_write(wire("PUT"), ADDRESS)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.5", "a", "1,1", "9" * 19, "\u00b2"])
def test_length_that_is_no_number_is_refused(text: str) -> None:
    """A Content-Length is a decimal number of a sane size."""
    with pytest.raises(InvalidArgument):
        requests.parse_write(wire("PUT", content_length=text), ADDRESS)


@pytest.mark.parametrize(
    ("headers", "digest"),
    [
        ({}, None),
        ({"content_md5": " "}, None),
        ({"content_md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, bytes.fromhex("d41d8cd98f00b204e9800998ecf8427e")),
    ],
)
def test_content_md5_is_16_bytes(headers: dict[str, str], digest: bytes | None) -> None:
    """The digest is decoded; none is none."""
    assert requests.parse_content_md5(wire(**headers)) == digest


@pytest.mark.parametrize("text", ["x", "AAAA", "1B2M2Y8AsgTpgAmY7PhCfg", "!1B2M2Y8AsgTpgAmY7PhCfg==", "\xff", "A" * 99])
def test_digest_that_is_none_is_refused(text: str) -> None:
    """Base64 of anything but 16 bytes is InvalidDigest."""
    with pytest.raises(InvalidDigest):
        requests.parse_content_md5(wire(content_md5=text))


def test_body_is_compared_with_its_digest() -> None:
    """The right body passes, another one does not, and without a digest any does."""
    request = wire(content_md5=base64.b64encode(hashlib.md5(b"body").digest()).decode())
    requests.check_content_md5(request, b"body")
    requests.check_content_md5(wire(), b"anything")
    with pytest.raises(InvalidDigest):
        requests.check_content_md5(request, b"bodY")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("/bucket/key", Address("bucket", "key")),
        ("bucket/key", Address("bucket", "key")),
        ("/bucket/a/b//c/", Address("bucket", "a/b//c/")),
        ("/bucket/a%2Fb", Address("bucket", "a/b")),
        ("/bucket%2Fkey", Address("bucket", "key")),
        ("/bucket/%E4%BA%BA%20%2B", Address("bucket", "\u4eba +")),
        ("/bucket/a+b%2B", Address("bucket", "a b+")),
        ("/bucket/\u00e4\u00ba\u00ba", Address("bucket", "\u4eba")),
        ("/bucket/what%3F", Address("bucket", "what?")),
        ("/bucket/key?", Address("bucket", "key")),
        ("/bucket/key?versionId=", Address("bucket", "key")),
    ],
)
def test_copy_source_is_bucket_and_key(text: str, source: Address) -> None:
    """The source is decoded once, with or without a first slash, also where raw UTF-8 was sent; `+` is a blank."""
    assert requests.parse_copy(wire("PUT", x_oss_copy_source=text), ADDRESS).source == source


@pytest.mark.parametrize(
    "text", ["", "/", "bucket", "/bucket", "/bucket/", "//key", "/bucket/%zz", "/bucket/%", "/B_/k", "/b\xff/k"]
)
def test_copy_source_that_names_no_object_is_refused(text: str) -> None:
    """Without a bucket and a key, or with a broken escape, there is nothing to copy."""
    with pytest.raises(RequestError):
        requests.parse_copy(wire("PUT", x_oss_copy_source=text), ADDRESS)


@pytest.mark.parametrize("text", ["/bucket/%FF", "/bucket/\xff", "/bucket/" + "k" * 1024])
def test_copy_source_is_a_key_like_any_other(text: str) -> None:
    """The rules for keys hold for the source too."""
    with pytest.raises(InvalidObjectName):
        requests.parse_copy(wire("PUT", x_oss_copy_source=text), ADDRESS)


def test_copy_of_a_version_is_refused() -> None:
    """There are no versions here; copying the current one in place of the one named would be a wrong success."""
    with pytest.raises(NotImplementedOnServer):
        requests.parse_copy(wire("PUT", x_oss_copy_source="/bucket/key?versionId=CAEQ"), ADDRESS)


def test_copy_keeps_or_replaces_the_metadata() -> None:
    """COPY is the default; REPLACE takes the request's own headers."""
    kept = requests.parse_copy(wire("PUT", x_oss_copy_source="/bucket/k", content_type="image/png"), ADDRESS)
    assert kept.headers is None
    request = wire("PUT", x_oss_copy_source="/bucket/k", content_type="image/png", x_oss_metadata_directive="replace")
    assert requests.parse_copy(request, ADDRESS).headers == ObjectHeaders("image/png")
    with pytest.raises(InvalidArgument):
        requests.parse_copy(wire("PUT", x_oss_copy_source="/bucket/k", x_oss_metadata_directive="MERGE"), ADDRESS)


def parse_delete(body: bytes, query: str = "delete", **headers: str) -> requests.DeleteObjects:
    return requests.parse_delete_objects(wire("POST", **headers), parse_query(query), "bucket", body)


def test_delete_lists_the_keys_in_order() -> None:
    """Keys keep their order, doubles and entities; the answer is not quiet and not encoded by default."""
    want = parse_delete(delete_body("b", "a", "a &amp; b", "&#x4EBA;"))
    assert want == requests.DeleteObjects("bucket", ("b", "a", "a & b", "\u4eba"), quiet=False, encode_url=False)


@pytest.mark.parametrize("root", ['<Delete xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com">', '<o:Delete xmlns:o="x">'])
def test_delete_may_have_a_name_space(root: str) -> None:
    """Some SDKs declare one, some none."""
    prefix = "o:" if "o:" in root else ""
    body = f"{root}<{prefix}Object><{prefix}Key>k</{prefix}Key></{prefix}Object></{prefix}Delete>"
    assert parse_delete(body.encode()).keys == ("k",)


@pytest.mark.parametrize(
    ("element", "quiet"),
    [("", False), ("<Quiet/>", False), ("<Quiet>false</Quiet>", False), ("<Quiet> True </Quiet>", True)],
)
def test_quiet_is_read(element: str, quiet: bool) -> None:
    """Only `true` makes the answer quiet."""
    assert parse_delete(delete_body("k", quiet=element)).quiet is quiet


@pytest.mark.parametrize(
    ("query", "headers"),
    [("delete&encoding-type=url", {}), ("delete", {"encoding_type": "url"})],
)
def test_encoding_type_of_a_delete_comes_either_way(query: str, headers: dict[str, str]) -> None:
    """The documentation has it as a header, the Python SDKs send it in the query."""
    assert parse_delete(delete_body("k"), query, **headers).encode_url


def test_delete_takes_a_thousand_keys_and_no_more() -> None:
    """1,000 keys are one request; 1,001 are refused whole."""
    assert len(parse_delete(delete_body(*["k"] * 1000)).keys) == 1000
    with pytest.raises(MalformedXML):
        parse_delete(delete_body(*["k"] * 1001))


def test_body_of_a_thousand_longest_keys_fits_the_limit() -> None:
    """The limit on the body never refuses what the limits on keys allow."""
    body = delete_body(*["&#38;" * 255] * 1000)
    assert len(body) < requests.DELETE_BODY_BYTES_MAX


def test_delete_of_a_version_is_refused() -> None:
    """Deleting the current object in place of an old version would destroy what was to be kept."""
    body = b"<Delete><Object><Key>k</Key><VersionId>CAEQ</VersionId></Object></Delete>"
    with pytest.raises(NotImplementedOnServer):
        parse_delete(body)


LAUGHS = (
    b'<!DOCTYPE Delete [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><Delete><Object><Key>&j;</Key></Object></Delete>"
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Delete/>",
        b"<Delete><Quiet>true</Quiet></Delete>",
        b"<Other><Object><Key>k</Key></Object></Other>",
        b"<Delete><Object>",
        b"not xml",
        b"\xff\xfe",
        b"<Delete>\x00</Delete>",
        b'<?xml version="1.0" encoding="nonsense"?><Delete/>',
        b'<?xml version="1.0" encoding="utf-7"?><Delete/>',
        b'<!DOCTYPE Delete [<!ENTITY k "x">]><Delete><Object><Key>&k;</Key></Object></Delete>',
        b'<!DOCTYPE Delete [<!ENTITY k SYSTEM "file:///etc/hostname">]><Delete><Object><Key>&k;</Key></Object></Delete>',
        LAUGHS,
        b"<a>" * 100_000,
    ],
)
def test_xml_that_is_none_or_dangerous_is_refused(body: bytes) -> None:
    """Broken, foreign, empty, entity-laden or endless documents are MalformedXML; nothing is expanded or fetched."""
    with pytest.raises(MalformedXML):
        parse_delete(body)


@pytest.mark.parametrize("element", ["<Key></Key>", "<Key/>", "", f"<Key>{'k' * 1024}</Key>", "<Key>\\k</Key>"])
def test_delete_names_only_keys(element: str) -> None:
    """An entry without a usable key refuses the request before anything is deleted."""
    with pytest.raises(InvalidObjectName):
        parse_delete(f"<Delete><Object>{element}</Object></Delete>".encode())


def test_thousands_of_headers_are_read_in_one_pass() -> None:
    """A stranger chooses how many headers there are: twice as many take about twice as long, not four times."""

    class Counted(tuple):
        """Headers that count how often they are walked through."""

        __slots__ = ()
        walks = 0

        def __iter__(self) -> Iterator[tuple[str, str]]:
            Counted.walks += 1
            return super().__iter__()

    headers = Counted([("content-length", "0"), *((f"x-oss-meta-{number}", "v") for number in range(1000))])
    want = requests.parse_write(WireRequest("PUT", "/", "", headers), ADDRESS)
    assert len(want.headers.user) == 1000
    assert Counted.walks < 50


def test_repeated_metadata_is_one_list() -> None:
    """A header that is sent twice is stored as HTTP reads it."""
    sent = (("content-length", "0"), ("x-oss-meta-a", " 1 "), ("x-oss-meta-b", "2"), ("x-oss-meta-a", "3"))
    request = WireRequest("PUT", "/", "", sent)
    assert requests.parse_write(request, ADDRESS).headers.user == {"a": "1,3", "b": "2"}
