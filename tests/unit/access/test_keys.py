import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from oss_faces.access import ROOT_KEY_FILE, AccessKey, MemoryKeyRing, RootKeyRing, Secret
from oss_faces.errors import ConfigurationError
from oss_faces.grants import EVERYTHING


@pytest.mark.anyio
async def test_a_memory_ring_finds_its_keys_only():
    """A key is found by its whole id."""
    key = AccessKey("id", Secret("s"))
    ring = MemoryKeyRing([key])
    assert await ring.find("id") is key
    assert await ring.find("ID") is None
    assert await MemoryKeyRing().find("") is None


@pytest.mark.anyio
async def test_a_given_key_is_used_and_not_written(tmp_path):
    """A key from the environment is the root key; the folder stays as it is."""
    ring = RootKeyRing.open(tmp_path, "id", Secret("s"))
    found = await ring.find("id")
    assert found.secret.matches("s")
    assert found.rights == EVERYTHING
    assert await ring.find("other") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("access_key_id", "secret"), [("id", None), ("", Secret("s"))])
def test_half_a_key_is_an_error(tmp_path, access_key_id, secret):
    """An id without its secret, or a secret without its id, ends the start."""
    with pytest.raises(ConfigurationError):
        RootKeyRing.open(tmp_path, access_key_id, secret)


@pytest.mark.parametrize("access_key_id", ["a b", "a:b", "a/b", "a" * 129])
def test_an_id_that_no_request_can_carry_is_an_error(tmp_path, access_key_id):
    """An id with other characters could never sign in. It is not quoted: it may be the secret in the wrong place."""
    with pytest.raises(ConfigurationError) as caught:
        RootKeyRing.open(tmp_path, access_key_id, Secret("s"))
    assert access_key_id not in caught.value.message


def test_a_key_is_created_once(tmp_path):
    """Without a key one is made in the folder, mode 0600, and found again at the next start."""
    folder = tmp_path / "new" / "data"
    first, second = RootKeyRing.open(folder), RootKeyRing.open(folder)
    assert stat.S_IMODE((folder / ROOT_KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [ROOT_KEY_FILE]
    assert first.key.access_key_id == second.key.access_key_id
    assert second.key.secret.matches(first.key.secret.reveal())


def test_the_mode_does_not_depend_on_the_umask(tmp_path):
    """A lax umask does not open the key file."""
    before = os.umask(0)
    try:
        RootKeyRing.open(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / ROOT_KEY_FILE).stat().st_mode) == 0o600


def test_new_keys_have_the_official_shape(tmp_path):
    """Ids have 24 letters and digits, secrets 30; two keys are never the same."""
    keys = [RootKeyRing.open(tmp_path / name).key for name in ("a", "b")]
    for key in keys:
        assert len(key.access_key_id) == 24
        assert key.access_key_id.isalnum()
        assert key.access_key_id.startswith("OSSF")
        assert len(key.secret.reveal()) == 30
        assert key.secret.reveal().isalnum()
    assert keys[0].access_key_id != keys[1].access_key_id


def test_two_servers_starting_at_once_agree(tmp_path):
    """The first key to be written wins, and everybody reads that one."""
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: RootKeyRing.open(tmp_path), range(16)))
    assert len({ring.key.access_key_id for ring in rings}) == 1
    assert [path.name for path in tmp_path.iterdir()] == [ROOT_KEY_FILE]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o644, 0o777])
def test_a_file_open_to_others_is_refused(tmp_path, mode):
    """A key file that anybody else may read, write or run ends the start, and the message says what to do."""
    RootKeyRing.open(tmp_path)
    (tmp_path / ROOT_KEY_FILE).chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        RootKeyRing.open(tmp_path)


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_file_closed_to_others_is_read(tmp_path, mode):
    """The owner's own bits do not matter."""
    ring = RootKeyRing.open(tmp_path)
    (tmp_path / ROOT_KEY_FILE).chmod(mode)
    assert RootKeyRing.open(tmp_path).key.access_key_id == ring.key.access_key_id


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"7",
        b"{}",
        b'{"access_key_id": "id"}',
        b'{"access_key_id": "", "access_key_secret": "s"}',
        b'{"access_key_id": "i d", "access_key_secret": "s"}',
        b'{"access_key_id": "id", "access_key_secret": 7}',
        b'{"access_key_id": "id", "access_key_secret": "' + b"s" * 5000 + b'"}',
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content):
    """A file without a whole key ends the start; no key is guessed and none is made in its place."""
    path = tmp_path / ROOT_KEY_FILE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="damaged"):
        RootKeyRing.open(tmp_path)
    assert path.read_bytes() == content


def test_what_is_no_file_is_refused(tmp_path):
    """A folder in the place of the key file ends the start."""
    (tmp_path / ROOT_KEY_FILE).mkdir(mode=0o700)
    with pytest.raises(ConfigurationError):
        RootKeyRing.open(tmp_path)


def test_a_link_is_refused(tmp_path):
    """A symbolic link in the place of the key file is not followed."""
    elsewhere = tmp_path / "elsewhere"
    RootKeyRing.open(elsewhere)
    (tmp_path / ROOT_KEY_FILE).symlink_to(elsewhere / ROOT_KEY_FILE)
    with pytest.raises(ConfigurationError):
        RootKeyRing.open(tmp_path)


def test_a_dangling_link_is_refused(tmp_path):
    """A link to nothing is refused too, and nothing is written through it."""
    (tmp_path / ROOT_KEY_FILE).symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError):
        RootKeyRing.open(tmp_path)
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    """Where the data folder cannot be written the start ends with a clear error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="key file"):
        RootKeyRing.open(tmp_path / "file" / "data")


def test_the_file_is_plain_json(tmp_path):
    """An owner can read the key where the manual says that it is."""
    ring = RootKeyRing.open(tmp_path)
    entry = json.loads((tmp_path / ROOT_KEY_FILE).read_text())
    assert entry == {"access_key_id": ring.key.access_key_id, "access_key_secret": ring.key.secret.reveal()}


def test_no_secret_is_shown(tmp_path):
    """Neither a ring nor a key shows its secret."""
    ring = RootKeyRing.open(tmp_path)
    assert ring.key.secret.reveal() not in f"{ring} {ring.key}"
