"""Multipart uploads and appending, asked for by the official SDK and answered without a socket."""

from collections.abc import Callable

import oss2
import pytest
from defusedxml import ElementTree
from oss2 import exceptions
from oss2.models import PartInfo

from oss_faces.storage import MemoryStore
from tests.unit.http.in_process import InProcess

Connect = Callable[..., oss2.Bucket]


def crc_of(content: bytes) -> int:
    checksum = oss2.utils.Crc64()
    checksum.update(content)
    return checksum.crc


def begin(bucket: oss2.Bucket, key: str = "a", headers: dict[str, str] | None = None) -> str:
    upload_id: str = bucket.init_multipart_upload(key, headers=headers).upload_id
    return upload_id


def put_parts(bucket: oss2.Bucket, upload_id: str, *contents: bytes, key: str = "a") -> list[PartInfo]:
    results = [bucket.upload_part(key, upload_id, number, content) for number, content in enumerate(contents, 1)]
    return [
        PartInfo(number, result.etag, size=len(content), part_crc=result.crc)
        for number, (result, content) in enumerate(zip(results, contents, strict=True), 1)
    ]


def test_headers_of_the_beginning_are_those_of_the_object(bucket: oss2.Bucket) -> None:
    """Type, metadata, cache headers and ACL given at the beginning come back from the finished object."""
    given = {
        "Content-Type": "image/png",
        "Cache-Control": "no-cache",
        "x-oss-meta-owner": "me",
        "x-oss-object-acl": "public-read",
    }
    upload_id = begin(bucket, headers=given)
    result = bucket.complete_multipart_upload("a", upload_id, put_parts(bucket, upload_id, b"first", b"second"))
    head = bucket.head_object("a")
    assert (head.content_type, head.headers["cache-control"]) == ("image/png", "no-cache")
    assert head.headers["x-oss-meta-owner"] == "me"
    assert head.object_type == "Multipart"
    assert result.etag == head.etag
    assert head.etag.endswith("-2")
    assert result.crc == head.server_crc == crc_of(b"firstsecond")
    assert bucket.get_object_acl("a").acl == "public-read"
    [listed] = [entry for entry in bucket.list_objects().object_list if entry.key == "a"]
    assert (listed.type, listed.etag) == ("Multipart", head.etag)


def test_completion_answers_with_a_location(bucket: oss2.Bucket, session: InProcess) -> None:
    """The document names bucket, key, ETag and the address at which the object is."""
    upload_id = begin(bucket, "dir/ä b")
    bucket.complete_multipart_upload("dir/ä b", upload_id, put_parts(bucket, upload_id, b"a", key="dir/ä b"))
    root = ElementTree.fromstring(session.last.body)
    assert root.tag == "CompleteMultipartUploadResult"
    assert root.findtext("Location") == "http://127.0.0.1:9000/photos/dir/%C3%A4%20b"
    assert (root.findtext("Bucket"), root.findtext("Key")) == ("photos", "dir/ä b")
    assert root.findtext("ETag") == bucket.head_object("dir/ä b").headers["etag"]


def test_all_parts_can_be_taken_without_a_list(bucket: oss2.Bucket) -> None:
    """`x-oss-complete-all: yes` makes the object of all parts that are there."""
    upload_id = begin(bucket)
    put_parts(bucket, upload_id, b"first", b"second")
    bucket.complete_multipart_upload("a", upload_id, None, headers={"x-oss-complete-all": "yes"})
    assert bucket.get_object("a").read() == b"firstsecond"


def test_an_acl_can_be_given_at_the_end(bucket: oss2.Bucket) -> None:
    """The ACL of the completion goes before that of the beginning."""
    upload_id = begin(bucket, headers={"x-oss-object-acl": "public-read"})
    parts = put_parts(bucket, upload_id, b"a")
    bucket.complete_multipart_upload("a", upload_id, parts, headers={"x-oss-object-acl": "private"})
    assert bucket.get_object_acl("a").acl == "private"


@pytest.mark.parametrize("number", [0, 10_001, -1, "x", ""])
def test_part_numbers_have_bounds(bucket: oss2.Bucket, number: object) -> None:
    """A part number is a number from 1 to 10,000."""
    with pytest.raises(exceptions.InvalidArgument) as caught:
        bucket.upload_part("a", begin(bucket), number, b"a")
    assert caught.value.details["EC"] == "0017-00000220"
    assert caught.value.details["ArgumentName"] == "PartNumber"


def test_errors_of_the_parts(bucket: oss2.Bucket) -> None:
    """Order, existence and size of the chosen parts are judged with the documented codes."""
    upload_id = begin(bucket)
    parts = put_parts(bucket, upload_id, b"tiny", b"second")
    with pytest.raises(exceptions.ServerError) as caught:
        bucket.complete_multipart_upload("a", upload_id, [PartInfo(1, "0" * 32), parts[1]])
    assert (caught.value.status, caught.value.code) == (400, "InvalidPart")
    with pytest.raises(exceptions.ServerError) as caught:
        bucket.complete_multipart_upload("a", upload_id, parts)
    assert (caught.value.status, caught.value.code) == (400, "EntityTooSmall")
    body = oss2.xml_utils.to_complete_upload_request(parts[::-1])
    with pytest.raises(exceptions.ServerError) as caught:
        bucket._do("POST", "photos", "a", params={"uploadId": upload_id}, data=body)
    assert (caught.value.status, caught.value.code) == (400, "InvalidPartOrder")


def test_an_unknown_upload_is_the_sdks_own_exception(bucket: oss2.Bucket) -> None:
    """Every action on an upload that is not there is 404 NoSuchUpload."""
    upload_id = begin(bucket)
    bucket.abort_multipart_upload("a", upload_id)
    for call in (
        lambda: bucket.upload_part("a", upload_id, 1, b"a"),
        lambda: bucket.upload_part_copy("photos", "dir/photo.jpg", None, "a", upload_id, 1),
        lambda: bucket.complete_multipart_upload("a", upload_id, [PartInfo(1, "0" * 32)]),
        lambda: bucket.abort_multipart_upload("a", upload_id),
        lambda: bucket.list_parts("a", upload_id),
    ):
        with pytest.raises(exceptions.NoSuchUpload) as caught:
            call()
        assert caught.value.status == 404


def test_a_part_is_checked_like_an_object(bucket: oss2.Bucket) -> None:
    """Content-MD5 of a part is compared with its bytes."""
    upload_id = begin(bucket)
    with pytest.raises(exceptions.ServerError) as caught:
        bucket.upload_part("a", upload_id, 1, b"a", headers={"Content-MD5": oss2.utils.content_md5(b"b")})
    assert (caught.value.status, caught.value.code) == (400, "InvalidDigest")
    assert bucket.list_parts("a", upload_id).parts == []


def test_a_copied_part_keeps_conditions_and_ranges(bucket: oss2.Bucket) -> None:
    """A part is copied whole or by range; a condition that does not hold and a range outside refuse it."""
    bucket.put_object("source", b"0123456789")
    upload_id = begin(bucket)
    whole = bucket.upload_part_copy("photos", "source", None, "a", upload_id, 1)
    bucket.upload_part_copy("photos", "source", (2, 4), "a", upload_id, 2)
    bucket.complete_multipart_upload("a", upload_id, bucket.list_parts("a", upload_id).parts)
    assert bucket.get_object("a").read() == b"0123456789234"
    assert whole.etag == bucket.head_object("source").etag
    upload_id = begin(bucket)
    headers = {"x-oss-copy-source-if-match": '"0"'}
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.upload_part_copy("photos", "source", None, "a", upload_id, 1, headers=headers)
    with pytest.raises(exceptions.InvalidArgument):
        bucket.upload_part_copy("photos", "source", (5, 10), "a", upload_id, 1)
    with pytest.raises(exceptions.NoSuchKey):
        bucket.upload_part_copy("photos", "nothing", None, "a", upload_id, 1)


def test_uploads_and_parts_are_listed_page_by_page(bucket: oss2.Bucket) -> None:
    """The SDK's iterators walk through uploads, of one key and of many, and through parts."""
    started = sorted((key, begin(bucket, key)) for key in ("x", "dir/ä", "x", "dir/z"))
    found = [(entry.key, entry.upload_id) for entry in oss2.MultipartUploadIterator(bucket, max_uploads=1)]
    assert found == started
    folded = bucket.list_multipart_uploads(delimiter="/")
    assert ([entry.key for entry in folded.upload_list], folded.prefix_list) == (["x", "x"], ["dir/"])
    assert [entry.upload_id for entry in oss2.ObjectUploadIterator(bucket, "x", max_uploads=1)] == [
        upload_id for key, upload_id in started if key == "x"
    ]
    key, upload_id = started[0]
    put_parts(bucket, upload_id, b"a", b"b", b"c", key=key)
    assert [part.part_number for part in oss2.PartIterator(bucket, key, upload_id, max_parts=2)] == [1, 2, 3]


def test_a_bucket_with_an_upload_is_not_deleted(bucket: oss2.Bucket, connect: Connect) -> None:
    """DeleteBucket answers 409 BucketNotEmpty while an upload is under way."""
    other = connect("other")
    other.create_bucket()
    upload_id = begin(other)
    with pytest.raises(exceptions.BucketNotEmpty):
        other.delete_bucket()
    other.abort_multipart_upload("a", upload_id)
    other.delete_bucket()


@pytest.mark.parametrize("header", ["x-oss-tagging", "x-oss-server-side-encryption", "x-oss-callback"])
def test_what_is_not_fulfilled_is_refused_at_the_beginning(bucket: oss2.Bucket, header: str) -> None:
    """An upload, or an append, that asks for what is not done here is refused before anything is stored."""
    for call in (
        lambda: begin(bucket, headers={header: "x"}),
        lambda: bucket.append_object("log", 0, b"a", headers={header: "x"}),
    ):
        with pytest.raises(exceptions.ServerError) as caught:
            call()
        assert (caught.value.status, caught.value.code) == (501, "NotImplemented")


def test_overwriting_can_be_forbidden(bucket: oss2.Bucket) -> None:
    """`x-oss-forbid-overwrite` is kept at the beginning and at the end of an upload."""
    forbid = {"x-oss-forbid-overwrite": "true"}
    upload_id = begin(bucket, headers=forbid)
    parts = put_parts(bucket, upload_id, b"new")
    bucket.put_object("a", b"old")
    for call in (
        lambda: begin(bucket, headers=forbid),
        lambda: bucket.complete_multipart_upload("a", upload_id, parts, headers=forbid),
    ):
        with pytest.raises(exceptions.ServerError) as caught:
            call()
        assert (caught.value.status, caught.value.code) == (409, "FileAlreadyExists")
    assert bucket.get_object("a").read() == b"old"


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({}, b"", "MalformedXML"),
        ({}, b"<CompleteMultipartUpload/>", "MalformedXML"),
        ({}, b"<Other><Part><PartNumber>1</PartNumber><ETag>0</ETag></Part></Other>", "MalformedXML"),
        (
            {},
            b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
            "MalformedXML",
        ),
        (
            {},
            b"<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>0</ETag></Part></CompleteMultipartUpload>",
            "MalformedXML",
        ),
        ({"x-oss-complete-all": "no"}, b"", "InvalidArgument"),
        ({"x-oss-complete-all": "yes"}, b"<CompleteMultipartUpload/>", "InvalidArgument"),
        ({"x-oss-complete-all": "yes"}, b"", "InvalidPart"),
    ],
)
def test_bodies_of_the_completion(bucket: oss2.Bucket, headers: dict[str, str], body: bytes, code: str) -> None:
    """A list of parts that is none is refused, and so is one beside `x-oss-complete-all`."""
    with pytest.raises(exceptions.ServerError) as caught:
        bucket._do("POST", "photos", "a", params={"uploadId": begin(bucket)}, data=body, headers=headers)
    assert (caught.value.status, caught.value.code) == (400, code)


# --- AppendObject -------------------------------------------------------------------------------------------------


def test_pieces_are_appended(bucket: oss2.Bucket) -> None:
    """Position, checksum, type and metadata follow each piece; the SDK compares the checksum of all of them."""
    headers = {"Content-Type": "text/plain", "x-oss-meta-owner": "me"}
    first = bucket.append_object("log", 0, b"first", headers=headers, init_crc=0)
    second = bucket.append_object("log", first.next_position, b"second", init_crc=first.crc)
    assert (first.next_position, second.next_position) == (5, 11)
    assert second.crc == crc_of(b"firstsecond")
    head = bucket.head_object("log")
    assert (head.object_type, head.content_type) == ("Appendable", "text/plain")
    assert head.headers["x-oss-next-append-position"] == "11"
    assert head.headers["x-oss-meta-owner"] == "me"
    assert bucket.get_object("log").read() == b"firstsecond"
    [listed] = [entry for entry in bucket.list_objects().object_list if entry.key == "log"]
    assert (listed.type, listed.size) == ("Appendable", 11)


def test_a_wrong_position_tells_the_right_one(bucket: oss2.Bucket) -> None:
    """409 PositionNotEqualToLength carries the position that would be right."""
    bucket.append_object("log", 0, b"first")
    with pytest.raises(exceptions.PositionNotEqualToLength) as caught:
        bucket.append_object("log", 3, b"second")
    assert (caught.value.status, caught.value.next_position) == (409, 5)


def test_only_appendable_objects_are_appended_to(bucket: oss2.Bucket) -> None:
    """409 ObjectNotAppendable for an object that was put."""
    with pytest.raises(exceptions.ObjectNotAppendable) as caught:
        bucket.append_object("dir/photo.jpg", 0, b"a")
    assert caught.value.status == 409


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"append": ""}, "MissingArgument"),
        ({"append": "", "position": ""}, "MissingArgument"),
        ({"append": "", "position": "-1"}, "InvalidArgument"),
        ({"append": "", "position": "x"}, "InvalidArgument"),
        ({"append": "", "position": "1" * 19}, "InvalidArgument"),
    ],
)
def test_positions_are_numbers(bucket: oss2.Bucket, store: MemoryStore, params: dict[str, str], code: str) -> None:
    """A position that is missing or no number is refused."""
    with pytest.raises(exceptions.ServerError) as caught:
        bucket._do("POST", "photos", "log", params=params, data=b"a")
    assert (caught.value.status, caught.value.code) == (400, code)


# --- who may ------------------------------------------------------------------------------------------------------


def test_strangers_write_pieces_only_where_everyone_may(bucket: oss2.Bucket, connect: Connect) -> None:
    """Anonymous callers may write pieces into a public-read-write bucket, and neither abort nor list uploads."""
    stranger = connect(auth=oss2.AnonymousAuth())
    upload_id = begin(bucket)
    writing = [
        lambda: stranger.append_object("log", 0, b"a"),
        lambda: begin(stranger),
        lambda: stranger.upload_part("a", upload_id, 1, b"a"),
        lambda: stranger.complete_multipart_upload("a", upload_id, None, headers={"x-oss-complete-all": "yes"}),
    ]
    never = [
        lambda: stranger.abort_multipart_upload("a", upload_id),
        lambda: stranger.list_parts("a", upload_id),
        stranger.list_multipart_uploads,
    ]
    for call in (*writing, *never):
        with pytest.raises(exceptions.AccessDenied):
            call()
    bucket.put_bucket_acl("public-read-write")
    for call in never:
        with pytest.raises(exceptions.AccessDenied):
            call()
    for call in writing:
        call()
    assert bucket.get_object("a").read() == b"a"
