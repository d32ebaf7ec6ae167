"""ETags of files: the MD5, computed once, and only for the very content that was read."""

import hashlib
import os
from pathlib import Path

import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.storage.mounted_digests import Digests, Identity, SteadyFile

SECOND_NS = 1_000_000_000


class Clock:
    """Tells a time that a test chooses, in nanoseconds."""

    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"content")
    return path


def opened(path: Path) -> SteadyFile:
    return SteadyFile(os.open(path, os.O_RDONLY))


def etag(digests: Digests, path: Path) -> str:
    with opened(path) as file:
        return digests.of(file)[1].etag


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest().upper()


def rested(path: Path, clock: Clock) -> None:
    """Let enough time pass for the file to be remembered."""
    clock.ns = path.stat().st_ctime_ns + 3 * SECOND_NS


def test_etag_is_the_md5(file, clock):
    """The ETag and the checksum are those that the embedded store would have given."""
    with opened(file) as steady:
        _, digest = Digests(100, 10, clock).of(steady)
    assert digest.etag == md5(b"content")
    assert digest.crc64 is not None


def test_rested_file_is_read_once(file, clock):
    """What is remembered costs no reading, as long as the file is the same."""
    rested(file, clock)
    digests = Digests(100, 10, clock)
    assert digests.cost_bytes(file.stat()) == 7
    etag(digests, file)
    assert digests.cost_bytes(file.stat()) == 0


def test_fresh_file_is_not_remembered(file, clock):
    """A file changed a moment ago may be changed again without its time showing it."""
    clock.ns = file.stat().st_ctime_ns + SECOND_NS
    digests = Digests(100, 10, clock)
    etag(digests, file)
    assert digests.cost_bytes(file.stat()) == 7


def test_change_is_noticed(file, clock):
    """Another content of the same length, with the time set back, has another ETag."""
    rested(file, clock)
    digests = Digests(100, 10, clock)
    before = etag(digests, file)
    status = file.stat()
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert etag(digests, file) == md5(b"CONTENT") != before


def test_memory_is_bounded(tmp_path, clock):
    """Only so many digests are kept; the one that was not asked for longest goes."""
    digests = Digests(100, 2, clock)
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(b"x")
    rested(paths[-1], clock)
    for path in (paths[0], paths[1], paths[0], paths[2]):
        etag(digests, path)
    assert [digests.cost_bytes(path.stat()) for path in paths] == [0, 1, 0]


def test_large_file_has_a_name_that_is_no_md5(file, clock):
    """Above the limit nothing is read; the ETag has the form of an object made of parts, and changes with the file."""
    digests = Digests(6, 10, clock)
    with opened(file) as steady:
        _, digest = digests.of(steady)
    assert digest.crc64 is None
    assert len(digest.etag) == 34
    assert digest.etag.endswith("-1")
    assert digests.cost_bytes(file.stat()) == 0
    assert etag(digests, file) == digest.etag
    file.write_bytes(b"longer content")
    assert etag(digests, file) != digest.etag


def test_renaming_keeps_a_large_file_the_same(file, clock):
    """The ETag belongs to the content, not to the name."""
    digests = Digests(0, 0, clock)
    before = etag(digests, file)
    assert etag(digests, file.rename(file.with_name("other.jpg"))) == before


def test_writing_while_it_is_read_is_told(file):
    """A reader never gets bytes of another content than the one that was described."""
    with opened(file) as steady:
        assert steady.read(3) == b"con"
        with file.open("ab") as writer:
            writer.write(b" and more")
        with pytest.raises(StorageUnavailable):
            steady.read(3)


def test_removal_while_it_is_read_is_no_change(file):
    """Whoever has opened a file reads it to its end, also when it is replaced or removed meanwhile."""
    with opened(file) as steady:
        file.unlink()
        file.write_bytes(b"another")
        assert steady.read(7) == b"content"


def test_file_that_never_rests_is_told(file, clock):
    """A file that changes under every attempt to read it is unavailable for the moment."""

    class Growing(SteadyFile):
        """Grows whenever somebody asks for its number."""

        def fileno(self) -> int:
            with file.open("ab") as writer:
                writer.write(b"x")
            return super().fileno()

    with Growing(os.open(file, os.O_RDONLY)) as steady, pytest.raises(StorageUnavailable):
        Digests(1000, 10, clock).of(steady)


def test_identity_tells_states_apart(file):
    """The same file is the same, a written one another."""
    first = Identity.of(file.stat())
    assert Identity.of(file.stat()) == first
    file.write_bytes(b"something else")
    assert not Identity.of(file.stat()).has_content_of(first)
