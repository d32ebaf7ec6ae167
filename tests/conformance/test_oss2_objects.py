"""Objects and buckets through the official Python SDK, by both of its signatures."""

import hashlib
import io

import oss2
import pytest

from tests.running import REGION

AWKWARD_KEYS = ["a//b", "../x", "a b+c", "it's(1)&=?#%.jpg", "照片/ö 😀.jpg", "a/./b/../c", "x" * 1023]


@pytest.fixture(params=["V4", "V1"])
def photos(request, server) -> oss2.Bucket:
    """An empty bucket, reached with one of the two signatures."""
    kind = oss2.AuthV4 if request.param == "V4" else oss2.Auth
    auth = kind(server.access_key_id, server.access_key_secret)
    made = oss2.Bucket(auth, server.endpoint, f"photos-{request.param.lower()}", region=REGION)
    made.create_bucket()
    yield made
    for entry in oss2.ObjectIterator(made):
        made.delete_object(entry.key)
    made.delete_bucket()


@pytest.mark.parametrize("key", AWKWARD_KEYS)
def test_awkward_keys_come_back_as_they_were(photos, key):
    """A key is only a name: what looks like a path or an escape means nothing."""
    photos.put_object(key, key.encode())
    assert photos.get_object(key).read() == key.encode()
    assert key in [entry.key for entry in oss2.ObjectIterator(photos)]


def test_metadata_and_types_are_kept(photos):
    """Content type, user metadata and stored headers come back with GET and HEAD."""
    headers = {"Content-Type": "image/jpeg", "x-oss-meta-Camera": "box", "Cache-Control": "max-age=5"}
    photos.put_object("a", b"x", headers=headers)
    for result in (photos.head_object("a"), photos.get_object("a")):
        assert result.headers["content-type"] == "image/jpeg"
        assert result.headers["x-oss-meta-camera"] == "box"
        assert result.headers["cache-control"] == "max-age=5"
        assert result.headers["etag"] == f'"{hashlib.md5(b"x").hexdigest().upper()}"'


def test_put_returns_the_checksum_the_sdk_compares(photos):
    """The SDK compares CRC-64 and MD5 of an upload; a chunked one too."""
    content = bytes(range(256)) * 5000
    assert photos.put_object("whole", content).crc == photos.head_object("whole").server_crc
    pieces = oss2.SizedFileAdapter(io.BytesIO(content), len(content))
    photos.put_object("pieces", pieces)
    photos.put_object("chunked", (content[start : start + 1000] for start in range(0, len(content), 1000)))
    assert photos.get_object("pieces").read() == photos.get_object("chunked").read() == content


def test_content_md5_is_checked(photos):
    """A body that is not the announced one is refused, and nothing is stored."""
    wrong = oss2.utils.content_md5(b"other")
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        photos.put_object("a", b"content", headers={"Content-MD5": wrong})
    assert (caught.value.status, caught.value.code) == (400, "InvalidDigest")
    assert not photos.object_exists("a")


@pytest.mark.parametrize(
    ("wanted", "expected"), [((0, 3), b"0123"), ((7, None), b"789"), ((None, 3), b"789"), ((8, 99), b"89")]
)
def test_ranges(photos, wanted, expected):
    """A range gives 206 and exactly those bytes."""
    photos.put_object("digits", b"0123456789")
    result = photos.get_object("digits", byte_range=wanted)
    assert result.status == 206
    assert result.read() == expected
    assert result.headers["content-range"].endswith("/10")


def test_conditions(photos):
    """If-Match, If-None-Match and the dates are honoured as 412 and 304."""
    etag = photos.put_object("a", b"x").etag
    assert photos.get_object("a", headers={"If-Match": f'"{etag}"'}).read() == b"x"
    with pytest.raises(oss2.exceptions.NotModified) as caught:
        photos.get_object("a", headers={"If-None-Match": f'"{etag}"'})
    assert caught.value.headers["etag"] == f'"{etag}"'
    with pytest.raises(oss2.exceptions.PreconditionFailed):
        photos.get_object("a", headers={"If-Match": '"0"'})


def test_copy_and_delete(photos):
    """A copy has the source's content and type; deleting is 204 also for what is absent."""
    photos.put_object("ä b", b"x", headers={"Content-Type": "image/png"})
    copied = photos.copy_object(photos.bucket_name, "ä b", "copy")
    assert copied.etag == photos.head_object("copy").etag
    assert photos.head_object("copy").content_type == "image/png"
    assert photos.delete_object("copy").status == 204
    assert photos.delete_object("copy").status == 204
    assert photos.batch_delete_objects(["ä b", "nothing"]).deleted_keys == ["ä b", "nothing"]
    assert list(oss2.ObjectIterator(photos)) == []


def test_listing_pages_and_folders(photos):
    """Both versions of the listing page through keys and fold what lies behind a delimiter."""
    keys = [f"{folder}/{number}" for folder in "ab" for number in range(3)] + ["top"]
    for key in keys:
        photos.put_object(key, b"")
    assert [entry.key for entry in oss2.ObjectIterator(photos, max_keys=2)] == sorted(keys)
    assert [entry.key for entry in oss2.ObjectIteratorV2(photos, max_keys=2)] == sorted(keys)
    folded = list(oss2.ObjectIterator(photos, delimiter="/", max_keys=1))
    assert [(entry.key, entry.is_prefix()) for entry in folded] == [("a/", True), ("b/", True), ("top", False)]
    assert [entry.key for entry in oss2.ObjectIterator(photos, prefix="b/", marker="b/1")] == ["b/2"]


def test_acl_of_bucket_and_object(photos):
    """ACLs are kept, and an object's own goes before its bucket's."""
    photos.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    assert photos.get_bucket_acl().acl == "public-read"
    photos.put_object("a", b"x")
    assert photos.get_object_acl("a").acl == "default"
    anonymous = oss2.Bucket(oss2.AnonymousAuth(), photos.endpoint, photos.bucket_name)
    assert anonymous.get_object("a").read() == b"x"
    photos.put_object_acl("a", oss2.OBJECT_ACL_PRIVATE)
    with pytest.raises(oss2.exceptions.AccessDenied):
        anonymous.get_object("a")


def test_bucket_facts(photos, server):
    """A bucket is described and listed with everything the SDK reads; one with objects is not deleted."""
    info = photos.get_bucket_info()
    assert (info.name, info.location, info.acl.grant) == (photos.bucket_name, f"oss-{REGION}", "private")
    assert photos.get_bucket_location().location == f"oss-{REGION}"
    service = oss2.Service(server.auth(), server.endpoint, region=REGION)
    assert photos.bucket_name in [entry.name for entry in oss2.BucketIterator(service)]
    photos.put_object("a", b"")
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        photos.delete_bucket()
