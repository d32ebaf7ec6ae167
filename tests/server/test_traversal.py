"""No path leaves the place that it is for: the embedded store, and a mounted folder, also while links are swapped."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from oss_faces.errors import NoSuchKey, StorageUnavailable
from oss_faces.storage.mounted_tree import Tree
from tests.running import RunningServer, start_server
from tests.server.raw import ask, signed

OUTSIDE = b"what nobody may read"
UP = ["../", "%2e%2e/", "%2e%2e%2f", "..%2f", "%252e%252e%252f", "..%c0%af", "%c0%ae%c0%ae/", "%e0%80%ae%e0%80%ae/",
      "..%5c", "..\\", "%2e%2e%5c", "..;/", "..%00/", "....//", "..%252f", "%uff0e%uff0e/", "./../"]  # fmt: skip
ABSOLUTE = ["/", "//", "%2f", "%2F%2f", "file:///", "%5c", "C:%5c"]
SWAPS = 400


@pytest.fixture(scope="module")
def mounting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Path]]:
    """A server with its own store and a mounted folder, and a file that lies in neither."""
    home = tmp_path_factory.mktemp("traversal")
    (home / "outside").write_bytes(OUTSIDE)
    (home / "pictures" / "a").mkdir(parents=True)
    (home / "pictures" / "a" / "inside").write_bytes(b"inside")
    running = start_server(
        home, "--mount", f"mounted={home / 'pictures'}", environment={"OSS_FACES_WORKERS__RUNNING": "1"}
    )
    running.bucket("own-store").create_bucket()
    yield running, home
    assert running.stop() == 0


@pytest.mark.parametrize("bucket", ["own-store", "mounted"])
def test_no_encoding_of_a_path_climbs(mounting, bucket):
    """Dots and slashes in every encoding, one level or many, behind a folder or not: the file outside is never sent."""
    running, home = mounting
    outside = str(home / "outside")
    climbing = [f"{start}{up * depth}outside" for start in ("", "a/") for up in UP for depth in (1, 2, 3)]
    absolute = [f"{root}{outside.lstrip('/')}" for root in ABSOLUTE]
    for key in [*climbing, *absolute, *(f"{up * 12}{outside.lstrip('/')}" for up in UP)]:
        status, answer = ask(running, signed(running, f"/{bucket}/{key}"))
        assert 400 <= status < 500, (key, status)
        assert OUTSIDE not in answer, key


def test_the_same_paths_are_keys_like_others_in_the_own_store(mounting):
    """What climbs elsewhere is a name there: it can be written and read, and nothing lies beside the data folder."""
    running, home = mounting
    before = {path for path in home.rglob("*") if "data" not in path.parts}
    bucket = running.bucket("own-store")
    for key in ("../outside", "a/../../outside", "..\\outside", "/etc/passwd", "%2e%2e/outside"):
        bucket.put_object(key, key.encode())
        assert bucket.get_object(key).read() == key.encode()
        bucket.delete_object(key)
    assert {path for path in home.rglob("*") if "data" not in path.parts} == before
    assert (home / "outside").read_bytes() == OUTSIDE


def test_links_that_are_swapped_meanwhile_lead_nowhere(tmp_path):
    """While a folder is a folder, a link and a folder again, each read gives its own file or nothing."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_bytes(OUTSIDE)
    root = tmp_path / "root"
    (root / "kept").mkdir(parents=True)
    (root / "kept" / "file").write_bytes(b"mine")
    (root / "link").symlink_to("../outside")
    tree, done = Tree(root), threading.Event()

    def swap() -> None:
        while not done.is_set():
            for name in ("kept", "link"):
                (root / name).rename(root / "a")
                (root / "a").rename(root / name)

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen: set[bytes] = set()
    reads = 0
    try:
        # How often the two threads take turns is the system's choice.
        while reads < SWAPS or (len(seen) < 2 and reads < 100 * SWAPS):
            reads += 1
            try:
                with tree.open(b"a/file") as file:
                    seen.add(file.read())
            except (NoSuchKey, StorageUnavailable):
                seen.add(b"")
    finally:
        done.set()
        swapping.join()
    assert seen <= {b"", b"mine"}
    assert b"mine" in seen
