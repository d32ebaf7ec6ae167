"""The cases about buckets and objects. Each docstring is the claim."""

import hashlib
import re
from typing import Final

import pytest

from tests.conformance.bench import FACES, Bench, b64, one_face
from tests.conformance.driver import Failure
from tests.conformance.outcomes import not_modified_failure
from tests.conformance.world import BUCKET

AWKWARD_KEYS: Final = ("a b+c", "it's(1)&=?#%.jpg", "照片/ö 😀.jpg", "a//b", "100%25/%2F", "-_.~!*", "k" * 1000)
PART_BYTES: Final = 100 * 1024


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


def multipart(bench: Bench) -> None:
    """Three parts become one object, whose ETag tells their number."""
    parts = [b"a" * PART_BYTES, b"b" * PART_BYTES, b"the end"]
    done = bench.ask("multipart", key=bench.key("multi ö+"), parts=[b64(part) for part in parts])
    assert done["listed"] == [1, 2, 3]
    assert re.fullmatch(r"[0-9A-F]{32}-3", done["etag"])
    assert bench.get(bench.key("multi ö+")) == b"".join(parts)


def multipart_abort(bench: Bench) -> None:
    """An upload that is given up is listed before and gone afterwards, and leaves no object."""
    key = bench.key("given up")
    assert bench.ask("multipart_abort", key=key) == {"before": [key], "after": []}
    bench.fails("missing_object", lambda: bench.get(key))


def upload_file(bench: Bench) -> None:
    """The client's own upload of a file in parts, which compares checksums, stores a picture that has its face."""
    source, key = bench.folder / "large.jpg", bench.key("in parts.jpg")
    source.write_bytes(bench.world.picture + bytes(5 * PART_BYTES))
    bench.ask("upload_file", key=key, path=source, part_bytes=2 * PART_BYTES)
    assert bench.get(key) == source.read_bytes()
    one_face(bench.get(key, process=FACES))


def append(bench: Bench) -> None:
    """Bytes are appended to an object piece by piece."""
    pieces = [b"one ", b"two ", b"three"]
    assert bench.ask("append", key=bench.key("growing"), pieces=[b64(piece) for piece in pieces])["position"] == 13
    assert bench.get(bench.key("growing")) == b"one two three"


CASES = (
    put_head_list_delete, put_v1, put_empty, put_presigned, awkward_keys, faces_of_awkward_key, list_pages, delete_many,
    copy, byte_range, not_modified, bucket_life, multipart, multipart_abort, upload_file, append,
)  # fmt: skip
