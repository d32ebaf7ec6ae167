"""Everything that has a longest size: one less, exactly that, and one more."""

import oss2
import pytest

from oss_faces.protocol.encoding import PARAMETERS_MAX, QUERY_LENGTH_MAX
from oss_faces.protocol.process import PROCESS_LENGTH_MAX
from oss_faces.request import COMPLETE_BODY_BYTES_MAX, SAVE_BODY_BYTES_MAX
from oss_faces.request.writing import USER_METADATA_BYTES_MAX
from oss_faces.storage import MemoryStore
from oss_faces.values import KEY_BYTES_MAX
from tests.unit.http.in_process import ENDPOINT, KEY_ID, REGION, SECRET, InProcess

AROUND = [-1, 0, 1]


def ask(session: InProcess, query: str, key: str = "dir/photo.jpg") -> int:
    """Ask for an object with a query that is not signed for, anonymously; return the status."""
    return session.exchange("GET", f"/photos/{key}?{query}", {"host": "127.0.0.1"}).status


@pytest.fixture
def open_bucket(bucket: oss2.Bucket) -> oss2.Bucket:
    """A bucket that everybody may read, so that nothing but the size is in question."""
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    return bucket


@pytest.mark.parametrize("more", AROUND)
def test_length_of_a_query(open_bucket: oss2.Bucket, session: InProcess, more: int) -> None:
    """A query of the longest length is read, one character more is refused."""
    length = QUERY_LENGTH_MAX + more
    assert ask(session, "x=" + "a" * (length - 2)) == (400 if more > 0 else 200)


@pytest.mark.parametrize("more", AROUND)
def test_number_of_parameters(open_bucket: oss2.Bucket, session: InProcess, more: int) -> None:
    """As many parameters as are allowed are read, one more is refused."""
    names = "&".join(f"p{number}=1" for number in range(PARAMETERS_MAX + more))
    assert ask(session, names) == (400 if more > 0 else 200)


@pytest.mark.parametrize("more", AROUND)
def test_length_of_a_process_string(bucket: oss2.Bucket, more: int) -> None:
    """A process string of the longest length is read to its end, one character more is refused for its length."""
    start = "image/crop,x_1,"
    process = start + "a" * (PROCESS_LENGTH_MAX + more - len(start))
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        bucket.get_object("dir/photo.jpg", process=process)
    assert caught.value.status == 400
    assert ("too long" in caught.value.message) == (more > 0)


@pytest.mark.parametrize("more", AROUND)
def test_length_of_a_key(bucket: oss2.Bucket, more: int) -> None:
    """A key of 1,023 bytes is one, of 1,024 bytes it is none."""
    key = "k" * (KEY_BYTES_MAX + more)
    if more > 0:
        with pytest.raises(oss2.exceptions.ServerError) as caught:
            bucket.put_object(key, b"content")
        assert (caught.value.status, caught.value.code) == (400, "InvalidObjectName")
        return
    bucket.put_object(key, b"content")
    assert bucket.get_object(key).read() == b"content"


@pytest.mark.parametrize("more", AROUND)
def test_size_of_user_metadata(bucket: oss2.Bucket, more: int) -> None:
    """8 KiB of names and values are kept, one byte more is refused."""
    value = "v" * (USER_METADATA_BYTES_MAX + more - len("a"))
    if more > 0:
        with pytest.raises(oss2.exceptions.ServerError) as caught:
            bucket.put_object("meta", b"", headers={"x-oss-meta-a": value})
        assert caught.value.status == 400
        return
    bucket.put_object("meta", b"", headers={"x-oss-meta-a": value})
    assert bucket.head_object("meta").headers["x-oss-meta-a"] == value


@pytest.mark.parametrize(
    ("target", "limit"),
    [
        ("/photos/k?uploadId=A", COMPLETE_BODY_BYTES_MAX),
        ("/photos/dir/photo.jpg?x-oss-process", SAVE_BODY_BYTES_MAX),
    ],
)
@pytest.mark.parametrize("more", AROUND)
def test_size_of_a_body_that_is_read_whole(
    bucket: oss2.Bucket, session: InProcess, target: str, limit: int, more: int
) -> None:
    """A body of the largest size is read and judged by what it says, one byte more is refused for its size."""
    auth = oss2.AuthV4(KEY_ID, SECRET)
    path, _, query = target.partition("?")
    name, _, value = query.partition("=")
    url = oss2.Bucket(auth, ENDPOINT, "photos", region=REGION).sign_url(
        "POST", path.removeprefix("/photos/"), 60, params={name: value}
    )
    body = b" " * (limit + more)
    answered = session.exchange(
        "POST", url.removeprefix(ENDPOINT), {"host": "127.0.0.1", "content-length": str(len(body))}, body
    )
    assert answered.status == 400
    assert (b"EntityTooLarge" in answered.body) == (more > 0)


def test_sizes_leave_the_store_alone(bucket: oss2.Bucket, store: MemoryStore) -> None:
    """What was refused for its size was not stored."""
    with pytest.raises(oss2.exceptions.ServerError):
        bucket.put_object("k" * (KEY_BYTES_MAX + 1), b"content")
    assert [entry.key for entry in oss2.ObjectIterator(bucket)] == ["dir/photo.jpg"]
