from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from oss_faces.database.engine import Database
from oss_faces.database.postgresql import REMAINS, Eraser, postgresql_engine
from oss_faces.database.settings import DatabaseSettings
from oss_faces.database.sqlite import Scrubber, sqlite_engine
from oss_faces.database.versions import is_newest
from oss_faces.errors import ConfigurationError, StorageUnavailable

DATABASE_FILE: Final = "state.sqlite"


def open_database(folder: Path, settings: DatabaseSettings | None = None) -> Database:
    """Open the state database, of a data folder or in PostgreSQL, and bring its tables to the newest version.

    Folder and file are made when they do not exist. Running servers and the command line may have it open at the
    same time. Close it with `close`. How a component adds its tables: see `Database`.

    Raises:
        ConfigurationError: the folder or file cannot be used, others may read it, or a later version wrote it; or
            PostgreSQL cannot be reached, or refused.
    """
    settings = settings or DatabaseSettings()
    settings.validate()
    return _open_postgresql(settings) if settings.url else _open_file(folder, settings)


def _open_file(folder: Path, settings: DatabaseSettings) -> Database:
    path = folder / DATABASE_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = sqlite_engine(path, settings)
        return _migrated(Database(engine, settings.connections_max, Scrubber(engine)))
    except OSError as exc:
        raise ConfigurationError(f"the state database cannot be used: {path}: {exc.strerror}") from exc
    except StorageUnavailable as exc:
        raise ConfigurationError(f"the state database cannot be used: {path}: {exc.context['reason']}") from exc
    except DBAPIError as exc:
        raise ConfigurationError(f"the state database is damaged: {path}: {exc.orig}") from exc


def _open_postgresql(settings: DatabaseSettings) -> Database:
    engine = postgresql_engine(settings)
    erase = Eraser(settings.erase_by)
    try:
        return _migrated(Database(engine, settings.connections_max, erase, REMAINS[settings.erase_by]))
    except StorageUnavailable as exc:
        raise ConfigurationError(f"the state database cannot be used: {exc.context['reason']}") from exc
    except DBAPIError as exc:
        raise ConfigurationError(f"the state database cannot be used: {exc.orig}") from exc


def _migrated(database: Database) -> Database:
    try:
        with database.reading() as connection:
            is_done = is_newest(connection)
        if not is_done:
            from oss_faces.database.migrating import migrate  # noqa: PLC0415  (a tenth of a start, mostly for nothing)

            migrate(database)
    except BaseException:
        database.close()
        raise
    return database
