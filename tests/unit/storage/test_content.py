import os
from collections.abc import Callable
from pathlib import Path

import pytest

from oss_faces.storage.connections import CommitUncertain
from oss_faces.storage.content import ContentFolder, DiscardedError


@pytest.fixture
def folder(tmp_path: Path) -> ContentFolder:
    content = ContentFolder(tmp_path)
    content.prepare()
    return content


@pytest.fixture
def files(tmp_path: Path) -> Callable[[], list[bytes]]:
    return lambda: [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]


def test_kept_content_survives_discard(folder, files):
    """Once the record is written, discarding does nothing, and the result of the record is handed on."""
    staged = folder.stage()
    staged.add(b"con")
    staged.add(b"tent")
    assert staged.keep(lambda: "recorded") == "recorded"
    staged.discard()
    with folder.open(staged.content_id) as file:
        assert file.read() == b"content"
    assert files() == [b"content"]


def test_content_is_complete_when_it_is_recorded(folder):
    """The record is written only when the whole content lies at its final place."""
    staged = folder.stage()
    staged.add(b"content")
    assert staged.keep(lambda: folder.path(staged.content_id).read_bytes()) == b"content"


def test_content_is_on_the_disk_when_it_is_recorded(folder, monkeypatch):
    """Before the record is written, the content, its name and the name of its folder have been synced."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))

    def record() -> None:
        path = folder.path(staged.content_id)
        assert synced == [place.stat().st_ino for place in (path, path.parent.parent, path.parent)]

    staged = folder.stage()
    staged.add(b"content")
    staged.keep(record)
    assert len(synced) == 3


def test_refused_record_leaves_no_file(folder, files):
    """A content whose record was refused is gone after discard."""
    staged = folder.stage()
    staged.add(b"content")
    with pytest.raises(ZeroDivisionError):
        staged.keep(lambda: 1 // 0)
    staged.discard()
    staged.discard()
    assert files() == []


def test_uncertain_record_keeps_the_file(folder, files):
    """A content whose record may stand after all is spared."""

    def fail() -> None:
        raise CommitUncertain

    staged = folder.stage()
    staged.add(b"content")
    with pytest.raises(CommitUncertain):
        staged.keep(fail)
    staged.discard()
    assert files() == [b"content"]


def test_no_step_begins_after_discard(folder, files):
    """A step that comes too late, its task long cancelled, writes no file and no record."""
    recorded = []
    staged = folder.stage()
    staged.discard()
    with pytest.raises(DiscardedError):
        staged.add(b"content")
    with pytest.raises(DiscardedError):
        staged.keep(lambda: recorded.append(1))
    assert recorded == []
    assert files() == []


def test_empty_folder_is_told_from_one_with_contents(folder):
    """Only complete contents count; unfinished ones and foreign files do not."""
    (folder.root / "content" / "ab").mkdir()
    (folder.root / "content" / "ab" / "notes.txt").write_text("foreign")
    staged = folder.stage()
    staged.add(b"content")
    assert folder.is_empty()
    staged.keep(lambda: None)
    assert not folder.is_empty()
