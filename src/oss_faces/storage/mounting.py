"""Opening the mounted buckets that the settings name."""

import json
import logging
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from oss_faces.errors import ConfigurationError
from oss_faces.protocol import Secret
from oss_faces.storage.base import Clock
from oss_faces.storage.mounted_folder import FolderStore
from oss_faces.storage.mounted_key import Credentials
from oss_faces.storage.mounted_settings import MountSettings, MountsSettings
from oss_faces.storage.mounted_staging import FolderWriter
from oss_faces.storage.mounted_tree import Tree
from oss_faces.storage.routing import Mount, MountedStore
from oss_faces.storage.settings import StorageLimits
from oss_faces.values import Acl, BucketMeta

_FILE_BYTES_MAX: Final = 64 * 1024

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MountSource:
    """One mount of the settings with the key it needs, read before the server starts. `None` needs no key."""

    name: str
    settings: MountSettings
    credentials: Credentials | None


def read_mounts(settings: MountsSettings, environment: Mapping[str, str]) -> tuple[MountSource, ...]:
    """Find the key of each mount, in the variables or the file that the settings name.

    Raises:
        ConfigurationError: a variable is empty, or a file is open to others, damaged or not there.
    """
    return tuple(
        MountSource(name, mount, _credentials(f"mounts.buckets.{name}", mount, environment))
        for name, mount in sorted(settings.buckets.items())
    )


def open_mounts(
    sources: tuple[MountSource, ...], settings: MountsSettings, limits: StorageLimits, owner: str, clock: Clock
) -> dict[str, Mount]:
    """Open the stores of all mounts. Nothing is asked of a service yet: one that is down stops no server from starting.

    Args:
        owner: account that owns the buckets.

    Raises:
        ConfigurationError: the client of a service cannot be made.
    """
    now = clock().replace(microsecond=0)
    return {
        source.name: Mount(
            BucketMeta(source.name, Acl.PRIVATE, now, owner),
            _open(source, settings, limits, clock),
            source.settings.writable,
        )
        for source in sources
    }


def _open(source: MountSource, settings: MountsSettings, limits: StorageLimits, clock: Clock) -> MountedStore:
    mount = source.settings
    if mount.folder is None:
        # The library behind them is large, and most servers mount no service.
        from oss_faces.storage.mounted_remote import RemoteStore  # noqa: PLC0415  (see above)
        from oss_faces.storage.mounted_upstream import open_upstream  # noqa: PLC0415

        return RemoteStore(open_upstream(mount, source.credentials, settings), settings, limits)
    tree = Tree(mount.folder)
    if mount.writable:
        removed = FolderWriter(tree).sweep(clock())
        if removed:
            _log.warning("%d half-written files were removed from %s", removed, mount.folder)
    return FolderStore(tree, settings, limits, clock)


def _credentials(where: str, mount: MountSettings, environment: Mapping[str, str]) -> Credentials | None:
    if mount.kind == "folder" or mount.anonymous:
        return None
    if mount.credentials_file is not None:
        return _from_file(where, mount.credentials_file)
    names = (mount.access_key_id_env, mount.access_key_secret_env, mount.security_token_env)
    missing = [name for name in names if name and not environment.get(name)]
    if missing:
        raise ConfigurationError(f"{where}: the environment variable {missing[0]} is empty or not set")
    key_id, secret, token = (environment.get(name, "") for name in names)
    return Credentials(key_id, Secret(secret), Secret(token) if token else None)


def _from_file(where: str, path: Path) -> Credentials:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigurationError(f"{where}.credentials_file is open to others; run: chmod 600 {path}")
            entry: Any = json.loads(file.read(_FILE_BYTES_MAX))
        texts = [entry["access_key_id"], entry["access_key_secret"], entry.get("security_token", "")]
    except OSError as exc:
        raise ConfigurationError(f"{where}.credentials_file cannot be read: {path}: {exc.strerror}") from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigurationError(f"{where}.credentials_file is no JSON with a key: {path}") from exc
    if not all(isinstance(text, str) for text in texts) or not all(texts[:2]):
        raise ConfigurationError(f"{where}.credentials_file is no JSON with a key: {path}")
    key_id, secret, token = texts
    return Credentials(key_id, Secret(secret), Secret(token) if token else None)
