import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.projects import ImmSettings


@pytest.mark.parametrize("name", ["projects_max", "attachments_max", "nonces_max"])
@pytest.mark.parametrize("value", [0, -1, 10**9])
def test_limits_have_limits(name: str, value: int) -> None:
    """A number with which nothing could work is refused by its name."""
    with pytest.raises(ConfigurationError, match=name):
        ImmSettings(**{name: value}).validate()


def test_defaults_are_allowed() -> None:
    """The defaults pass, and need nobody to create or attach anything first."""
    ImmSettings().validate()
    assert ImmSettings().auto_attach
    assert ImmSettings().auto_project
