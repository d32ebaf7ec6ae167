import dataclasses

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.imaging import ImagingSettings


@pytest.mark.parametrize("name", [item.name for item in dataclasses.fields(ImagingSettings)])
def test_limit_below_one_is_refused(name):
    """Each limit is at least 1, and its error names it."""
    ImagingSettings(**{name: 1}).validate()
    with pytest.raises(ConfigurationError, match=f"imaging.{name}"):
        ImagingSettings(**{name: 0}).validate()
