"""`oss-faces serve`: its settings, and what the worker needs of them. What they are about is not imported yet."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from oss_faces.child.begun import BegunProcess
from oss_faces.child.wire import greet
from oss_faces.cli.given import given_settings
from oss_faces.config import Settings
from oss_faces.errors import ConfigurationError
from oss_faces.storage.mounted_settings import MountSettings
from oss_faces.workers.greeting import hello_of


def read(
    config: Path | None, flags: Mapping[tuple[str, str], str | None], omit: str | None, mounts: tuple[str, ...]
) -> Settings:
    """Read the settings of a server.

    Raises:
        ConfigurationError: they make no sense.
    """
    return _with_mounts(given_settings(config, flags, omit), mounts)


def greet_first(settings: Settings, begun: BegunProcess) -> None:
    """Let the worker that was begun load its networks from now on; end it where threads do its work."""
    if settings.workers.kind == "threads":
        begun.end()
    else:
        greet(begun, hello_of(settings.workers, settings.stages))


def _with_mounts(settings: Settings, mounts: tuple[str, ...]) -> Settings:
    """Add the folders of the command line to those of the settings; of one bucket the command line's counts."""
    buckets = dict(settings.mounts.buckets)
    for mount in mounts:
        name, equals, folder = mount.partition("=")
        if not equals or not folder:
            raise ConfigurationError(f"--mount takes BUCKET=DIR, and not {mount!r}")
        buckets[name] = MountSettings(folder=Path(folder))
    merged = replace(settings, mounts=replace(settings.mounts, buckets=buckets))
    merged.validate()
    return merged
