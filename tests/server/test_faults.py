"""Faults of the machine against the real process: a documented error, nothing acknowledged is lost, and it goes on.

A worker that is killed has tests of its own, and so has a locked state database (`test_metering`).
"""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import oss2
import pytest

from oss_faces.inference import CENTERFACE, ModelSettings, read_model
from tests.running import RunningServer, portrait, start_server
from tests.server import disks

HOUR_S = 3600
DISK = "size=48m,mode=700"
ONE_WORKER = {"OSS_FACES_WORKERS__RUNNING": "1"}
CONTENT = {f"kept/{number}": bytes([number]) * 300_000 for number in range(10)}


def keep(bucket: oss2.Bucket) -> None:
    """Store objects that are acknowledged, a picture among them."""
    bucket.create_bucket()
    for key, content in CONTENT.items():
        bucket.put_object(key, content)
    bucket.put_object_from_file("photo.png", str(portrait()))


def check_kept(bucket: oss2.Bucket) -> None:
    """Everything that was acknowledged is there to the last byte, and pictures are understood."""
    for key, content in CONTENT.items():
        assert bucket.get_object(key).read() == content
    assert bucket.get_object("photo.png").read() == portrait().read_bytes()
    assert b'"FigureType"' in bucket.get_object("photo.png", process="image/faces").read()


def refused_as_unavailable(call) -> None:
    """The answer is the documented 503, which SDKs repeat."""
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        call()
    assert (caught.value.status, caught.value.code) == (503, "ServiceUnavailable")
    assert caught.value.headers["retry-after"] == "1"
    assert caught.value.details["EC"] in ("0026-00000005", "0001-00000504")


def no_defects(server: RunningServer) -> None:
    """Nothing was unforeseen."""
    assert '"unforeseen"' not in server.log.read_text()


def test_full_disk(tmp_path):
    """A disk that fills up refuses what it cannot keep; with room again everything is as before, without a restart."""
    server = start_server(tmp_path, within=disks.own_disk(tmp_path / "data", DISK), environment=ONE_WORKER)
    try:
        bucket = server.bucket()
        keep(bucket)
        filler = disks.fill(server.data)
        for number in range(3):
            refused_as_unavailable(lambda number=number: bucket.put_object(f"new/{number}", bytes(300_000)))
            refused_as_unavailable(lambda: bucket.put_object("kept/1", bytes(300_000)))
        refused_as_unavailable(lambda: bucket.init_multipart_upload("upload").upload_id)
        filler.unlink()
        check_kept(bucket)
        assert not bucket.object_exists("new/0")
        bucket.put_object("new/0", b"room again")
        assert bucket.get_object("new/0").read() == b"room again"
        assert list((server.data / "incoming").iterdir()) == []
        no_defects(server)
    finally:
        assert server.stop() == 0


def test_disk_that_fills_up_in_the_middle_of_an_upload(tmp_path):
    """A body for which there is not enough room is refused, and what was written of it goes away."""
    server = start_server(tmp_path, within=disks.own_disk(tmp_path / "data", DISK), environment=ONE_WORKER)
    try:
        bucket = server.bucket()
        keep(bucket)
        refused_as_unavailable(lambda: bucket.put_object("large", bytes(60_000_000)))
        assert list((server.data / "incoming").iterdir()) == []
        check_kept(bucket)
        no_defects(server)
    finally:
        assert server.stop() == 0


def test_folder_that_becomes_read_only(tmp_path):
    """When nothing can be written, uploads are refused and reading goes on; when it can again, so can uploads."""
    server = start_server(tmp_path, within=disks.own_disk(tmp_path / "data", DISK), environment=ONE_WORKER)
    try:
        bucket = server.bucket()
        keep(bucket)
        incoming = str(tmp_path / "data" / "incoming")
        disks.mount_inside(server.process.pid, "-t", "tmpfs", "-o", "ro", "oss-faces-test", incoming)
        refused_as_unavailable(lambda: bucket.put_object("new", b"content"))
        refused_as_unavailable(lambda: bucket.put_object("kept/1", b"content"))
        check_kept(bucket)
        disks.mount_inside(server.process.pid, "umount", incoming)
        bucket.put_object("new", b"content")
        assert bucket.get_object("new").read() == b"content"
        no_defects(server)
    finally:
        assert server.stop() == 0


def test_read_only_disk_is_said_at_start(tmp_path):
    """A data folder that cannot be written ends the start with status 2 and one line that names it."""
    data = tmp_path / "data"
    words = disks.own_disk(data, "ro")
    done = subprocess.run(
        [*words, *disks.command(data)],
        env=disks.environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert str(data) in done.stderr.strip().splitlines()[-1]


def test_truncated_model_file_is_said_at_start(tmp_path):
    """A model file that was cut off ends the start with status 2; the message names the file."""
    models = tmp_path / "models"
    models.mkdir()
    file = models / Path(CENTERFACE.file).name
    content = read_model(CENTERFACE, ModelSettings())
    file.write_bytes(content[: len(content) // 2])
    done = subprocess.run(
        disks.command(tmp_path / "data"),
        env={**disks.environment(), "OSS_FACES_MODELS__FOLDER": str(models)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert str(file) in done.stderr


def test_locked_database_of_the_objects(tmp_path):
    """While another process holds the write lock, writing is refused and reading goes on; nothing else is needed."""
    server = start_server(tmp_path, environment={**ONE_WORKER, "OSS_FACES_STORAGE__BUSY_TIMEOUT_S": "0.2"})
    try:
        bucket = server.bucket()
        keep(bucket)
        with closing(sqlite3.connect(server.data / "objects.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused_as_unavailable(lambda: bucket.put_object("new", b"content"))
            refused_as_unavailable(lambda: bucket.delete_object("kept/1"))
            check_kept(bucket)
        bucket.put_object("new", b"content")
        assert bucket.get_object("new").read() == b"content"
        no_defects(server)
    finally:
        assert server.stop() == 0


def test_clock_that_jumps(tmp_path):
    """By hours: requests are refused as skewed until it is right again. By minutes: the newest write counts, always."""
    jump = tmp_path / "jump"

    def set_jump(seconds: int) -> None:
        """Replace the file in one go: the server may read it at any moment."""
        (tmp_path / "next").write_text(str(seconds))
        (tmp_path / "next").replace(jump)

    set_jump(0)
    server = start_server(
        tmp_path, module="tests.server.jumping_clock", environment={**ONE_WORKER, "JUMP_FILE": str(jump)}
    )
    try:
        bucket = server.bucket()
        keep(bucket)
        for hours in (2, -2, 24 * 400, -24 * 400):
            set_jump(hours * HOUR_S)
            with pytest.raises(oss2.exceptions.ServerError) as caught:
                bucket.put_object("kept/1", b"at the wrong time")
            assert (caught.value.status, caught.value.code) == (403, "RequestTimeTooSkewed")
            set_jump(0)
            check_kept(bucket)
        for version, minutes in enumerate((0, 10, -10, 5, 0)):
            set_jump(minutes * 60)
            bucket.put_object("version", str(version))
            assert bucket.get_object("version").read() == str(version).encode()
            assert [entry.key for entry in oss2.ObjectIterator(bucket, prefix="version")] == ["version"]
        check_kept(bucket)
        no_defects(server)
    finally:
        assert server.stop() == 0
