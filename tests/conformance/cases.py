"""The cases of the conformance run, written once for all clients. Each is a function; its docstring is the claim."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conformance.driver import Connect, Driver, Failure
from tests.conformance.outcomes import expected, not_modified_failure
from tests.conformance.toolchains import Client
from tests.conformance.world import BUCKET, World

FACES: Final = "image/faces"
AWKWARD_KEYS: Final = ("a b+c", "it's(1)&=?#%.jpg", "照片/ö 😀.jpg", "a//b", "100%25/%2F", "-_.~!*", "k" * 1000)
# What a client does by itself and not by the server, each with the reason: the case then expects the other outcome.
CORRECTS_ITS_CLOCK: Final = frozenset({"go-v2"})


@dataclass(frozen=True)
class Bench:
    """One client at work for one case."""

    client: Client
    driver: Driver
    world: World
    folder: Path

    @property
    def connect(self) -> Connect:
        return self.world.connect

    def key(self, name: str) -> str:
        """Name an object of this client's own."""
        return f"{self.client.name}/{name}"

    def ask(self, op: str, connect: Connect | None = None, **arguments: Any) -> dict[str, Any]:
        """Let the client do one thing, in the common bucket if nothing else is said."""
        return self.driver.ask(op, connect or self.connect, **{"bucket": BUCKET} | arguments)

    def put(self, key: str, body: bytes, connect: Connect | None = None, **arguments: Any) -> dict[str, Any]:
        """Store bytes."""
        return self.ask("put", connect, key=key, body=body, **{"content_type": "", "meta": {}} | arguments)

    def get(self, key: str, connect: Connect | None = None, **arguments: Any) -> bytes:
        """Read bytes."""
        return self.ask("get", connect, key=key, **arguments)["body"]

    def fails(self, what: str, act: Callable[[], object]) -> Failure:
        """Check that this raises the exception that belongs to the case."""
        with pytest.raises(Failure) as caught:
            act()
        wanted = expected(self.client.name, what)
        found = caught.value
        assert (found.exception, found.code, found.status) == (wanted.exception, wanted.code, wanted.status)
        return found


def one_face(body: bytes) -> list[dict[str, Any]]:
    """Read the answer of image/faces for the portrait."""
    answer = json.loads(body)
    assert set(answer) == {"RequestId", "Figures"}
    assert len(answer["Figures"]) == 1
    return answer["Figures"]


def without_request_id(body: bytes) -> bytes:
    """Blank out what differs from call to call."""
    return re.sub(rb'"RequestId": ?"[0-9A-F-]{36}"', b"", body)


# --- image/faces --------------------------------------------------------------------------------------------------


def faces_v4(bench: Bench) -> None:
    """image/faces with signature V4 in the header finds the face."""
    one_face(bench.get("example.jpg", process=FACES))


def faces_v1(bench: Bench) -> None:
    """image/faces with signature V1 in the header finds the face."""
    one_face(bench.get("example.jpg", bench.connect.but(signature="v1"), process=FACES))


def faces_v1_unsigned_process(bench: Bench) -> None:
    """This SDK does not sign x-oss-process with V1: such a request or URL is refused, a plain GET is served."""
    v1 = bench.connect.but(signature="v1")
    assert bench.get("example.jpg", v1) == bench.world.picture
    bench.fails("unsigned_process", lambda: bench.get("example.jpg", v1, process=FACES))
    url = bench.ask("presign", v1, method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    status, _, body = bench.world.raw(url)
    assert (status, b"<Code>SignatureDoesNotMatch</Code>" in body) == (403, True)


def faces_presigned_v4(bench: Bench) -> None:
    """A V4 URL that the client makes gives the faces to a program without any SDK."""
    url = bench.ask("presign", method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    assert "OSS4-HMAC-SHA256" in url
    status, _, body = bench.world.raw(url)
    assert status == 200, body
    one_face(body)


def faces_presigned_v1(bench: Bench) -> None:
    """A V1 URL that the client makes gives the faces."""
    v1 = bench.connect.but(signature="v1")
    if bench.client.name == "node":  # it makes V1 URLs for names only
        v1 = by_name(v1)
    url = bench.ask("presign", v1, method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    assert "OSSAccessKeyId=" in url
    status, _, body = bench.world.raw(url)
    assert status == 200, body
    one_face(body)


def faces_virtual_host(bench: Bench) -> None:
    """A URL with the bucket in the host name gives the faces."""
    url = bench.ask("presign", by_name(bench.connect), method="GET", key="example.jpg", process=FACES, expires_s=600)[
        "url"
    ]
    assert url.startswith(f"http://{BUCKET}.localhost:")
    status, _, body = bench.world.raw(url)
    assert status == 200, body
    one_face(body)


def by_name(connect: Connect) -> Connect:
    """Reach the server by a name, before which most clients put the bucket."""
    return connect.but(endpoint=connect.endpoint.replace("127.0.0.1", "localhost"))


def faces_equal_raw(bench: Bench) -> None:
    """The client hands on the very bytes that a raw GET receives, of faces and of the picture."""
    url = bench.ask("presign", method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    raw = bench.world.raw(url)[2]
    assert without_request_id(bench.get("example.jpg", process=FACES)) == without_request_id(raw)
    plain = bench.ask("presign", method="GET", key="example.jpg", expires_s=600)["url"]
    assert bench.get("example.jpg") == bench.world.raw(plain)[2] == bench.world.picture


def faces_to_file(bench: Bench) -> None:
    """The client's download to a file, which compares checksums, takes faces and picture."""
    faces, picture = bench.folder / "faces.json", bench.folder / "picture.jpg"
    bench.ask("get_file", key="example.jpg", process=FACES, path=faces)
    one_face(faces.read_bytes())
    bench.ask("get_file", key="example.jpg", path=picture)
    assert picture.read_bytes() == bench.world.picture


def faces_url_through_client(bench: Bench) -> None:
    """The client's own call for presigned URLs gives the faces."""
    url = bench.ask("presign", method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    one_face(bench.ask("get_url", url=url)["body"])


# --- objects ------------------------------------------------------------------------------------------------------


def put_head_list_delete(bench: Bench) -> None:
    """An object is stored, described, listed and deleted; then it is gone."""
    key, body = bench.key("basic/photo.jpg"), bench.world.picture
    etag = hashlib.md5(body).hexdigest().upper()
    assert bench.put(key, body, content_type="image/jpeg", meta={"camera": "box"})["etag"] == etag
    assert bench.ask("head", key=key) == {
        "etag": etag,
        "size": len(body),
        "content_type": "image/jpeg",
        "meta": {"camera": "box"},
    }
    assert bench.ask("list_keys", prefix=bench.key("basic/"), page=100)["keys"] == [key]
    bench.ask("delete", key=key)
    bench.ask("delete", key=key)
    bench.fails("missing_object", lambda: bench.get(key))


def put_v1(bench: Bench) -> None:
    """The same with signature V1."""
    v1, key = bench.connect.but(signature="v1"), bench.key("v1 ö+.txt")
    bench.put(key, b"by v1", v1, content_type="text/plain")
    assert bench.get(key, v1) == b"by v1"
    assert bench.ask("list_keys", v1, prefix=key, page=10)["keys"] == [key]
    bench.ask("delete", v1, key=key)


def put_empty(bench: Bench) -> None:
    """An object without a byte is an object."""
    bench.put(bench.key("empty"), b"")
    assert bench.get(bench.key("empty")) == b""


def put_presigned(bench: Bench) -> None:
    """A URL for uploading that the client makes takes bytes from a program without any SDK."""
    key = bench.key("presigned put")
    url = bench.ask("presign", method="PUT", key=key, expires_s=600)["url"]
    status, _, answer = bench.world.raw(url, "PUT", b"by url")
    assert status == 200, answer
    assert bench.get(key) == b"by url"


def awkward_keys(bench: Bench) -> None:
    """Unicode, blanks, quotes, escapes and doubled slashes in keys come back as they were."""
    keys = [bench.key(f"awkward/{name}") for name in AWKWARD_KEYS]
    for key in keys:
        bench.put(key, key.encode())
    assert [bench.get(key).decode() for key in keys] == keys
    assert sorted(bench.ask("list_keys", prefix=bench.key("awkward/"), page=100)["keys"]) == sorted(keys)
    for key in keys:
        bench.ask("delete", key=key)
    assert bench.ask("list_keys", prefix=bench.key("awkward/"), page=100)["keys"] == []


def faces_of_awkward_key(bench: Bench) -> None:
    """image/faces works for a key of this kind too."""
    key = bench.key("照片/it's (1) ö+😀.jpg")
    bench.put(key, bench.world.picture)
    one_face(bench.get(key, process=FACES))


def list_pages(bench: Bench) -> None:
    """Both versions of the listing page through all keys in order."""
    keys = [bench.key(f"pages/{name}") for name in ("a b", "c+d", "e&f", "g", "ö")]
    for key in keys:
        bench.put(key, b"x")
    assert bench.ask("list_keys", prefix=bench.key("pages/"), page=2)["keys"] == keys
    assert bench.ask("list_v2", prefix=bench.key("pages/"), page=2)["keys"] == keys


def delete_many(bench: Bench) -> None:
    """Several keys are deleted in one request, missing ones too."""
    keys = [bench.key(f"many/{name}") for name in ("a&<b>", "ö +", "absent")]
    for key in keys[:2]:
        bench.put(key, b"x")
    assert sorted(bench.ask("delete_many", keys=keys)["deleted"]) == sorted(keys)
    assert bench.ask("list_keys", prefix=bench.key("many/"), page=10)["keys"] == []


def copy(bench: Bench) -> None:
    """A copy made by the server has the bytes of its source."""
    source, target = bench.key("from ö+"), bench.key("to")
    bench.put(source, b"to be copied")
    assert bench.ask("copy", key=source, target=target)["etag"] == hashlib.md5(b"to be copied").hexdigest().upper()
    assert bench.get(target) == b"to be copied"


def byte_range(bench: Bench) -> None:
    """A range gives exactly those bytes."""
    assert bench.get("example.jpg", range=[10, 99]) == bench.world.picture[10:100]


def not_modified(bench: Bench) -> None:
    """If-None-Match of the present ETag is 304, which every client tells as an exception of its own."""
    with pytest.raises(Failure) as caught:
        bench.get("example.jpg", if_none_match=f'"{bench.world.etag}"')
    wanted = not_modified_failure(bench.client.name)
    assert (caught.value.exception, caught.value.code, caught.value.status) == wanted


def bucket_life(bench: Bench) -> None:
    """A bucket is made, described, listed, opened, refused deletion while it holds an object, and deleted."""
    name = f"life-of-{bench.client.name}"
    bench.ask("create_bucket", bucket=name)
    assert bench.ask("bucket_info", bucket=name) == {
        "name": name,
        "location": f"oss-{bench.connect.region}",
        "acl": "private",
    }
    assert {name, BUCKET} <= set(bench.ask("list_buckets")["names"])
    assert bench.ask("set_acl", bucket=name, acl="public-read")["acl"] == "public-read"
    bench.put("one", b"x", bucket=name)
    bench.fails("bucket_not_empty", lambda: bench.ask("delete_bucket", bucket=name))
    bench.ask("delete", bucket=name, key="one")
    bench.ask("delete_bucket", bucket=name)
    assert name not in bench.ask("list_buckets")["names"]


# --- what goes wrong ----------------------------------------------------------------------------------------------


def wrong_secret(bench: Bench) -> None:
    """A wrong secret is SignatureDoesNotMatch."""
    assert bench.fails("wrong_secret", lambda: bench.get("example.jpg", bench.connect.but(secret="wrong"))).request_id


def wrong_secret_v1(bench: Bench) -> None:
    """The same with signature V1."""
    wrong = bench.connect.but(secret="wrong", signature="v1")
    assert bench.fails("wrong_secret", lambda: bench.get("example.jpg", wrong)).request_id


def unknown_key(bench: Bench) -> None:
    """A key id that nobody has is InvalidAccessKeyId."""
    bench.fails("unknown_key", lambda: bench.get("example.jpg", bench.connect.but(id="nobody"), process=FACES))


def expired_url(bench: Bench) -> None:
    """A URL whose time is over is refused with the code and the status of the real service."""
    url = bench.ask("presign", bench.world.connect_ahead, method="GET", key="example.jpg", process=FACES, expires_s=60)
    status, headers, body = bench.world.raw(url["url"])
    assert status == 403
    assert headers["content-type"] == "application/xml"
    assert b"<Code>AccessDenied</Code><Message>Request has expired.</Message>" in body


def expired_url_through_client(bench: Bench) -> None:
    """The client tells an expired URL by its exception."""
    url = bench.ask("presign", bench.world.connect_ahead, method="GET", key="example.jpg", process=FACES, expires_s=60)
    bench.fails("expired_url", lambda: bench.ask("get_url", bench.world.connect_ahead, url=url["url"]))


def skewed_clock(bench: Bench) -> None:
    """A clock that is an hour off is RequestTimeTooSkewed; a client that corrects its clock then gets its answer."""
    ahead = bench.world.connect_ahead
    if bench.client.name in CORRECTS_ITS_CLOCK:
        one_face(bench.get("example.jpg", ahead, process=FACES))
    else:
        bench.fails("skewed_clock", lambda: bench.get("example.jpg", ahead, process=FACES))


def anonymous(bench: Bench) -> None:
    """Without a key image/faces is AccessDenied."""
    nobody = bench.connect.but(signature="anonymous", id="", secret="")
    bench.fails("anonymous", lambda: bench.get("example.jpg", nobody, process=FACES))


def missing_object(bench: Bench) -> None:
    """A key that does not exist is NoSuchKey, with the message and a request id."""
    failure = bench.fails("missing_object", lambda: bench.get("nothing.jpg", process=FACES))
    assert failure.request_id
    assert failure.message == "The specified key does not exist."


def missing_object_head(bench: Bench) -> None:
    """HEAD has no body, and still a missing key is NoSuchKey."""
    bench.fails("missing_object_head", lambda: bench.ask("head", key="nothing.jpg"))


def missing_bucket(bench: Bench) -> None:
    """A bucket that does not exist is NoSuchBucket."""
    bench.fails("missing_bucket", lambda: bench.get("example.jpg", bucket="no-such-bucket", process=FACES))


def not_a_picture(bench: Bench) -> None:
    """Text under the name of a picture is refused with a code that no client repeats."""
    bench.fails("not_a_picture", lambda: bench.get("note.jpg", process=FACES))


def too_large(bench: Bench) -> None:
    """A file over the limit is refused as a picture."""
    bench.fails("too_large", lambda: bench.get("large.jpg", process=FACES))


def unknown_operation(bench: Bench) -> None:
    """An operation that does not exist is InvalidArgument; nothing is ignored."""
    bench.fails("unknown_operation", lambda: bench.get("example.jpg", process="image/nonsense"))


CASES: Final[Mapping[str, Callable[[Bench], None]]] = {
    case.__name__: case
    for case in (
        faces_v4, faces_v1, faces_v1_unsigned_process, faces_presigned_v4, faces_presigned_v1, faces_virtual_host,
        faces_equal_raw, faces_to_file, faces_url_through_client, put_head_list_delete, put_v1, put_empty,
        put_presigned, awkward_keys, faces_of_awkward_key, list_pages, delete_many, copy, byte_range, not_modified,
        bucket_life, wrong_secret, wrong_secret_v1, unknown_key, expired_url, expired_url_through_client, skewed_clock,
        anonymous, missing_object, missing_object_head, missing_bucket, not_a_picture, too_large, unknown_operation,
    )
}  # fmt: skip

# Cases that some clients cannot take part in; a report has no line for them.
ONLY_FOR: Final[Mapping[str, frozenset[str]]] = {
    # It alone leaves x-oss-process out of a V1 signature.
    "faces_v1_unsigned_process": frozenset({"python-v2"}),
    # The others write the bucket into the path of a local server.
    "faces_virtual_host": frozenset({"python-v2", "go-v1", "go-v2", "node"}),
    # The others have no call for a URL.
    "faces_url_through_client": frozenset({"oss2", "java", "go-v1", "curl"}),
    "expired_url_through_client": frozenset({"oss2", "java", "go-v1", "curl"}),
}
NOT_FOR: Final[Mapping[str, frozenset[str]]] = {
    "faces_v1": frozenset({"python-v2"}),
    "faces_presigned_v1": frozenset({"python-v2"}),
    # It signs always, and ali-oss refuses to be made without a key.
    "anonymous": frozenset({"go-v1", "node"}),
    # It takes a 304 for a success.
    "not_modified": frozenset({"node"}),
    # A URL of a wrong clock is one that has expired.
    "skewed_clock": frozenset({"curl"}),
    # What curl is given by URL: there is no URL for the rest.
    **dict.fromkeys(
        (
            "put_head_list_delete",
            "put_v1",
            "awkward_keys",
            "list_pages",
            "delete_many",
            "copy",
            "bucket_life",
            "missing_object_head",
        ),
        frozenset({"curl"}),
    ),
}


# What is replayed of PHP: the captured form of its GET.
_PHP: Final = frozenset(
    {
        "faces_v4", "wrong_secret", "unknown_key", "skewed_clock", "missing_object", "missing_bucket",
        "not_a_picture", "too_large", "unknown_operation",
    }
)  # fmt: skip


def cases_of(client: Client) -> list[str]:
    """Name the cases that this client takes part in."""
    return [
        name
        for name in CASES
        if client.name in ONLY_FOR.get(name, {client.name})
        and client.name not in NOT_FOR.get(name, ())
        and (client.name != "php" or name in _PHP)
    ]
