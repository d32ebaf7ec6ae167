"""Every action, asked for by the official SDK and answered without a socket."""

import json
from collections.abc import Callable

import oss2
import pytest
from oss2 import exceptions
from oss2.credentials import StaticCredentialsProvider
from oss2.http import Request
from oss2.models import BatchDeleteObjectVersion, BatchDeleteObjectVersionList

from oss_faces.protocol import Action
from tests.unit.decoding import pictures
from tests.unit.http.in_process import (
    BODY_ID,
    ENDPOINT,
    HEADER_ID,
    KEY_ID,
    PICTURE,
    REGION,
    SECRET,
    TEMPORARY_ID,
    TEMPORARY_SECRET,
    TOKEN,
    InProcess,
)

ANALYSES = ("image/faces", "image/expressions")
SMALL_PNG = pictures.save(pictures.corners(), "PNG")
Connect = Callable[..., oss2.Bucket]


@pytest.fixture(
    params=[
        oss2.AuthV4(KEY_ID, SECRET),
        oss2.Auth(KEY_ID, SECRET),
        oss2.AuthV2(KEY_ID, SECRET),
        oss2.ProviderAuthV4(StaticCredentialsProvider(TEMPORARY_ID, TEMPORARY_SECRET, TOKEN)),
        oss2.StsAuth(TEMPORARY_ID, TEMPORARY_SECRET, TOKEN),
    ],
    ids=["V4", "V1", "V2", "V4-STS", "V1-STS"],
)
def auth(request: pytest.FixtureRequest) -> object:
    """Each way to sign that an SDK has by default."""
    return request.param


def test_every_action_of_an_sdk_is_answered(session: InProcess, connect: Connect, auth, log) -> None:
    """Each action of the wire is done once, under its own name, with each scheme, and none ends in an error."""
    photos = connect(auth=auth)
    photos.create_bucket()
    photos.put_bucket_acl("public-read")
    service = oss2.Service(auth, ENDPOINT, session=session, region=REGION)
    assert [found.name for found in service.list_buckets().buckets] == ["photos"]
    assert photos.get_bucket_info().acl.grant == photos.get_bucket_acl().acl == "public-read"
    assert photos.get_bucket_location().location == "oss-cn-hangzhou"
    assert photos.put_object("a", PICTURE).status == 200
    photos.put_object_acl("a", "private")
    assert photos.get_object_acl("a").acl == "private"
    photos.copy_object("photos", "a", "dir/b")
    assert photos.get_object("a").read() == PICTURE
    assert photos.head_object("a").content_length == photos.get_object_meta("a").content_length == len(PICTURE)
    assert [entry.key for entry in photos.list_objects(delimiter="/").object_list] == ["a"]
    assert photos.list_objects_v2(delimiter="/").prefix_list == ["dir/"]
    assert json.loads(photos.get_object("a", process="image/faces").read())["Figures"]
    assert json.loads(photos.get_object("a", process="image/expressions").read())["Figures"]
    write_in_pieces(photos)
    photos.put_object("c.png", SMALL_PNG)
    assert json.loads(photos.get_object("c.png", process="image/info").read())["ImageWidth"] == {"value": "64"}
    photos.process_object("c.png", "image/resize,w_8|sys/saveas,o_ZC5wbmc")
    assert photos.get_object("d.png").read() == photos.get_object("c.png", process="image/resize,w_8").read()
    photos.delete_object("a")
    keys = ["dir/b", "c", "c.png", "d.png", "absent"]
    assert photos.batch_delete_objects(keys).deleted_keys == keys
    photos.delete_bucket()
    done = [line for line in log if line["event"] == "request"]
    ours = {Action.GET_USAGE, Action.GET_SYSTEM}
    assert {line["action"] for line in done} == {action.name.lower() for action in set(Action) - ours}
    assert {line["status"] for line in done} == {200, 204}


def write_in_pieces(photos: oss2.Bucket) -> None:
    """Do each action of multipart uploads, and append; leave nothing behind."""
    assert photos.append_object("c", 0, b"123").next_position == 3
    upload_id = photos.init_multipart_upload("c").upload_id
    first = photos.upload_part("c", upload_id, 1, b"first")
    second = photos.upload_part_copy("photos", "c", (1, 2), "c", upload_id, 2)
    [listed] = photos.list_multipart_uploads().upload_list
    assert (listed.key, listed.upload_id) == ("c", upload_id)
    parts = photos.list_parts("c", upload_id).parts
    assert [(part.etag, part.size) for part in parts] == [(first.etag, 5), (second.etag, 2)]
    photos.complete_multipart_upload("c", upload_id, parts)
    assert photos.get_object("c").read() == b"first23"
    photos.abort_multipart_upload("c", photos.init_multipart_upload("c").upload_id)


# --- image/faces --------------------------------------------------------------------------------------------------


def test_faces_answer_has_the_headers_of_the_product_page(bucket: oss2.Bucket, session: InProcess) -> None:
    """Status, every header of the sample answer, and the JSON; the checksum is that of the JSON."""
    etag = bucket.head_object("dir/photo.jpg").etag
    bucket.get_object("dir/photo.jpg", process="image/faces")
    body, headers = session.last.body, dict(session.last.headers)
    assert headers.pop("x-oss-server-time").isdigit()
    assert headers == {
        "server": "AliyunOSS",
        "connection": "keep-alive",
        "content-type": "application/json;charset=utf-8",
        "content-length": str(len(body)),
        "x-oss-request-id": HEADER_ID,
        "x-oss-transfer-acc-type": "acc-none",
        "x-oss-data-location": "oss-cn-hangzhou-a",
        "etag": f'"{etag}"',
        "last-modified": "Sat, 05 Dec 2015 11:10:29 GMT",
        "x-oss-object-type": "Normal",
        "x-oss-hash-crc64ecma": str(crc_of(body)),
        "x-oss-storage-class": "Standard",
    }
    document = json.loads(body)
    assert document["RequestId"] == BODY_ID
    [figure] = document["Figures"]
    assert figure["Boundary"] == {"Left": 10, "Top": 20, "Width": 50, "Height": 60}
    assert (figure["Gender"], figure["GenderConfidence"]) == ("female", 0.875)


def crc_of(content: bytes) -> int:
    checksum = oss2.utils.Crc64()
    checksum.update(content)
    return checksum.crc


def test_faces_can_be_downloaded_to_a_file(bucket: oss2.Bucket, tmp_path) -> None:
    """The SDK compares the checksum of the answer with what it wrote."""
    bucket.get_object_to_file("dir/photo.jpg", str(tmp_path / "faces.json"), process="image/faces")
    assert json.loads((tmp_path / "faces.json").read_text())["RequestId"] == BODY_ID


@pytest.mark.parametrize("process", ANALYSES)
def test_analyses_ignore_a_range(bucket: oss2.Bucket, process: str) -> None:
    """A computed answer is always the whole answer."""
    result = bucket.get_object("dir/photo.jpg", byte_range=(0, 3), process=process)
    assert result.status == 200
    assert json.loads(result.read())["Figures"]


@pytest.mark.parametrize("process", ANALYSES)
def test_analyses_by_presigned_url(bucket: oss2.Bucket, session: InProcess, process: str) -> None:
    """A URL that was signed for an analysis is all that is needed."""
    url = bucket.sign_url("GET", "dir/photo.jpg", 60, params={"x-oss-process": process}, slash_safe=True)
    answered = session.exchange("GET", url.removeprefix(ENDPOINT), {"host": "127.0.0.1:9000"})
    assert answered.status == 200
    assert json.loads(answered.body)["Figures"]


@pytest.mark.parametrize("process", ANALYSES)
def test_analysis_of_something_else_is_the_clients_error(bucket: oss2.Bucket, process: str) -> None:
    """What is no picture is `Imm Client`, which no SDK tries again."""
    bucket.put_object("text", b"not a picture")
    with pytest.raises(exceptions.ServerError) as caught:
        bucket.get_object("text", process=process)
    assert (caught.value.status, caught.value.code) == (400, "Imm Client")


@pytest.mark.parametrize("process", ANALYSES)
def test_analyses_are_not_for_strangers(bucket: oss2.Bucket, session: InProcess, process: str) -> None:
    """Public-read opens the picture, not its faces."""
    bucket.put_bucket_acl("public-read")
    target, host = "/photos/dir/photo.jpg", {"host": "127.0.0.1:9000"}
    assert session.exchange("GET", target, host).body == PICTURE
    refused = session.exchange("GET", f"{target}?x-oss-process={process}", host)
    assert refused.status == 403
    assert b"<Code>AccessDenied</Code><Message>Anonymous access is forbidden for this operation.</Message>" in (
        refused.body
    )
    assert refused.header("x-oss-ec") == "0003-00000905"


def test_expressions_have_the_headers_of_faces_and_fields_of_their_own(bucket: oss2.Bucket, session: InProcess) -> None:
    """Only the JSON differs, and with it length and checksum."""
    bucket.get_object("dir/photo.jpg", process="image/faces")
    of_faces = dict(session.last.headers)
    bucket.get_object("dir/photo.jpg", process="image/expressions")
    body, of_expressions = session.last.body, dict(session.last.headers)
    assert of_expressions["x-oss-hash-crc64ecma"] == str(crc_of(body))
    computed = {"content-length", "x-oss-hash-crc64ecma", "x-oss-server-time"}
    assert {name for name in of_faces if of_faces[name] != of_expressions[name]} <= computed
    document = json.loads(body)
    assert document["RequestId"] == BODY_ID
    assert set(document["Figures"][0]) == {"FigureId", "FigureConfidence", "Boundary", "Landmarks"}


# --- objects ------------------------------------------------------------------------------------------------------


def test_object_comes_back_with_its_headers(bucket: oss2.Bucket, session: InProcess) -> None:
    """GET and HEAD tell the same about an object; HEAD has no body."""
    bucket.get_object("dir/photo.jpg")
    got = dict(session.last.headers)
    assert got.pop("x-oss-server-time").isdigit()
    assert (got["content-type"], got["x-oss-meta-owner"], got["accept-ranges"]) == ("image/jpeg", "me", "bytes")
    assert session.last.body == PICTURE
    bucket.head_object("dir/photo.jpg")
    headed = dict(session.last.headers)
    headed.pop("x-oss-server-time")
    assert headed == got
    assert session.last.body == b""


def test_range_is_a_206(bucket: oss2.Bucket, session: InProcess) -> None:
    """A part says which part of how much it is."""
    assert bucket.get_object("dir/photo.jpg", byte_range=(2, 4)).read() == PICTURE[2:5]
    assert session.last.status == 206
    assert session.last.header("content-range") == "bytes 2-4/9"
    assert session.last.header("content-length") == "3"
    assert bucket.get_object("dir/photo.jpg", byte_range=(None, 3)).read() == PICTURE[-3:]
    assert session.last.header("content-range") == "bytes 6-8/9"


def test_range_behind_the_end_is_everything_or_a_416(bucket: oss2.Bucket, session: InProcess) -> None:
    """OSS sends the whole object unless the caller asked for strictness."""
    assert bucket.get_object("dir/photo.jpg", byte_range=(99, 100)).read() == PICTURE
    assert session.last.status == 200
    with pytest.raises(exceptions.ServerError) as caught:
        bucket.get_object("dir/photo.jpg", byte_range=(99, 100), headers={"x-oss-range-behavior": "standard"})
    assert (caught.value.status, caught.value.code) == (416, "InvalidRange")


def test_override_reaches_the_wire_in_utf_8(bucket: oss2.Bucket, session: InProcess) -> None:
    """The name under which a browser saves the file is the one that the URL spells; a line break never is."""
    disposition = 'attachment; filename="\u4eba.jpg"\r\nx-evil: \x00\x07'
    bucket.get_object("dir/photo.jpg", params={"response-content-disposition": disposition})
    value = session.last.header("content-disposition")
    assert value is not None
    assert value.encode("latin-1") == b'attachment; filename="\xe4\xba\xba.jpg"  x-evil:   '
    assert session.last.header("x-evil") is None


def test_condition_gives_a_304_without_a_body(bucket: oss2.Bucket, session: InProcess) -> None:
    """Nothing is sent to who has it already, for the object and for its faces."""
    etag = bucket.head_object("dir/photo.jpg").etag
    for process in (None, *ANALYSES):
        with pytest.raises(exceptions.NotModified):
            bucket.get_object("dir/photo.jpg", headers={"if-none-match": etag}, process=process)
        assert (session.last.status, session.last.body) == (304, b"")
        assert session.last.header("content-length") is None
        assert session.last.header("content-type") is None
        assert session.last.header("x-oss-request-id") == HEADER_ID


def test_failed_condition_gives_a_412(bucket: oss2.Bucket) -> None:
    """Another version is not sent to who wanted a certain one."""
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.get_object("dir/photo.jpg", headers={"if-match": '"OTHER"'})


def test_deleting_is_a_204_without_a_body(bucket: oss2.Bucket, session: InProcess) -> None:
    """One SDK takes nothing else, also for a key that is not there."""
    for _ in range(2):
        bucket.delete_object("dir/photo.jpg")
        assert (session.last.status, session.last.body) == (204, b"")
        assert session.last.header("content-length") is None


def test_deleting_versions_is_refused(bucket: oss2.Bucket) -> None:
    """There are no versions, and the current object stays."""
    versions = BatchDeleteObjectVersionList([BatchDeleteObjectVersion("dir/photo.jpg", "CAEQ")])
    with pytest.raises(exceptions.ServerError) as caught:
        bucket.delete_object_versions(versions)
    assert caught.value.status == 501
    assert bucket.object_exists("dir/photo.jpg")


def test_awkward_keys_are_deleted_and_told(bucket: oss2.Bucket) -> None:
    """What the SDK asks to be encoded comes back encoded, so that every key survives."""
    keys = ["a b+c%2F", "\u4eba", "<&>", " ", "../x//y"]
    for key in keys:
        bucket.put_object(key, b"x")
    listed = {entry.key for entry in bucket.list_objects().object_list}
    assert set(keys) < listed
    assert bucket.batch_delete_objects(keys).deleted_keys == keys
    assert [entry.key for entry in bucket.list_objects().object_list] == ["dir/photo.jpg"]


def test_quiet_delete_has_no_document(bucket: oss2.Bucket, session: InProcess) -> None:
    """Who asked for silence gets an empty 200; a digest is part of what is signed."""
    body = b"<Delete><Quiet>true</Quiet><Object><Key>dir/photo.jpg</Key></Object></Delete>"
    request = Request("POST", f"{ENDPOINT}/photos/", params={"delete": ""}, region=REGION, product="oss")
    url = oss2.AuthV4(KEY_ID, SECRET)._sign_url(request, "photos", "", 60)
    headers = {"host": "127.0.0.1:9000", "content-length": str(len(body))}
    target = url.removeprefix(ENDPOINT)
    other_digest = {"content-md5": oss2.utils.content_md5(b"other")}
    assert b"<Code>SignatureDoesNotMatch" in session.exchange("POST", target, headers | other_digest, body).body
    answered = session.exchange("POST", target, headers, body)
    assert (answered.status, answered.body) == (200, b"")
    assert not bucket.object_exists("dir/photo.jpg")


def test_listing_goes_on_page_by_page(bucket: oss2.Bucket) -> None:
    """Both versions walk through all keys with pages of one."""
    for key in ("a", "b", "c/d", "c/e"):
        bucket.put_object(key, b"x")
    for iterator in (oss2.ObjectIterator, oss2.ObjectIteratorV2):
        walked = [entry.key for entry in iterator(bucket, delimiter="/", max_keys=1)]
        assert walked == ["a", "b", "c/", "dir/"]


def test_copy_keeps_and_replaces_metadata(bucket: oss2.Bucket) -> None:
    """The SDK's own way to change the headers of an object."""
    bucket.copy_object("photos", "dir/photo.jpg", "copy")
    assert bucket.head_object("copy").headers["x-oss-meta-owner"] == "me"
    bucket.update_object_meta("copy", {"x-oss-meta-owner": "you", "Content-Type": "image/png"})
    changed = bucket.head_object("copy")
    assert (changed.headers["x-oss-meta-owner"], changed.content_type) == ("you", "image/png")
    assert bucket.get_object("copy").read() == PICTURE


def test_wrong_digest_stores_nothing(bucket: oss2.Bucket) -> None:
    """A body that was changed on its way is not kept."""
    with pytest.raises(exceptions.ServerError) as caught:
        bucket.put_object("broken", b"body", headers={"Content-MD5": oss2.utils.content_md5(b"other")})
    assert (caught.value.status, caught.value.code) == (400, "InvalidDigest")
    assert not bucket.object_exists("broken")


# --- buckets ------------------------------------------------------------------------------------------------------


def test_bucket_that_is_not_empty_stays(bucket: oss2.Bucket) -> None:
    """The documented refusal."""
    with pytest.raises(exceptions.BucketNotEmpty):
        bucket.delete_bucket()


def test_bucket_exists_or_not(connect: Connect, bucket: oss2.Bucket) -> None:
    """The SDK's question about a bucket."""
    assert connect("photos").get_bucket_info().name == bucket.bucket_name
    with pytest.raises(exceptions.NoSuchBucket):
        connect("absent").get_bucket_info()


def test_too_many_buckets_are_refused(connect: Connect) -> None:
    """The store's limit reaches the caller as its documented error."""
    for number in range(3):
        connect(f"bucket-{number}").create_bucket()
    with pytest.raises(exceptions.ServerError) as caught:
        connect("bucket-3").create_bucket()
    assert caught.value.code == "TooManyBuckets"


def test_list_of_buckets_goes_on_page_by_page(connect: Connect, session: InProcess) -> None:
    """With pages of one every bucket is still found."""
    for number in range(3):
        connect(f"bucket-{number}").create_bucket()
    service = oss2.Service(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, session=session, region=REGION)
    assert [found.name for found in oss2.BucketIterator(service, max_keys=1)] == [f"bucket-{n}" for n in range(3)]
