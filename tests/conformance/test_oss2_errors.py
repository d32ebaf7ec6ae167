"""What goes wrong gives each client the code and the status of the real service."""

import http.client
import json

import oss2
import pytest

from tests.running import REGION


def failure(call) -> oss2.exceptions.ServerError:
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        call()
    return caught.value


def raw(server, method: str, target: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    connection.request(method, target, headers=headers or {})
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


def test_missing_object(bucket):
    """A key that does not exist is 404 NoSuchKey."""
    error = failure(lambda: bucket.get_object("nothing.jpg", process="image/faces"))
    assert (error.status, error.code) == (404, "NoSuchKey")
    assert error.request_id


def test_missing_bucket(server):
    """A bucket that does not exist is 404 NoSuchBucket."""
    error = failure(lambda: server.bucket("no-such-bucket").get_object("a.jpg", process="image/faces"))
    assert (error.status, error.code) == (404, "NoSuchBucket")


def test_wrong_secret(server, bucket):
    """A wrong secret is 403 SignatureDoesNotMatch, and shows what was signed."""
    auth = oss2.AuthV4(server.access_key_id, "wrong")
    other = oss2.Bucket(auth, server.endpoint, "examplebucket", region=REGION)
    error = failure(lambda: other.get_object("example.jpg", process="image/faces"))
    assert (error.status, error.code) == (403, "SignatureDoesNotMatch")
    assert error.details["StringToSign"].startswith("OSS4-HMAC-SHA256")


def test_unknown_key(server, bucket):
    """An unknown key id is 403 InvalidAccessKeyId."""
    auth = oss2.AuthV4("nobody", server.access_key_secret)
    other = oss2.Bucket(auth, server.endpoint, "examplebucket", region=REGION)
    error = failure(lambda: other.get_object("example.jpg", process="image/faces"))
    assert (error.status, error.code) == (403, "InvalidAccessKeyId")


def test_presigned_url_needs_no_sdk(server, bucket):
    """A presigned URL is all that curl needs."""
    url = bucket.sign_url("GET", "example.jpg", 60, params={"x-oss-process": "image/faces"})
    status, _, body = raw(server, "GET", url.removeprefix(server.endpoint))
    assert status == 200
    assert json.loads(body)["Figures"]


def test_expired_url(server, bucket):
    """A presigned URL that has ended is 403 AccessDenied."""
    v1 = oss2.Bucket(oss2.Auth(server.access_key_id, server.access_key_secret), server.endpoint, "examplebucket")
    url = v1.sign_url("GET", "example.jpg", -10, params={"x-oss-process": "image/faces"})
    status, _, body = raw(server, "GET", url.removeprefix(server.endpoint))
    assert status == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired.</Message>" in body


def test_anonymous_faces_are_refused_even_in_a_public_bucket(server, bucket):
    """No ACL opens image/faces to everyone, though it opens the picture."""
    public = server.bucket("publicbucket")
    public.create_bucket(oss2.BUCKET_ACL_PUBLIC_READ)
    public.put_object("example.jpg", bucket.get_object("example.jpg").read())
    status, _, _ = raw(server, "GET", "/publicbucket/example.jpg")
    assert status == 200
    status, headers, body = raw(server, "GET", "/publicbucket/example.jpg?x-oss-process=image/faces")
    assert status == 403
    assert headers["content-type"] == "application/xml"
    assert b"<Message>Anonymous access is forbidden for this operation.</Message>" in body


def test_text_is_not_a_picture(bucket):
    """A text file is 400 with a code that no SDK retries."""
    bucket.put_object("note.jpg", b"no picture at all")
    error = failure(lambda: bucket.get_object("note.jpg", process="image/faces"))
    assert (error.status, error.code) == (400, "Imm Client")
    assert error.headers["x-oss-ec"] == "0056-00000001"


def test_too_large_a_picture(bucket):
    """An object over the limit on bytes is refused as a picture without being read."""
    bucket.put_object("large.jpg", b"\xff\xd8\xff" + bytes(20 * 1024 * 1024))
    error = failure(lambda: bucket.get_object("large.jpg", process="image/faces"))
    assert (error.status, error.code) == (400, "ImageTooLarge")
    assert error.headers["x-oss-ec"] == "0056-00000002"


def test_head_error_carries_the_document_in_a_header(bucket):
    """HEAD has no body: the SDK finds the code in x-oss-err."""
    error = failure(lambda: bucket.head_object("nothing.jpg"))
    assert (error.status, error.code) == (404, "NoSuchKey")


@pytest.mark.parametrize("process", ["image/faces,x_1", "image/faces/resize,w_10", "image/nonsense", "video/snapshot"])
def test_other_operations_are_refused(bucket, process):
    """Only image/faces exists; nothing is silently ignored."""
    error = failure(lambda: bucket.get_object("example.jpg", process=process))
    assert error.status in (400, 501)
    assert error.code in ("InvalidArgument", "NotImplemented")
