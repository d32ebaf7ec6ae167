from pathlib import Path

import pytest

from oss_faces.decoding import is_picture, read_file
from oss_faces.errors import ImageTooLarge
from tests.running import portrait
from tests.unit.decoding import pictures


def test_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    """A file of just that length is read, a longer one refused."""
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_file(file, 5) == b"12345"
    with pytest.raises(ImageTooLarge):
        read_file(file, 4)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "absent", 5)


def test_picture_is_told_by_its_first_bytes() -> None:
    """The formats that are decoded, and nothing else; a video has the same kind of container as HEIC."""
    for kind in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        assert is_picture(pictures.save(pictures.corners(), kind)[:64])
    assert is_picture(portrait().read_bytes()[:64])
    assert not is_picture(b"")
    assert not is_picture(b"no picture")
    assert not is_picture(b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2mp41")
