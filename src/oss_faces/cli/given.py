"""Settings as a command was given them."""

import os
from collections.abc import Mapping
from pathlib import Path

from oss_faces.config import Settings, read_settings


def given_settings(
    config: Path | None, flags: Mapping[tuple[str, str], str | None], omit: str | None = None
) -> Settings:
    """Read the settings of a command.

    Args:
        flags: (section, key) -> value, `None` for a flag that was not given.
        omit: names of attributes, with commas between them.

    Raises:
        ConfigurationError: they make no sense.
    """
    given: dict[str, dict[str, object]] = {}
    for (section, key), value in flags.items():
        if value is not None:
            given.setdefault(section, {})[key] = value
    if omit is not None:
        given["analysis"] = {"omit": tuple(name.strip() for name in omit.split(",") if name.strip())}
    return read_settings(config, os.environ, given)
