import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.facedb import FaceDbSettings


@pytest.mark.parametrize(
    "name", ["datasets_max", "files_max", "figures_max", "merges_max", "chunk_vectors", "unfollowed_max"]
)
@pytest.mark.parametrize("value", [0, -1, 10**10])
def test_limits_have_limits(name: str, value: int) -> None:
    """A number with which nothing could work is refused by its name."""
    with pytest.raises(ConfigurationError, match=name):
        FaceDbSettings(**{name: value}).validate()


def test_defaults_are_allowed() -> None:
    """The defaults pass."""
    FaceDbSettings().validate()
