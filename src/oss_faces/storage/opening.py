"""Opening the embedded store: folder, lock, database, sweep."""

import fcntl
import io
import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anyio import to_thread

from oss_faces.errors import ConfigurationError
from oss_faces.storage.base import Clock
from oss_faces.storage.connections import Connections
from oss_faces.storage.content import SHARDS, ContentFolder
from oss_faces.storage.files import ContentFiles
from oss_faces.storage.local import LocalStore
from oss_faces.storage.local_reader import DATABASE
from oss_faces.storage.records import Records
from oss_faces.storage.schema import is_new, migrate
from oss_faces.storage.settings import StorageSettings
from oss_faces.storage.upload_records import UploadRecords

_LOCK: Final = "store.lock"

_log: Final = logging.getLogger(__name__)


async def open_local_store(settings: StorageSettings, clock: Clock, content: ContentFolder | None = None) -> LocalStore:
    """Open the store in `settings.data_dir`, made when it does not exist; close it with `aclose`.

    After a crash, what it left half done is removed first; this looks at every content file once.

    Args:
        settings: where, and the limits.
        clock: aware UTC.
        content: the files of the contents, when they are not to be the ordinary ones (tests of failing disks).

    Raises:
        ConfigurationError: the folder cannot be used, or another process uses it.
    """
    settings.validate()
    folder = content or ContentFolder(settings.data_dir)
    try:
        parts = await to_thread.run_sync(_prepare, settings, folder)
    except (OSError, sqlite3.DatabaseError) as exc:
        raise ConfigurationError(f"cannot use the data folder {settings.data_dir}: {exc}") from exc
    files = ContentFiles(settings, folder)
    return LocalStore(settings, clock, parts.records, parts.uploads, files, parts.lock)


@dataclass(frozen=True, slots=True)
class _Parts:
    records: Records
    uploads: UploadRecords
    lock: io.FileIO


def _prepare(settings: StorageSettings, content: ContentFolder) -> _Parts:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _private_file(settings.data_dir / _LOCK)
    try:
        _hold(lock, settings.data_dir)
        content.prepare()
        _private_file(settings.data_dir / DATABASE).close()
        connections = Connections(settings.data_dir / DATABASE, settings.reads_max, settings.busy_timeout_s)
        try:
            records = _ready_records(connections, content)
        except BaseException:
            connections.close()
            raise
    except BaseException:
        lock.close()
        raise
    return _Parts(records, UploadRecords(connections, settings), lock)


def _ready_records(connections: Connections, content: ContentFolder) -> Records:
    if is_new(connections) and not content.is_empty():
        # To go on would be to sweep every content away as an orphan.
        raise ConfigurationError(
            f"contents without {DATABASE} lie in the data folder: put that file back, or move content/ away"
        )
    migrate(connections)
    content.sync(content.root)
    records = Records(connections)
    if not records.is_clean():
        swept = content.sweep_incoming()
        swept += sum(content.sweep(shard, records.content_ids(shard)) for shard in SHARDS)
        _log.warning("the store was not closed in order: %d left-over files removed", swept)
    records.set_clean(is_clean=False)
    return records


def _private_file(path: Path) -> io.FileIO:
    """Open a file for writing, made with mode 0600 when it does not exist, its content untouched."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return io.FileIO(descriptor, "r+")


def _hold(lock: io.FileIO, data_dir: Path) -> None:
    """Keep other processes out until the file is closed, were it by the end of this process."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise ConfigurationError(f"another process uses the data folder {data_dir}") from exc
