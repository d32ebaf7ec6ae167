"""Picture operations over HTTP: who may, what is answered, what is told to the counters."""

import hashlib
import io
import json

import oss2
import pytest
from fastcrc import crc64
from oss2 import exceptions
from PIL import Image

from oss_faces.metering import MemoryUsageStore, UsageCounts
from oss_faces.metering.report import kind_of
from tests.unit.decoding import pictures
from tests.unit.http.in_process import PICTURE, InProcess

HOST = {"host": "127.0.0.1:9000"}
PNG = pictures.save(pictures.corners(), "PNG")
PNG_ETAG = hashlib.md5(PNG).hexdigest().upper()
SMALL = "image/resize,w_8"
SAVE = b"x-oss-process=image/resize,w_8|sys/saveas,o_c21hbGwucG5n"


@pytest.fixture
def photos(bucket: oss2.Bucket) -> oss2.Bucket:
    bucket.put_object("a.png", PNG)
    return bucket


def test_picture(photos: oss2.Bucket, session: InProcess) -> None:
    """The new picture with its own length, type and checksum, under the stored object's ETag; a range has no effect."""
    made = photos.get_object("a.png", process=f"{SMALL}/format,jpg", byte_range=(0, 3)).read()
    assert Image.open(io.BytesIO(made)).size == (8, 6)
    answer = session.last
    assert answer.status == 200
    assert answer.header("content-type") == "image/jpeg"
    assert answer.header("content-length") == str(len(made))
    assert answer.header("x-oss-hash-crc64ecma") == str(crc64.xz(made))
    assert answer.header("etag") == f'"{PNG_ETAG}"'
    assert answer.header("content-range") is None


def test_facts(photos: oss2.Bucket, session: InProcess) -> None:
    """JSON, with the checksum of the JSON."""
    body = photos.get_object("a.png", process="image/info").read()
    assert json.loads(body)["FileSize"] == {"value": str(len(PNG))}
    assert session.last.header("content-type") == "application/json"
    assert session.last.header("x-oss-hash-crc64ecma") == str(crc64.xz(body))


def test_head_describes_the_stored_object(photos: oss2.Bucket, session: InProcess) -> None:
    """With or without an operation that GET would carry out."""
    url = photos.sign_url("HEAD", "a.png", 60, params={"x-oss-process": SMALL}, slash_safe=True)
    answer = session.exchange("HEAD", url.removeprefix("http://127.0.0.1:9000"), HOST)
    assert (answer.status, answer.header("content-length")) == (200, str(len(PNG)))


def test_stranger_sees_public_pictures_but_not_their_faces(photos: oss2.Bucket, session: InProcess) -> None:
    """Edits follow the ACL; a chain that ends in faces is never anonymous."""
    assert session.exchange("GET", f"/photos/a.png?x-oss-process={SMALL}", HOST).status == 403
    photos.put_bucket_acl("public-read")
    for process, status in ((SMALL, 200), ("image/info", 200), (f"{SMALL}/faces", 403)):
        assert session.exchange("GET", f"/photos/a.png?x-oss-process={process}", HOST).status == status


def test_chain_before_faces(photos: oss2.Bucket, session: InProcess) -> None:
    """The chain's picture takes the place of the stored one: its decoder reads what that of faces does not know."""
    assert photos.get_object("a.png", process=f"{SMALL}/faces").read()
    with pytest.raises(exceptions.ServerError) as caught:
        photos.get_object("dir/photo.jpg", process=f"{SMALL}/faces")
    assert (caught.value.status, caught.value.code) == (400, "Imm Client")
    assert photos.get_object("dir/photo.jpg", process="image/faces").read()


def test_object_is_saved(photos: oss2.Bucket, session: InProcess) -> None:
    """The answer is JSON, and the object is there."""
    saved = photos.process_object("a.png", SAVE.decode().partition("=")[2])
    assert session.last.header("content-type") == "application/json"
    assert (saved.bucket, saved.object, saved.process_status) == ("photos", "small.png", "OK")
    assert len(photos.get_object("small.png").read()) == saved.fileSize


@pytest.mark.parametrize("acl", ["private", "public-read", "public-read-write"])
def test_stranger_saves_nothing(acl: str, photos: oss2.Bucket, session: InProcess) -> None:
    """Whatever the ACL, and before the body is looked at."""
    photos.put_bucket_acl(acl)
    for body in (SAVE, b"garbage"):
        answer = session.exchange(
            "POST", "/photos/a.png?x-oss-process", {**HOST, "content-length": str(len(body))}, body
        )
        assert answer.status == 403
    assert not photos.object_exists("small.png")


def test_body_of_saving_is_checked(photos: oss2.Bucket) -> None:
    """A Content-MD5 of another body, a body without an operation, and one that is too long are refused."""
    process = SAVE.decode().partition("=")[2]
    wrong_digest = {"Content-MD5": oss2.utils.content_md5(b"another")}
    for text, headers, code in (
        (process, wrong_digest, "InvalidDigest"),
        ("", None, "MissingArgument"),
        (process + " " * 20_000, None, "EntityTooLarge"),
    ):
        with pytest.raises(exceptions.ServerError) as caught:
            photos.process_object("a.png", text, headers)
        assert (caught.value.status, caught.value.code) == (400, code)
    right_digest = {"Content-MD5": oss2.utils.content_md5(SAVE)}
    assert photos.process_object("a.png", process, right_digest).process_status == "OK"


def test_counters_are_told_what_was_read(photos: oss2.Bucket, session: InProcess, usage: MemoryUsageStore) -> None:
    """The length of the source, no detection, and a request that reads or one that writes."""
    photos.get_object("a.png", process=SMALL).read()
    bytes_out = len(session.last.body)
    photos.process_object("a.png", SAVE.decode().partition("=")[2])
    counts = {key.operation: counted for key, counted in usage.rows()}
    assert counts["oss:GetProcessedObject"] == UsageCounts(1, bytes_out, len(PNG))
    assert counts["oss:ProcessObject"] == UsageCounts(1, len(session.last.body), len(PNG))
    assert kind_of("oss:GetProcessedObject") == "get_requests"
    assert kind_of("oss:ProcessObject") == "put_requests"


def test_operation_is_named_in_the_log_and_not_the_query(photos: oss2.Bucket, log) -> None:
    """A failed one with its code."""
    with pytest.raises(exceptions.ServerError):
        photos.get_object("dir/photo.jpg", process=SMALL)
    line = log[-1]
    assert (line["action"], line["status"], line["ec"]) == ("process_picture", 400, "0040-00000005")
    assert "resize" not in json.dumps(line, default=str)
    assert PICTURE.decode() not in json.dumps(line, default=str)
