"""A folder of files as keys: nothing outside it can be named, and the walk is in the order of bytes."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import NoSuchKey, StorageUnavailable, UpstreamDenied
from oss_faces.storage.mounted_tree import Tree, is_reachable

NAMES_MAX = 100_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to be mounted, with a secret beside it that must stay out of reach."""
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    folder = tmp_path / "mounted"
    folder.mkdir()
    return folder


def walked(root: Path, lower: bytes = b"", upper: bytes | None = None) -> list[bytes]:
    return list(Tree(root).walk(lower, upper, NAMES_MAX))


def read(root: Path, key: str) -> bytes:
    with Tree(root).open(key.encode()) as file:
        return file.read()


# --- what is not there --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "../secret", "a/../../secret", "..", ".", "", "/", "//", "/secret", "a//b", "a/", "./a", "a/./b", ".hidden",
        "a/.git/config", "a\0b", "x" * 300, "a/b/c", "missing", "A", "a\n",
    ],
)  # fmt: skip
def test_keys_that_name_no_file(root, key):
    """What climbs, is hidden, is folded by paths or is simply absent is NoSuchKey."""
    (root / "a").mkdir()
    (root / "a" / "b").write_bytes(b"b")
    (root / ".hidden").write_bytes(b"hidden")
    with pytest.raises(NoSuchKey):
        read(root, key)


def test_absolute_path_is_only_a_name(root, tmp_path):
    """A key that is an absolute path does not leave the folder."""
    with pytest.raises(NoSuchKey):
        read(root, str(tmp_path / "secret"))


@pytest.mark.parametrize("target", ["../secret", "inside", "missing", "../outside"])
def test_links_are_not_followed(root, target):
    """A symbolic link is not there, wherever it leads: no file, no step of a path, no line of a listing."""
    (root / "inside").write_bytes(b"inside")
    (root / "link").symlink_to(target)
    for key in ("link", "link/secret"):
        with pytest.raises(NoSuchKey):
            read(root, key)
    assert walked(root) == [b"inside"]


def test_linked_folder_is_not_entered(root):
    """A link in the middle of a path leads nowhere."""
    (root / "a").mkdir()
    (root / "a" / "link").symlink_to("../../outside")
    with pytest.raises(NoSuchKey):
        read(root, "a/link/secret")


def test_link_that_takes_the_place_of_a_folder_is_not_followed(root):
    """Whoever replaces a folder by a link between two requests gains nothing."""
    (root / "a").mkdir()
    (root / "a" / "secret").write_bytes(b"mine")
    assert read(root, "a/secret") == b"mine"
    (root / "a").rename(root / "b")
    (root / "a").symlink_to("../outside")
    with pytest.raises(NoSuchKey):
        read(root, "a/secret")


def test_special_files_are_not_there(root):
    """A pipe is no object, and trying to read one does not wait for its writer."""
    os.mkfifo(root / "pipe")
    with pytest.raises(NoSuchKey):
        read(root, "pipe")
    assert walked(root) == []


def test_names_that_are_not_utf8_are_not_there(root):
    """Such a name is left out of listings, and the others stay."""
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.jpg")).write_bytes(b"x")
    (root / "é.jpg").write_bytes(b"x")
    assert walked(root) == ["é.jpg".encode()]


def test_closed_file_says_so(root, monkeypatch):
    """A file that the server may not read is another thing than one that is not there."""
    (root / "closed").write_bytes(b"x")
    really_open = os.open

    def refuse_closed(path, *arguments, **options):
        # Modes of files refuse nothing to the superuser, as whom tests may run.
        if os.fsencode(path) == b"closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return really_open(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse_closed)
    with pytest.raises(UpstreamDenied):
        read(root, "closed")


def test_missing_root_is_no_missing_key(root):
    """Without the mounted folder itself (a disk that is not there) no key is said to be absent."""
    root.rmdir()
    with pytest.raises(StorageUnavailable):
        read(root, "a")
    with pytest.raises(StorageUnavailable):
        walked(root)


# --- the walk -----------------------------------------------------------------------------------------------------


def test_walk_is_in_the_order_of_bytes(root):
    """A folder's place is that of its name with a slash: behind `a-` and `a.`, before `a0`."""
    for key in ("a/z", "a/b/c", "a-", "a.jpg", "a0", "B", "é", "\uff0c", "\U0001f600"):
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(b"")
    found = walked(root)
    assert found == sorted(found)
    assert len(found) == 9


NAMES = st.text("ab-.0é\uff0c\U0001f600", min_size=1, max_size=3).filter(lambda name: not name.startswith("."))
KEYS = st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=12)


@given(candidates=KEYS, lower=st.text("ab-/0é", max_size=5), upper=st.none() | st.text("ab-/0é", max_size=5))
def test_walk_gives_exactly_the_keys_between(tmp_path_factory, candidates, lower, upper):
    """For any tree and any bounds the walk equals the sorted set of files."""
    root = tmp_path_factory.mktemp("walk")
    keys = {key for key in candidates if not any(other.startswith(f"{key}/") for other in candidates)}
    for key in keys:
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(b"")
    low, high = lower.encode(), None if upper is None else upper.encode()
    expected = sorted(key.encode() for key in keys if low <= key.encode() and (high is None or key.encode() < high))
    assert walked(root, low, high) == expected


def test_raising_the_lower_bound_leaves_out_what_lies_before(root):
    """The walk goes on from where it is told, without the rest of a folder."""
    for key in ("a/1", "a/2", "a/3", "b/1"):
        (root / key).parent.mkdir(exist_ok=True)
        (root / key).write_bytes(b"")
    walk = Tree(root).walk(b"", None, NAMES_MAX)
    keys = iter(walk)
    assert next(keys) == b"a/1"
    walk.lower = b"a0"
    assert list(keys) == [b"b/1"]


def test_large_folder_is_walked_in_pieces(root):
    """More names than are held at a time come all, once, in order."""
    names = [f"{number:05}" for number in range(4500)]
    for name in names:
        (root / name).touch()
    assert walked(root) == [name.encode() for name in names]


def test_large_folder_is_read_once_when_much_is_wanted(root, monkeypatch):
    """Whoever wants all keys of a folder does not pay for it again and again."""
    for number in range(4500):
        (root / f"{number:05}").touch()
    read_folders = []
    really_scan = os.scandir

    def scan(folder):
        read_folders.append(folder)
        return really_scan(folder)

    monkeypatch.setattr(os, "scandir", scan)
    assert len(list(Tree(root).walk(b"", None, NAMES_MAX, batch=4501))) == 4500
    assert len(read_folders) == 1


def test_a_walk_past_a_closed_folder_is_not_whole(root, monkeypatch):
    """What could not be read is left out, and the walk says so; a folder that goes away meanwhile is no reason to."""
    for key in ("a/1", "closed/2", "gone/3", "z"):
        (root / key).parent.mkdir(exist_ok=True)
        (root / key).touch()
    really_open = os.open

    def refuse(path, *arguments, **options):
        match os.fsencode(path):
            case b"closed":
                raise PermissionError(errno.EACCES, "Permission denied")
            case b"gone":
                raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return really_open(path, *arguments, **options)

    whole = Tree(root).walk(b"", b"b", NAMES_MAX)
    monkeypatch.setattr(os, "open", refuse)
    assert (list(whole), whole.is_whole) == ([b"a/1"], True)
    past_the_gone = Tree(root).walk(b"d", None, NAMES_MAX)
    assert (list(past_the_gone), past_the_gone.is_whole) == ([b"z"], True)
    walk = Tree(root).walk(b"", None, NAMES_MAX)
    assert (list(walk), walk.is_whole) == ([b"a/1", b"z"], False)


def test_walk_is_bounded(root):
    """Looking at more names than allowed ends with a clear error, not with a request that never ends."""
    for number in range(20):
        (root / str(number)).touch()
    with pytest.raises(StorageUnavailable) as caught:
        list(Tree(root).walk(b"", None, 19))
    assert "too many names" in caught.value.message


def test_deep_folders_are_walked(root):
    """A path as deep as a key can be is found; one deeper cannot be named and is left out."""
    deep = root
    for _ in range(510):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "f").touch()
    (deep / "g" / "h").mkdir(parents=True)
    (deep / "g" / "h" / "i").touch()
    assert walked(root) == [b"d/" * 510 + b"f"]


@pytest.mark.parametrize(("key", "expected"), [(b"a", True), (b"a/b", True), (b"a/.b", False), (b"a/", False)])
def test_reachable_names(key, expected):
    """Whether a key can name a file is told by the key alone."""
    assert is_reachable(key) == expected
