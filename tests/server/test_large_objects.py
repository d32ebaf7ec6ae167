"""The SDKs' own functions for large files, against a real server process; interrupted, killed, and taken up again."""

import os
import signal
import socket

import alibabacloud_oss_v2 as oss
import oss2
import pytest

from tests.running import REGION, RunningServer, start_server

PART_BYTES = 100 * 1024
PARTS = 12
CONTENT = os.urandom(PART_BYTES * (PARTS - 1) + 12_345)


class InterruptedTransferError(Exception):
    """Stands for a program that is stopped in the middle."""


class Stopwatch:
    """A progress callback that stops the transfer once so many bytes are through."""

    def __init__(self, stop_at: int) -> None:
        self.stop_at = stop_at
        self.counts: list[int] = []

    def __call__(self, consumed: int, _total: int) -> None:
        self.counts.append(consumed)
        if consumed >= self.stop_at:
            raise InterruptedTransferError


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def large(server) -> oss2.Bucket:
    """A bucket for these tests."""
    made = server.bucket("large-objects")
    made.create_bucket()
    return made


def client(server: RunningServer) -> oss.Client:
    """A client of the second SDK."""
    config = oss.config.load_default()
    config.credentials_provider = oss.credentials.StaticCredentialsProvider(
        server.access_key_id, server.access_key_secret
    )
    config.region, config.endpoint = REGION, server.endpoint
    return oss.Client(config)


def uploads_left(bucket: oss2.Bucket) -> list[str]:
    return [upload.key for upload in oss2.MultipartUploadIterator(bucket)]


def upload(bucket: oss2.Bucket, key: str, source, store_dir, **options) -> None:
    store = oss2.ResumableStore(root=str(store_dir))
    oss2.resumable_upload(bucket, key, str(source), store=store, multipart_threshold=1, part_size=PART_BYTES, **options)


def test_oss2_uploads_in_parts_at_the_same_time(large, source, tmp_path):
    """`resumable_upload` with several threads makes the whole object and leaves no upload."""
    upload(large, "parallel", source, tmp_path, num_threads=4, headers={"x-oss-meta-owner": "me"})
    result = large.get_object("parallel")
    assert result.read() == CONTENT
    assert result.headers["x-oss-meta-owner"] == "me"
    assert result.headers["etag"].endswith(f'-{PARTS}"')
    assert uploads_left(large) == []


def test_oss2_takes_an_upload_up_again(large, source, tmp_path):
    """An interrupted `resumable_upload` goes on with the parts that are missing."""
    with pytest.raises(InterruptedTransferError):
        upload(large, "again", source, tmp_path, num_threads=1, progress_callback=Stopwatch(5 * PART_BYTES))
    [begun] = list(oss2.MultipartUploadIterator(large))
    before = {part.part_number: part.last_modified for part in large.list_parts("again", begun.upload_id).parts}
    assert 0 < len(before) < PARTS
    progress = Stopwatch(10**12)
    upload(large, "again", source, tmp_path, num_threads=1, progress_callback=progress)
    assert progress.counts[0] >= PART_BYTES * (len(before) - 1)
    assert large.get_object("again").read() == CONTENT
    assert uploads_left(large) == []


def test_oss2_downloads_in_parts_and_takes_it_up_again(large, tmp_path):
    """`resumable_download` by ranges gives the whole file, also of an object of parts, also after an interruption."""
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    upload(large, "download", source, tmp_path)
    target = tmp_path / "target"
    store = oss2.ResumableDownloadStore(root=str(tmp_path))
    options = {"multiget_threshold": 1, "part_size": PART_BYTES, "num_threads": 1, "store": store}
    with pytest.raises(InterruptedTransferError):
        oss2.resumable_download(large, "download", str(target), progress_callback=Stopwatch(3 * PART_BYTES), **options)
    assert not target.exists()
    oss2.resumable_download(large, "download", str(target), **options)
    assert target.read_bytes() == CONTENT


def test_v2_uploader_and_downloader(server, large, source, tmp_path):
    """The second SDK's uploader and downloader, in parallel, carry a file there and back and check its CRC."""
    sdk = client(server)
    request = oss.PutObjectRequest(bucket="large-objects", key="v2/照片", metadata={"owner": "me"})
    done = sdk.uploader(part_size=PART_BYTES, parallel_num=3).upload_file(request, str(source))
    assert done.etag.strip('"').endswith(f"-{PARTS}")
    target = tmp_path / "target"
    wanted = oss.GetObjectRequest(bucket="large-objects", key="v2/照片")
    result = sdk.downloader(part_size=PART_BYTES, parallel_num=3).download_file(wanted, str(target))
    assert result.written == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert large.head_object("v2/照片").headers["x-oss-meta-owner"] == "me"


def test_v2_uploader_takes_an_upload_up_again(server, large, source, tmp_path):
    """With a checkpoint an interrupted upload of the second SDK goes on with the same upload."""
    sdk = client(server)

    def stop(_increment: int, transferred: int, _total: int) -> None:
        if transferred > 5 * PART_BYTES:
            raise InterruptedTransferError

    uploader = sdk.uploader(part_size=PART_BYTES, parallel_num=1, enable_checkpoint=True, checkpoint_dir=str(tmp_path))
    request = oss.PutObjectRequest(bucket="large-objects", key="v2-again", progress_fn=stop)
    with pytest.raises(InterruptedTransferError):
        uploader.upload_file(request, str(source))
    [begun] = list(oss2.MultipartUploadIterator(large))
    parts = large.list_parts("v2-again", begun.upload_id).parts
    assert 0 < len(parts) < PARTS
    done = uploader.upload_file(oss.PutObjectRequest(bucket="large-objects", key="v2-again"), str(source))
    assert done.upload_id == begun.upload_id
    assert large.get_object("v2-again").read() == CONTENT
    assert uploads_left(large) == []


def test_v2_copier_copies_by_parts(server, large):
    """The second SDK's copier copies a large object by its parts."""
    large.put_object("source", CONTENT)
    sdk = client(server)
    request = oss.CopyObjectRequest(bucket="large-objects", key="copied", source_key="source")
    copier = sdk.copier(part_size=PART_BYTES, parallel_num=2, multipart_copy_threshold=1, disable_shallow_copy=True)
    copier.copy(request)
    head = large.head_object("copied")
    assert head.object_type == "Multipart"
    assert large.get_object("copied").read() == CONTENT


def test_v2_appends_to_a_file(server, large):
    """The second SDK's file that grows by appending writes what it is given, and goes on at its end."""
    sdk = client(server)
    for piece in (b"first ", b"second"):
        with sdk.append_file(bucket="large-objects", key="grown") as file:
            file.write(piece)
    assert large.get_object("grown").read() == b"first second"


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def test_an_upload_survives_kill_9(tmp_path, source):
    """Kill -9 in the middle of an upload: the acknowledged parts are there, and the upload is finished with them."""
    address = free_address()
    server = start_server(tmp_path, "--listen", address)
    bucket = server.bucket()
    bucket.create_bucket()
    upload_id = bucket.init_multipart_upload("key").upload_id
    contents = [CONTENT[start : start + PART_BYTES] for start in range(0, len(CONTENT), PART_BYTES)]
    parts = [
        oss2.models.PartInfo(number, bucket.upload_part("key", upload_id, number, content).etag)
        for number, content in enumerate(contents[:7], 1)
    ]
    length = bucket.append_object("log", 0, b"first").next_position
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)
    server.process.stdout.close()
    again = start_server(tmp_path, "--listen", address)
    try:
        bucket = again.bucket()
        listed = bucket.list_parts("key", upload_id).parts
        assert [(part.part_number, part.etag) for part in listed] == [(part.part_number, part.etag) for part in parts]
        for number, content in enumerate(contents[7:], 8):
            parts.append(oss2.models.PartInfo(number, bucket.upload_part("key", upload_id, number, content).etag))
        bucket.complete_multipart_upload("key", upload_id, parts)
        assert bucket.get_object("key").read() == CONTENT
        bucket.append_object("log", length, b"second")
        assert bucket.get_object("log").read() == b"firstsecond"
    finally:
        assert again.stop() == 0
