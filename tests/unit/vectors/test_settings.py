"""Settings of vectors make sense, or say why not."""

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.vectors import VectorSettings


def test_the_defaults_are_valid() -> None:
    """Nothing has to be set."""
    VectorSettings().validate()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (VectorSettings(codes_rows_min=-1), "codes_rows_min"),
        (VectorSettings(block_scores=1023), "block_scores"),
        (VectorSettings(block_scores=2**26 + 1), "block_scores"),
        (VectorSettings(lock_timeout_s=0), "lock_timeout_s"),
        (VectorSettings(milvus_timeout_s=601), "milvus_timeout_s"),
        (VectorSettings(engine="milvus"), "milvus_uri"),
    ],
)
def test_wrong_values_are_refused(wrong: VectorSettings, name: str) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigurationError, match=rf"vectors\.{name}"):
        wrong.validate()
