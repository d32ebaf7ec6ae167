"""The same picture in the embedded store, a folder, a fake S3 and another server of ours: the same answers."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import oss2
import pytest
from moto.server import ThreadedMotoServer

from tests.running import REGION, RunningServer, portrait, start_server

KEY = "people/astro 宇航员.png"
PLACES = ["folder", "from-s3", "from-oss"]
UPSTREAM = "mounted-upstream"
SETTINGS = """
[mounts]
attempt_s = 30.0
call_s = 60.0

[mounts.buckets.folder]
folder = {folder}
writable = true

[mounts.buckets.fixed]
folder = {folder}

[mounts.buckets.from-s3]
kind = "s3"
endpoint = "{s3}"
region = "us-east-1"
bucket = "mounted-upstream"
prefix = "pictures/"
access_key_id_env = "UPSTREAM_ID"
access_key_secret_env = "UPSTREAM_SECRET"
writable = true

[mounts.buckets.from-oss]
kind = "oss"
endpoint = "{oss}"
bucket = "mounted-upstream"
prefix = "pictures/"
credentials_file = {credentials}
writable = true

[mounts.buckets.refused]
kind = "oss"
endpoint = "{oss}"
bucket = "mounted-upstream"
access_key_id_env = "WRONG_ID"
access_key_secret_env = "WRONG_SECRET"

[mounts.buckets.down]
kind = "s3"
endpoint = "http://127.0.0.1:{closed_port}"
region = "us-east-1"
bucket = "absent"
anonymous = true
"""
HIDDEN = "hidden-upstream-secret"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(f"PUT /{UPSTREAM} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in connection.recv(4096)
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def mounting(s3: str, server: RunningServer, pictures: Path, tmp_path_factory) -> Iterator[RunningServer]:
    """A server whose own store, and every place that it mounts, holds the portrait."""
    server.bucket(UPSTREAM).create_bucket()
    home = tmp_path_factory.mktemp("mounting")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed_port = unused.getsockname()[1]
    config = home / "oss-faces.toml"
    config.write_text(
        SETTINGS.format(
            folder=json.dumps(str(pictures)),
            s3=s3,
            oss=server.endpoint,
            credentials=json.dumps(str(server.data / "root-key.json")),
            closed_port=closed_port,
        )
    )
    environment = {
        "UPSTREAM_ID": "testing",
        "UPSTREAM_SECRET": HIDDEN,
        "WRONG_ID": server.access_key_id,
        "WRONG_SECRET": HIDDEN,
    }
    running = start_server(home, "--config", str(config), environment=environment)
    (pictures / "people").mkdir()
    shutil.copy(portrait(), pictures / KEY)
    own = running.bucket("own-bucket")
    own.create_bucket()
    for name in ("own-bucket", "from-s3", "from-oss"):
        running.bucket(name).put_object_from_file(KEY, str(portrait()))
    yield running
    assert running.stop() == 0
    assert HIDDEN not in running.log.read_text()


def faces(running: RunningServer, bucket: str) -> list[dict[str, object]]:
    answer = running.bucket(bucket).get_object(KEY, process="image/faces")
    return json.loads(answer.read())["Figures"]


@pytest.mark.parametrize("place", PLACES)
def test_same_faces_everywhere(mounting, place):
    """Box, attributes and FigureId are those of the embedded store, bit by bit."""
    expected = faces(mounting, "own-bucket")
    assert len(expected) == 1
    assert faces(mounting, place) == expected


@pytest.mark.parametrize("place", PLACES)
def test_same_object_everywhere(mounting, place):
    """ETag, length, type and bytes are those of the embedded store; HEAD, GET and the listing agree."""
    expected = mounting.bucket("own-bucket").head_object(KEY)
    bucket = mounting.bucket(place)
    told = bucket.head_object(KEY)
    assert (told.etag, told.content_length, told.content_type) == (expected.etag, expected.content_length, "image/png")
    got = bucket.get_object(KEY)
    assert (got.etag, got.read()) == (expected.etag, portrait().read_bytes())
    [listed] = [entry for entry in oss2.ObjectIteratorV2(bucket, prefix="people/") if entry.key == KEY]
    assert (listed.etag, listed.size) == (expected.etag, expected.content_length)


@pytest.mark.parametrize("place", PLACES)
def test_reading_rules_hold_everywhere(mounting, place, tmp_path):
    """Ranges, conditions, missing keys and the download to a file are as in the embedded store."""
    bucket = mounting.bucket(place)
    content = portrait().read_bytes()
    etag = bucket.head_object(KEY).etag
    assert bucket.get_object(KEY, byte_range=(10, 19)).read() == content[10:20]
    assert bucket.get_object(KEY, byte_range=(None, 5)).read() == content[-5:]
    with pytest.raises(oss2.exceptions.NotModified):
        bucket.get_object(KEY, headers={"If-None-Match": f'"{etag}"'})
    with pytest.raises(oss2.exceptions.PreconditionFailed):
        bucket.get_object(KEY, headers={"If-Match": '"0"'})
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.get_object("absent.jpg", process="image/faces")
    for key in ("people", "people/", "/" + KEY, "a//b"):
        with pytest.raises(oss2.exceptions.NoSuchKey):
            bucket.get_object(key)
    bucket.get_object_to_file(KEY, str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == content


@pytest.mark.parametrize("place", PLACES)
def test_writing_goes_through(mounting, place, server, pictures):
    """What is stored through a writable mount is at the place behind it, and deleting removes it there."""
    bucket = mounting.bucket(place)
    put = bucket.put_object("new/object.bin", b"content")
    assert bucket.head_object("new/object.bin").etag == put.etag
    bucket.copy_object(place, "new/object.bin", "new/copy.bin")
    assert [entry.key for entry in oss2.ObjectIterator(bucket, prefix="new/")] == ["new/copy.bin", "new/object.bin"]
    assert [entry.key for entry in oss2.ObjectIterator(bucket, delimiter="/")] == ["new/", "people/"]
    if place == "folder":
        assert (pictures / "new" / "copy.bin").read_bytes() == b"content"
    if place == "from-oss":
        assert server.bucket(UPSTREAM).get_object("pictures/new/copy.bin").read() == b"content"
    bucket.batch_delete_objects(["new/object.bin", "new/copy.bin", "new/absent"])
    assert not bucket.object_exists("new/object.bin")
    assert list(oss2.ObjectIterator(bucket, prefix="new/")) == []


def test_read_only_mount_takes_nothing(mounting, pictures):
    """Without `writable` whatever would change the bucket is 403, and its files stay."""
    fixed = mounting.bucket("fixed")
    for call in (
        lambda: fixed.put_object(KEY, b"new"),
        lambda: fixed.delete_object(KEY),
        lambda: fixed.batch_delete_objects([KEY]),
        lambda: fixed.init_multipart_upload("a"),
        lambda: fixed.append_object("a", 0, b"x"),
        fixed.delete_bucket,
        lambda: fixed.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            call()
    assert (pictures / KEY).read_bytes() == portrait().read_bytes()
    assert fixed.get_object(KEY).read() == portrait().read_bytes()


def test_mounted_buckets_are_told(mounting):
    """ListBuckets and GetBucketInfo know them, PutBucket of one that is there does no harm."""
    service = oss2.Service(mounting.auth(), mounting.endpoint, region=REGION)
    names = [entry.name for entry in oss2.BucketIterator(service, max_keys=2)]
    assert names == ["down", "fixed", "folder", "from-oss", "from-s3", "own-bucket", "refused"]
    mounting.bucket("fixed").create_bucket()
    assert mounting.bucket("fixed").get_bucket_info().acl.grant == "private"


def test_refused_key_of_the_mount_is_told_without_it(mounting):
    """When the service refuses the mount's key, the caller learns that, and nothing of the key."""
    for call in (
        lambda: mounting.bucket("refused").get_object(KEY, process="image/faces"),
        lambda: list(oss2.ObjectIterator(mounting.bucket("refused"))),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied) as caught:
            call()
        assert "does not let this server in" in caught.value.message
        assert "StringToSign" not in caught.value.details


def test_service_that_is_down_is_a_clean_503(mounting):
    """A service that cannot be reached is 503, which SDKs retry, and no key is said to be absent."""
    for call in (
        lambda: mounting.bucket("down").get_object(KEY, process="image/faces"),
        lambda: mounting.bucket("down").object_exists(KEY),
        lambda: list(oss2.ObjectIterator(mounting.bucket("down"))),
    ):
        with pytest.raises(oss2.exceptions.ServerError) as caught:
            call()
        assert (caught.value.status, caught.value.code) == (503, "ServiceUnavailable")


def test_large_object_is_sent_in_parts_and_read_in_blocks(mounting, server):
    """An object above one part goes up whole, and comes back whole, in pieces of bounded size."""
    content = bytes(range(256)) * (20 * 1024 * 4)  # 20 MiB
    for place in ("from-s3", "from-oss"):
        bucket = mounting.bucket(place)
        bucket.put_object("large.bin", content)
        assert bucket.get_object("large.bin").read() == content
        assert bucket.head_object("large.bin").etag.endswith("-2")
        bucket.delete_object("large.bin")


def test_command_line_mount_is_greeted(tmp_path):
    """`--mount` is all that a folder needs, and the start says what is mounted."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(portrait(), folder / "face.png")
    running = start_server(tmp_path, "--mount", f"photos={folder}")
    try:
        greeting = "".join(iter(running.process.stdout.readline, "Stop with Ctrl-C.\n"))
        assert f"  mounted   photos (read-only): {folder}\n" in greeting
        assert running.bucket("photos").get_object("face.png", process="image/faces").status == 200
    finally:
        assert running.stop() == 0
