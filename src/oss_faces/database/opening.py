from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from oss_faces.database.engine import Database
from oss_faces.database.migrating import migrate
from oss_faces.database.settings import DatabaseSettings
from oss_faces.database.sqlite import scrub, sqlite_engine
from oss_faces.errors import ConfigurationError, StorageUnavailable

DATABASE_FILE: Final = "state.sqlite"


def open_database(folder: Path, settings: DatabaseSettings | None = None) -> Database:
    """Open the state database of a data folder, and bring its tables to the newest version.

    Folder and file are made when they do not exist. A running server and the command line may have it open at the
    same time. Close it with `close`. How a component adds its tables: see `Database`.

    Raises:
        ConfigurationError: the folder or file cannot be used, others may read it, or a later version wrote it.
    """
    settings = settings or DatabaseSettings()
    settings.validate()
    path = folder / DATABASE_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(sqlite_engine(path, settings), settings.connections_max, scrub)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
    except OSError as exc:
        raise ConfigurationError(f"the state database cannot be used: {path}: {exc.strerror}") from exc
    except StorageUnavailable as exc:
        raise ConfigurationError(f"the state database cannot be used: {path}: {exc.context['reason']}") from exc
    except DBAPIError as exc:
        raise ConfigurationError(f"the state database is damaged: {path}: {exc.orig}") from exc
    return database
