"""What the wire says becomes typed requests, or is refused."""

import base64
import contextlib
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces import request as requests
from oss_faces.errors import (
    InvalidArgument,
    InvalidDigest,
    InvalidObjectName,
    MalformedXML,
    MissingArgument,
    NotImplementedOnServer,
    RequestError,
)
from oss_faces.protocol import Query, parse_query
from oss_faces.request import Conditions, ListObjects, WantedRange
from oss_faces.values import Acl, Address, ObjectHeaders, WireRequest

ADDRESS = Address("bucket", "key")
NOON = datetime(2015, 12, 5, 11, 10, 29, tzinfo=UTC)
NOON_TEXT = "Sat, 05 Dec 2015 11:10:29 GMT"


def wire(method: str = "GET", **headers: str) -> WireRequest:
    """A request with these headers; `_` in a name stands for `-`."""
    return WireRequest(method, "/", "", tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def delete_body(*keys: str, quiet: str = "") -> bytes:
    objects = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    return f"<Delete>{quiet}{objects}</Delete>".encode()


# --- ranges -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", WantedRange(0, 0)),
        ("bytes=0-", WantedRange(0, None)),
        ("bytes=2-5", WantedRange(2, 5)),
        (" bytes=2-5 ", WantedRange(2, 5)),
        ("bytes=-3", WantedRange(None, 3)),
        ("bytes=-0", WantedRange(None, 0)),
        ("bytes=999999999999999999-", WantedRange(999_999_999_999_999_999, None)),
        ("bytes=9999999999999999999-", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("bytes=0-1-2", None),
        ("bytes=a-b", None),
        ("bytes=+1-2", None),
        ("bytes=\u00b2-", None),
        ("0-1", None),
        ("items=0-1", None),
    ],
)
def test_range_is_read_or_means_the_whole_object(text: str | None, wanted: WantedRange | None) -> None:
    """One range of bytes is understood; several, reversed, endless or malformed ones ask for everything."""
    assert requests.parse_range(text) == wanted


@pytest.mark.parametrize(
    ("wanted", "size_bytes", "edges"),
    [
        (WantedRange(0, 0), 0, None),
        (WantedRange(None, 5), 0, None),
        (WantedRange(0, None), 0, None),
        (WantedRange(0, 0), 10, (0, 1)),
        (WantedRange(2, 5), 10, (2, 6)),
        (WantedRange(2, 99), 10, (2, 10)),
        (WantedRange(9, None), 10, (9, 10)),
        (WantedRange(10, None), 10, None),
        (WantedRange(10, 20), 10, None),
        (WantedRange(None, 3), 10, (7, 10)),
        (WantedRange(None, 99), 10, (0, 10)),
        (WantedRange(None, 0), 10, None),
    ],
)
def test_range_is_resolved_within_the_object(
    wanted: WantedRange, size_bytes: int, edges: tuple[int, int] | None
) -> None:
    """A range is cut to the object; one that covers nothing is none."""
    assert wanted.resolve(size_bytes) == edges


@given(st.integers(0, 50) | st.none(), st.integers(0, 50) | st.none(), st.integers(0, 40))
def test_resolved_range_is_the_slice_of_the_same_edges(first: int | None, last: int | None, size: int) -> None:
    """Whatever is asked for, the answer is what Python cuts out of the bytes."""
    if (first is None and last is None) or (first is not None and last is not None and last < first):
        return
    content = bytes(range(size))
    wanted = content[-last:] if first is None and last else content[first : None if last is None else last + 1]
    if first is None and last == 0:
        wanted = b""
    edges = WantedRange(first, last).resolve(size)
    assert (content[slice(*edges)] if edges else b"") == wanted


@pytest.mark.parametrize(("text", "strict"), [(None, False), ("standard", True), ("Standard", True), ("other", False)])
def test_only_the_documented_word_makes_ranges_strict(text: str | None, strict: bool) -> None:
    """`x-oss-range-behavior: standard` asks for 416 in place of the whole object."""
    headers = {} if text is None else {"x_oss_range_behavior": text}
    assert requests.parse_read(wire(**headers), Query(), ADDRESS).strict_range is strict


# --- conditions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "etags"),
    [
        ("", ()),
        (",", ()),
        ('"abc"', ("ABC",)),
        ("abc", ("ABC",)),
        ('W/"abc"', ("ABC",)),
        ('"a", "b" ,c', ("A", "B", "C")),
        ("*", ("*",)),
        ('""', ("",)),
    ],
)
def test_etags_lose_their_quotes_and_case(text: str, etags: tuple[str, ...]) -> None:
    """SDKs send ETags with and without quotes, in either case, alone or as a list."""
    assert requests.parse_conditions(wire(if_match=text)).if_match == etags
    assert requests.parse_conditions(wire(if_none_match=text)).if_none_match == etags


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", None),
        (NOON_TEXT, NOON),
        ("Sat, 05 Dec 2015 11:10:29", NOON),
        ("Sat, 05 Dec 2015 13:10:29 +0200", NOON),
        ("yesterday", None),
        ("Sat, 99 Dec 2015 11:10:29 GMT", None),
        ("Sat, 05 Dec 99999999999999999999 11:10:29 GMT", None),
        ("Sat, 05 Dec 2015 11:10:29 +9999999", None),
        ("\xff" * 20, None),
    ],
)
def test_date_condition_is_a_moment_or_no_condition(text: str, moment: datetime | None) -> None:
    """A date that cannot be read is no condition, as HTTP has it; one without a zone is UTC."""
    conditions = requests.parse_conditions(wire(if_modified_since=text, if_unmodified_since=text))
    assert conditions.if_modified_since == moment
    assert conditions.if_unmodified_since == moment


def test_moment_has_a_zone_so_that_it_can_be_compared() -> None:
    """Every moment is aware, whatever its text left out."""
    for text in (NOON_TEXT, "Sat, 05 Dec 2015 11:10:29", "Sat, 05 Dec 2015 11:10:29 -0000"):
        moment = requests.parse_conditions(wire(if_modified_since=text)).if_modified_since
        assert moment is not None
        assert moment.utcoffset() == timedelta(0)


def test_conditions_of_a_copy_have_names_of_their_own() -> None:
    """`if-match` concerns the target's answer, `x-oss-copy-source-if-match` the source."""
    request = wire(if_match="a", x_oss_copy_source_if_match="b", x_oss_copy_source="/bucket/k")
    assert requests.parse_copy(request, ADDRESS).conditions == Conditions(if_match=("B",))


# --- reading ------------------------------------------------------------------------------------------------------


def test_read_without_options_asks_for_everything() -> None:
    """The plainest GetObject has no condition, no range and no override."""
    want = requests.parse_read(wire(), Query(), ADDRESS)
    assert (want.address, want.conditions, want.range, want.overrides) == (ADDRESS, Conditions(), None, {})


def test_every_documented_override_is_read() -> None:
    """The six `response-` parameters replace the stored headers; an empty one replaces nothing."""
    names = ("type", "language", "encoding", "disposition")
    query = "&".join([*(f"response-content-{name}=x-{name}" for name in names), "response-expires=e"])
    query += "&response-cache-control=no-cache"
    overrides = requests.parse_read(wire(), parse_query(query), ADDRESS).overrides
    assert overrides == {
        **{f"content-{name}": f"x-{name}" for name in names},
        "expires": "e",
        "cache-control": "no-cache",
    }
    assert not requests.parse_read(wire(), parse_query("response-expires=&response-cache-control"), ADDRESS).overrides


def test_override_goes_out_with_the_bytes_that_came_in() -> None:
    """A file name in Chinese is sent as the UTF-8 that the URL spelled, not as question marks."""
    query = parse_query("response-content-disposition=filename%3D%E4%BA%BA%FF")
    value = requests.parse_read(wire(), query, ADDRESS).overrides["content-disposition"]
    assert value.encode("latin-1") == b"filename=\xe4\xba\xba\xff"


def test_faces_ignore_a_range() -> None:
    """A computed answer has no parts: only address and conditions are read."""
    want = requests.parse_detect(wire(range="bytes=0-1", if_none_match="*"), ADDRESS)
    assert want == requests.DetectFaces(ADDRESS, Conditions(if_none_match=("*",)))


@pytest.mark.parametrize("key", ["k", "k" * 1023, "\u4eba" * 341, "/", "..", "a//b", " ", "\n", "a\\b"])
def test_key_that_oss_allows_is_taken(key: str) -> None:
    """A key is any UTF-8 text of 1 to 1,023 bytes."""
    assert requests.parse_detect(wire(), Address("bucket", key)).address.key == key


@pytest.mark.parametrize("key", ["", "k" * 1024, "\u4eba" * 342, "\\k", "\udcff"])
def test_key_that_oss_refuses_is_refused(key: str) -> None:
    """Empty, 1,024 bytes, a backslash first, or bytes that are no UTF-8: not a key, in any operation."""
    address = Address("bucket", key)
    calls: list[Callable[[], Any]] = [
        lambda: requests.parse_read(wire(), Query(), address),
        lambda: requests.parse_detect(wire(), address),
        lambda: requests.parse_write(wire(), address),
        lambda: requests.parse_copy(wire(x_oss_copy_source="/bucket/k"), address),
    ]
    for call in calls:
        with pytest.raises(InvalidObjectName):
            call()


# --- writing ------------------------------------------------------------------------------------------------------


def test_plain_put_has_the_defaults() -> None:
    """Without headers: octets, the bucket's ACL, unknown length, overwriting allowed."""
    want = requests.parse_write(wire("PUT"), ADDRESS)
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
    assert requests.parse_write(wire("PUT", content_encoding=encoding), ADDRESS).headers.standard == {}


@pytest.mark.parametrize("name", ["x_oss_symlink_target", "x_oss_callback"])
def test_put_that_means_more_than_a_put_is_refused(name: str) -> None:
    """A symlink or a callback that is silently not made would be a wrong success."""
    with pytest.raises(NotImplementedOnServer):
        requests.parse_write(wire("PUT", **{name: "x"}), ADDRESS)


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


# --- copying ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("/bucket/key", Address("bucket", "key")),
        ("bucket/key", Address("bucket", "key")),
        ("/bucket/a/b//c/", Address("bucket", "a/b//c/")),
        ("/bucket/a%2Fb", Address("bucket", "a/b")),
        ("/bucket%2Fkey", Address("bucket", "key")),
        ("/bucket/%E4%BA%BA%20%2B", Address("bucket", "\u4eba +")),
        ("/bucket/a+b", Address("bucket", "a+b")),
        ("/bucket/\u00e4\u00ba\u00ba", Address("bucket", "\u4eba")),
        ("/bucket/what%3F", Address("bucket", "what?")),
        ("/bucket/key?", Address("bucket", "key")),
        ("/bucket/key?versionId=", Address("bucket", "key")),
    ],
)
def test_copy_source_is_bucket_and_key(text: str, source: Address) -> None:
    """The source is decoded once, with or without a first slash, also where raw UTF-8 was sent."""
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


# --- deleting many ------------------------------------------------------------------------------------------------


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


# --- buckets and lists --------------------------------------------------------------------------------------------


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


# --- access control lists and encodings ---------------------------------------------------------------------------


@pytest.mark.parametrize("acl", list(Acl))
def test_object_acl_is_one_of_four(acl: Acl) -> None:
    """Every documented ACL can be given to an object; none given is the default or, where one is needed, an error."""
    assert requests.parse_acl(acl.value, Acl.DEFAULT) is acl
    assert requests.parse_object_acl(acl.value) is acl
    assert requests.parse_acl(None, Acl.PRIVATE) is Acl.PRIVATE
    with pytest.raises(MissingArgument):
        requests.parse_object_acl("")


@pytest.mark.parametrize("acl", [acl for acl in Acl if acl is not Acl.DEFAULT])
def test_bucket_acl_is_one_of_three(acl: Acl) -> None:
    """A bucket has no `default`."""
    assert requests.parse_bucket_acl(acl.value) is acl


@pytest.mark.parametrize("text", ["default", "Private", "public", "x" * 5000])
def test_unknown_bucket_acl_is_refused(text: str) -> None:
    """Other words are errors, and a long one is not repeated at length."""
    with pytest.raises(InvalidArgument) as caught:
        requests.parse_bucket_acl(text)
    assert len(caught.value.message) < 100


@pytest.mark.parametrize("text", [None, ""])
def test_bucket_acl_must_be_given(text: str | None) -> None:
    """PutBucketAcl without an ACL changes nothing and says so."""
    with pytest.raises(MissingArgument):
        requests.parse_bucket_acl(text)


@pytest.mark.parametrize(("text", "encode"), [(None, False), ("", False), ("url", True), ("URL", True)])
def test_encoding_type_is_url_or_none(text: str | None, encode: bool) -> None:
    """`url` is the only encoding there is."""
    assert requests.parse_encoding_type(text) is encode


def test_other_encoding_type_is_refused() -> None:
    """An encoding that is not known would give a listing that cannot be read."""
    with pytest.raises(InvalidArgument):
        requests.parse_encoding_type("base64")


# --- garbage ------------------------------------------------------------------------------------------------------

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
HEADER_NAMES = [
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-oss-copy-source",
    "x-oss-copy-source-if-modified-since",
    "x-oss-metadata-directive",
    "x-oss-object-acl",
    "x-oss-acl",
    "content-length",
    "content-md5",
    "content-type",
    "content-encoding",
    "encoding-type",
    "x-oss-meta-a",
    "x-oss-range-behavior",
]
DATES = st.datetimes(timezones=st.just(UTC)).map(lambda moment: f"Sat, {moment:%d %b %Y %H:%M:%S} +2500")
HEADERS = st.lists(st.tuples(st.sampled_from(HEADER_NAMES), LATIN | DATES | LATIN.map("/bucket/{}".format))).map(tuple)
PARAMETERS = [
    "prefix",
    "marker",
    "delimiter",
    "max-keys",
    "list-type",
    "start-after",
    "continuation-token",
    "encoding-type",
    "response-content-type",
]
VALUES = st.text(max_size=40) | st.integers().map(str) | st.sampled_from(["2", "url", "\udcff", "YQ=="])
QUERIES = st.lists(st.tuples(st.sampled_from(PARAMETERS), VALUES)).map(tuple).map(Query)


@given(HEADERS, QUERIES, st.binary(max_size=60), st.text(max_size=20))
def test_garbage_is_read_or_is_the_callers_fault(
    headers: tuple[tuple[str, str], ...], query: Query, body: bytes, key: str
) -> None:
    """Whatever comes, each parser gives a value or a RequestError, never another error."""
    request = WireRequest("PUT", "/", "", headers)
    address = Address("bucket", key)
    calls: list[Callable[[], Any]] = [
        lambda: requests.parse_read(request, query, address),
        lambda: requests.parse_detect(request, address),
        lambda: requests.parse_write(request, address),
        lambda: requests.parse_copy(request, address),
        lambda: requests.parse_delete_objects(request, query, "bucket", body),
        lambda: requests.parse_delete_objects(request, query, "bucket", b"<Delete>" + body + b"</Delete>"),
        lambda: requests.check_content_md5(request, body),
        lambda: requests.parse_put_bucket(request, "bucket", body),
        lambda: requests.parse_list_buckets(query),
        lambda: requests.parse_list_objects(query, "bucket").after,
        lambda: requests.parse_bucket_acl(request.header("x-oss-acl")),
        lambda: requests.parse_object_acl(request.header("x-oss-object-acl")),
    ]
    for call in calls:
        with contextlib.suppress(RequestError):
            call()
