"""Settings from file, environment and flags: the later wins, and what is not known is refused."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from oss_faces.config import ROOT_KEY_NAMES, Settings, read_settings, shown
from oss_faces.errors import ConfigurationError, ModelUnavailable

SECTIONS = [section.name for section in dataclasses.fields(Settings)]


@pytest.fixture
def write(tmp_path: Path):
    """Write a settings file."""

    def make(text: str | bytes) -> Path:
        file = tmp_path / "oss-faces.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return make


def read(file: Path | None = None, environment: dict[str, str] | None = None, **flags: dict[str, Any]) -> Settings:
    return read_settings(file, environment or {}, flags)


def test_nothing_given_means_the_defaults() -> None:
    """An empty world is a valid one."""
    assert read() == Settings()
    assert read(environment={"PATH": "/bin", "OSS_ACCESS_KEY_ID": "of an SDK"}) == Settings()


def test_defaults_are_valid() -> None:
    """No default is refused by its own section."""
    Settings().validate()


def test_later_wins(write) -> None:
    """Defaults, then the file, then the environment, then flags; each key by itself."""
    file = write('[server]\nlisten = "127.0.0.1:1"\nregion = "file"\ngrace_s = 1\n[workers]\nwaiting = 1\n')
    environment = {"OSS_FACES_SERVER__LISTEN": "127.0.0.1:2", "OSS_FACES_SERVER__REGION": "environment"}
    settings = read(file, environment, server={"listen": "127.0.0.1:3"})
    assert (settings.server.listen, settings.server.region) == ("127.0.0.1:3", "environment")
    assert (settings.server.grace_s, settings.workers.waiting) == (1, 1)
    assert settings.server.connections_max == Settings().server.connections_max


def test_file_takes_the_types_of_toml(write) -> None:
    """Numbers, truths, lists and tables arrive as what the settings say they are."""
    settings = read(
        write("""
            [addressing]
            base_names = ["oss.example.com"]
            custom_domains = { "img.example.com" = "photos" }
            [signing]
            v1_lenient_process = true
            [workers]
            deadline_s = 5
            [storage]
            data_dir = "/srv/faces"
        """)
    )
    assert settings.addressing.base_names == ("oss.example.com",)
    assert settings.addressing.custom_domains == {"img.example.com": "photos"}
    assert settings.signing.v1_lenient_process is True
    assert settings.workers.deadline_s == 5.0
    assert settings.storage.data_dir == Path("/srv/faces")


def test_environment_takes_text_and_json() -> None:
    """Plain values are converted; lists and tables are JSON."""
    settings = read(
        environment={
            "OSS_FACES_WORKERS__WAITING": "7",
            "OSS_FACES_WORKERS__DEADLINE_S": "2.5",
            "OSS_FACES_SIGNING__V1_LENIENT_PROCESS": "true",
            "OSS_FACES_SIGNING__REGIONS": '["cn-hangzhou", "cn-beijing"]',
            "OSS_FACES_ADDRESSING__CUSTOM_DOMAINS": '{"img.example.com": "photos"}',
            "OSS_FACES_RENDERING__FRAME": "stored",
        }
    )
    assert (settings.workers.waiting, settings.workers.deadline_s) == (7, 2.5)
    assert settings.signing.v1_lenient_process is True
    assert settings.signing.regions == ("cn-hangzhou", "cn-beijing")
    assert settings.addressing.custom_domains == {"img.example.com": "photos"}
    assert settings.rendering.frame == "stored"


def test_address_in_brackets_is_no_list() -> None:
    """An IPv6 address begins like JSON, and is text."""
    assert read_settings(None, {"OSS_FACES_SERVER__LISTEN": "[::1]:9000"}, {}).server.address == ("::1", 9000)


@pytest.mark.parametrize("name", [*ROOT_KEY_NAMES, "OSS_FACES_CONFIG", "OSS_FACES_SHARED"])
def test_names_of_the_command_line_are_no_settings(name: str) -> None:
    """The root key never becomes part of the settings, which may be shown."""
    settings = read(environment={name: "a-value-that-is-a-secret"})
    assert settings == Settings()
    assert "a-value-that-is-a-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"OSS_FACES_LISTEN": "x"}, "OSS_FACES_LISTEN"),
        ({"OSS_FACES_": "x"}, "OSS_FACES_"),
        ({"OSS_FACES_SERVER_LISTEN": "x"}, "OSS_FACES_SERVER_LISTEN"),
        ({"OSS_FACES_NOWHERE__LISTEN": "x"}, "nowhere"),
        ({"OSS_FACES_SERVER__NOTHING": "x"}, r"server\.nothing"),
        ({"OSS_FACES_SERVER__": "x"}, r"server\."),
        ({"OSS_FACES_SIGNING__REGIONS": "[broken"}, "JSON"),
        ({"OSS_FACES_ADDRESSING__CUSTOM_DOMAINS": "img=pictures"}, "JSON"),
        ({"OSS_FACES_SIGNING__REGIONS": "cn-hangzhou"}, r"signing\.regions"),
        ({"OSS_FACES_WORKERS__WAITING": "many"}, r"workers\.waiting"),
        ({"OSS_FACES_WORKERS__WAITING": "-1"}, r"workers\.waiting"),
    ],
)
def test_wrong_environment_is_named(environment: dict[str, str], named: str) -> None:
    """A variable that is misspelled is an error, not a setting that silently stays as it was."""
    with pytest.raises(ConfigurationError, match=named):
        read(environment=environment)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[nowhere]\nx = 1", "nowhere"),
        ("[server]\nlissten = 'x'", r"server\.lissten"),
        ("listen = 'x'", "outside a section"),
        ("[server]\nlisten = 9000", r"server\.listen"),
        ("[workers]\nwaiting = 'many'", r"workers\.waiting"),
        ("[workers]\nwaiting = 1.5", r"workers\.waiting"),
        ("[workers]\ndeadline_s = nan", r"workers\.deadline_s"),
        ("[signing]\nregions = 'cn-hangzhou'", r"signing\.regions"),
        ("[rendering]\nframe = 'rotated'", r"rendering\.frame"),
        ("[server]\nlisten", "not valid TOML"),
        (b"\xff\xfe", "not valid TOML"),
    ],
)
def test_wrong_file_is_named(text: str | bytes, named: str, write) -> None:
    """Unknown sections and keys, wrong types and broken files each end the start with a line that helps."""
    with pytest.raises(ConfigurationError, match=named):
        read(write(text))


@pytest.mark.parametrize(("flags", "named"), [({"nowhere": {"x": 1}}, "nowhere"), ({"server": {"x": 1}}, r"server\.x")])
def test_wrong_flag_is_named(flags: dict[str, dict[str, object]], named: str) -> None:
    """A flag that no section knows is our own mistake, and is found."""
    with pytest.raises(ConfigurationError, match=named):
        read_settings(None, {}, flags)


def test_a_truth_is_no_number(write) -> None:
    """`waiting = true` is a mistake, not 1."""
    with pytest.raises(ConfigurationError, match=r"workers\.waiting: must not be true or false"):
        read(write("[workers]\nwaiting = true\n"))


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A file that cannot be read is not the same as no file."""
    with pytest.raises(ConfigurationError, match=r"cannot read .*absent\.toml: No such file"):
        read(tmp_path / "absent.toml")


WRONG_VALUES: dict[str, tuple[str, object]] = {
    "imm": ("projects_max", 0),
    "server": ("region", "oss-cn-hangzhou"),
    "console": ("endpoint", "oss.example.com"),
    "admin": ("listen", "9001"),
    "tasks": ("keep_days", 0),
    "facedb": ("datasets_max", 0),
    "clustering": ("founding_side", -1),
    "fitness": ("side_min", 0),
    "decision": ("similarity_min", 2.0),
    "workers": ("running", 5000),
    "cache": ("size_bytes_max", -1),
    "metering": ("retention_days", -1),
    "storage": ("chunk_bytes", 0),
    "vectors": ("engine", "milvus"),
    "mounts": ("buckets", {"photos": {}}),
    "recognition": ("batch_max", 0),
    "database": ("connections_max", 0),
    "addressing": ("default_bucket", "No Bucket"),
    "signing": ("skew_s", 0),
    "models": ("folder", "/dev/null/absent"),
    "inference": ("engine", "magic"),
    "decoding": ("pixels_max", 0),
    "video": ("pixels_max", 0),
    "imaging": ("pixels_max", 0),
    "detection": ("score_threshold", 2.0),
    "analysis": ("omit", ["shoe_size"]),
    "rendering": ("frame", "rotated"),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_checks_its_values(section: str) -> None:
    """Whatever section a value is in, one that cannot work is refused at start. A new section needs a line above."""
    key, value = WRONG_VALUES[section]
    with pytest.raises((ConfigurationError, ModelUnavailable)):
        read_settings(None, {}, {section: {key: value}})


def test_error_does_not_show_the_value() -> None:
    """What stands in the wrong place may be a secret."""
    with pytest.raises(ConfigurationError) as caught:
        read(environment={"OSS_FACES_WORKERS__WAITING": "hunter2-secret"})
    assert "hunter2" not in caught.value.message


def test_settings_that_are_shown_hold_no_secret() -> None:
    """Whoever may look at the limits sees numbers, switches and a few words, and no address, path or name of a key."""
    settings = read_settings(None, {}, {"server": {"region": "cn-beijing"}, "storage": {"data_dir": "/a/secret/place"}})
    told = shown(settings)
    assert told["server"]["region"] == "cn-beijing"
    assert told["server"]["connections_max"] == settings.server.connections_max
    assert told["decoding"]["size_bytes_max"] == settings.decoding.size_bytes_max
    assert "secret" not in str(told)
    texts = {name for section in told.values() for name, value in section.items() if isinstance(value, str)}
    assert texts == {"region", "frame", "pack", "engine"}


def test_vectors_of_a_shared_database_are_shared() -> None:
    """In a folder of each server what is erased would stay in those of the others: the folder has to be named."""
    environment = {"OSS_FACES_DATABASE__URL": "postgresql://user@host/name"}
    with pytest.raises(ConfigurationError, match=r"vectors\.folder"):
        read_settings(None, environment, {})
    read_settings(None, {**environment, "OSS_FACES_VECTORS__FOLDER": "/srv/vectors"}, {})
