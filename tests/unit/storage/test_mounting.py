"""What a mount may say in the settings, and where its key comes from."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oss_faces.config import read_settings
from oss_faces.errors import ConfigurationError
from oss_faces.storage import MountSettings, MountsSettings, StorageLimits, open_mounts, read_mounts

ENVIRONMENT = {"ID": "the-key-id", "SECRET": "the-hidden-secret", "TOKEN": "the-hidden-token", "EMPTY": ""}
S3 = {
    "kind": "s3",
    "endpoint": "https://s3.example.com",
    "region": "us-east-1",
    "bucket": "pictures",
    "access_key_id_env": "ID",
    "access_key_secret_env": "SECRET",
}
OSS = {
    "kind": "oss",
    "endpoint": "https://oss-cn-hangzhou.aliyuncs.com",
    "bucket": "pictures",
    "access_key_id_env": "ID",
    "access_key_secret_env": "SECRET",
}


def mounts(**buckets: dict[str, object]) -> MountsSettings:
    """Read settings as from a file; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): mount for name, mount in buckets.items()}
    return read_settings(None, {}, {"mounts": {"buckets": named}}).mounts


def test_folder_is_taken(tmp_path):
    """A folder needs nothing else, and is read-only."""
    mount = mounts(photos={"folder": str(tmp_path)}).buckets["photos"]
    assert (mount.folder, mount.writable, mount.place) == (tmp_path, False, str(tmp_path))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"kind": "ftp"}, "kind"),
        ({"endpoint": "s3.example.com"}, "endpoint"),
        ({"endpoint": "https://"}, "endpoint"),
        ({"endpoint": "https://s3.example.com/path"}, "endpoint"),
        ({"endpoint": "https://id:hidden@s3.example.com"}, "endpoint must not hold a key"),
        ({"bucket": ""}, "bucket"),
        ({"bucket": "a/b"}, "bucket"),
        ({"bucket": "../x"}, "bucket"),
        ({"region": ""}, "region"),
        ({"prefix": "../other/"}, "prefix"),
        ({"prefix": "/a/"}, "prefix"),
        ({"prefix": "a//b/"}, "prefix"),
        ({"folder": "/tmp"}, "folder"),  # noqa: S108  never opened
        ({"access_key_id_env": ""}, "access_key_id_env"),
        ({"anonymous": True}, "anonymous"),
        ({"credentials_file": "key.json"}, "credentials_file"),
        ({"security_token_env": "not a name"}, "security_token_env"),
        ({"access_key_secret_env": "hidden/secret=="}, "access_key_secret_env"),
    ],
)
def test_wrong_service_is_named(change, named):
    """Each mistake ends the start with the setting's name, and never shows what may be a secret."""
    with pytest.raises(ConfigurationError, match=named) as caught:
        mounts(photos={**S3, **change})
    assert "hidden" not in caught.value.message


@pytest.mark.parametrize(
    ("mount", "named"),
    [
        ({}, "folder is missing"),
        ({"folder": "/absent/folder"}, "no folder"),
        ({"folder": __file__}, "no folder"),
        ({"folder": str(Path(__file__).parent), "endpoint": "https://s3.example.com"}, "endpoint"),
    ],
)
def test_wrong_folder_is_named(mount, named):
    """A folder has to be there when the server starts."""
    with pytest.raises(ConfigurationError, match=named):
        mounts(photos=mount)


@pytest.mark.parametrize("name", ["Photos", "a", "a.b", "-ab"])
def test_name_must_be_that_of_a_bucket(name, tmp_path):
    """A mounted bucket follows the rules for all buckets."""
    with pytest.raises(ConfigurationError, match="a-z"):
        MountsSettings(buckets={name: MountSettings(folder=tmp_path)}).validate()


@pytest.mark.parametrize("folder", [".", "inner", "inner/data", "inner/data/deeper"])
def test_data_folder_stays_out_of_reach(tmp_path, folder):
    """No mount may show the root key or the server's database, or lie among its files."""
    data = tmp_path / "inner" / "data"
    (data / "deeper").mkdir(parents=True)
    flags = {"mounts": {"buckets": {"photos": {"folder": str(tmp_path / folder)}}}, "storage": {"data_dir": str(data)}}
    with pytest.raises(ConfigurationError, match="data folder"):
        read_settings(None, {}, flags)


def test_link_to_the_data_folder_is_seen_through(tmp_path):
    """A link is no way around the rule."""
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    flags = {
        "mounts": {"buckets": {"photos": {"folder": str(tmp_path / "link")}}},
        "storage": {"data_dir": str(tmp_path / "data")},
    }
    with pytest.raises(ConfigurationError, match="data folder"):
        read_settings(None, {}, flags)


def test_key_comes_from_the_named_variables():
    """Key, secret and token are read once, and none of them is shown."""
    [source] = read_mounts(mounts(photos={**S3, "security_token_env": "TOKEN"}), ENVIRONMENT)
    assert source.credentials is not None
    assert source.credentials.access_key_id == "the-key-id"
    assert source.credentials.secret.reveal() == "the-hidden-secret"
    assert source.credentials.token is not None
    assert source.credentials.token.reveal() == "the-hidden-token"
    assert "hidden" not in repr(source)


@pytest.mark.parametrize("variable", ["EMPTY", "ABSENT"])
def test_missing_variable_is_named(variable):
    """A variable that is not set ends the start, not the tenth request."""
    with pytest.raises(ConfigurationError, match=variable):
        read_mounts(mounts(photos={**OSS, "access_key_secret_env": variable}), ENVIRONMENT)


def with_file(path: Path) -> MountsSettings:
    given = {name: value for name, value in OSS.items() if not name.endswith("_env")}
    return mounts(photos={**given, "credentials_file": str(path)})


def test_key_comes_from_a_file(tmp_path):
    """The root key file of another server is one."""
    path = tmp_path / "root-key.json"
    path.write_text(json.dumps({"access_key_id": "id", "access_key_secret": "hidden"}))
    path.chmod(0o600)
    [source] = read_mounts(with_file(path), {})
    assert source.credentials is not None
    assert (source.credentials.access_key_id, source.credentials.secret.reveal()) == ("id", "hidden")


@pytest.mark.parametrize(
    ("content", "mode", "named"),
    [
        ('{"access_key_id": "id", "access_key_secret": "hidden"}', 0o644, "chmod 600"),
        ('{"access_key_id": "id"}', 0o600, "no JSON with a key"),
        ('{"access_key_id": "id", "access_key_secret": ""}', 0o600, "no JSON with a key"),
        ('{"access_key_id": 5, "access_key_secret": "hidden"}', 0o600, "no JSON with a key"),
        ('["hidden"]', 0o600, "no JSON with a key"),
        ("hidden", 0o600, "no JSON with a key"),
    ],
)
def test_bad_key_file_is_named(tmp_path, content, mode, named):
    """A file that is open to others or holds no key ends the start; its content is not shown."""
    path = tmp_path / "key.json"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=named) as caught:
        read_mounts(with_file(path), {})
    assert "hidden" not in caught.value.message
    assert str(path) in caught.value.message


def test_missing_key_file_is_named(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_mounts(with_file(tmp_path / "absent.json"), {})


@pytest.mark.parametrize(
    ("endpoint", "kind", "addressing", "expected"),
    [
        ("https://oss-cn-hangzhou.aliyuncs.com", "oss", "auto", False),
        ("http://127.0.0.1:9000", "oss", "auto", True),
        ("http://[::1]:9000", "oss", "auto", True),
        ("http://localhost:9000", "oss", "auto", True),
        ("http://127.0.0.1:9000", "oss", "virtual", False),
        ("https://s3.amazonaws.com", "s3", "auto", True),
        ("https://s3.oss-cn-hangzhou.aliyuncs.com", "s3", "virtual", False),
    ],
)
def test_where_the_bucket_is_named(endpoint, kind, addressing, expected):
    """OSS wants the bucket in the host, which an IP address cannot have; the settings have the last word."""
    assert MountSettings(kind=kind, endpoint=endpoint, addressing=addressing).is_path_style == expected


def test_opening_asks_nothing_of_a_service():
    """A service that is not there does not keep the server from starting."""
    settings = mounts(photos={**OSS, "endpoint": "http://127.0.0.1:9"}, public={**S3, "anonymous": True, **NO_KEY})
    now = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    opened = open_mounts(read_mounts(settings, ENVIRONMENT), settings, StorageLimits(), "owner", lambda: now)
    assert sorted(opened) == ["photos", "public"]
    assert (opened["photos"].meta.owner, opened["photos"].is_writable) == ("owner", False)


NO_KEY = {"access_key_id_env": "", "access_key_secret_env": ""}
