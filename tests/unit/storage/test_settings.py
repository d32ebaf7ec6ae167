from dataclasses import fields

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.storage import StorageLimits, StorageSettings


def test_defaults_are_valid():
    """The default settings pass their own check, and allow what OSS allows in one PutObject."""
    StorageLimits().validate()
    StorageSettings().validate()
    assert StorageSettings().object_bytes_max == 5 * 1024**3


@pytest.mark.parametrize("name", [field.name for field in fields(StorageSettings) if field.name != "data_dir"])
@pytest.mark.parametrize("value", [-1, 10**15])
def test_values_out_of_range_are_named(name, value):
    """Every number has a lower and an upper bound, and the error names the setting."""
    with pytest.raises(ConfigurationError, match=rf"storage\.{name} is {value}"):
        StorageSettings(**{name: value}).validate()
