"""Where the server listens and who it says it is."""

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.http import AdminSettings, ServerSettings


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:9000", ("127.0.0.1", 9000)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),  # noqa: S104  a text, nothing listens
        ("localhost:65535", ("localhost", 65535)),
        ("[::1]:9000", ("::1", 9000)),
        ("[::]:80", ("::", 80)),
    ],
)
def test_address_is_host_and_port(listen: str, address: tuple[str, int]) -> None:
    """The last colon parts them; brackets belong to IPv6."""
    settings = ServerSettings(listen=listen)
    settings.validate()
    assert settings.address == address


@pytest.mark.parametrize(
    "changes",
    [
        {"listen": ""},
        {"listen": "9000"},
        {"listen": ":9000"},
        {"listen": "localhost"},
        {"listen": "localhost:"},
        {"listen": "localhost:http"},
        {"listen": "localhost:65536"},
        {"listen": "localhost:-1"},
        {"listen": "localhost:\u0661"},
        {"listen": "localhost:" + "9" * 5000},
        {"region": ""},
        {"region": "oss-cn-hangzhou"},
        {"region": "CN"},
        {"region": "cn hangzhou"},
        {"header_timeout_s": 0},
        {"header_timeout_s": 3601},
        {"body_idle_s": 0.0},
        {"body_idle_s": float("nan")},
        {"body_idle_s": 3601.0},
        {"connections_max": 0},
        {"connections_max": 100_001},
        {"grace_s": -1},
        {"grace_s": 3601},
    ],
)
def test_value_that_cannot_work_is_refused(changes: dict[str, object]) -> None:
    """Each wrong value is named at start."""
    with pytest.raises(ConfigurationError, match=rf"server\.{next(iter(changes))}"):
        ServerSettings(**changes).validate()  # type: ignore[arg-type]  # what a settings file could say


@pytest.mark.parametrize(
    "changes",
    [
        {"header_timeout_s": 1, "body_idle_s": 0.001, "connections_max": 1, "grace_s": 0},
        {"header_timeout_s": 3600, "body_idle_s": 3600.0, "connections_max": 100_000, "grace_s": 3600},
    ],
)
def test_value_at_the_edge_of_its_range_is_taken(changes: dict[str, object]) -> None:
    """The smallest and the largest value can be used."""
    ServerSettings(**changes).validate()  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("listen", "address", "is_off"),
    [("auto", None, False), ("off", None, True), ("0.0.0.0:9001", ("0.0.0.0", 9001), False)],  # noqa: S104  texts
)
def test_admin_address_is_a_word_or_host_and_port(listen: str, address: object, is_off: bool) -> None:
    """The two words have no address of their own."""
    settings = AdminSettings(listen)
    settings.validate()
    assert (settings.address, settings.is_off) == (address, is_off)


@pytest.mark.parametrize("listen", ["", "on", "9001", "localhost:"])
def test_admin_address_that_makes_no_sense_is_refused(listen: str) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigurationError, match=r"admin\.listen"):
        AdminSettings(listen).validate()
