from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from oss_faces.database.engine import Database
from oss_faces.errors import ConfigurationError

NEWEST: Final = "heads"
NOTHING: Final = "base"
_TURN: Final = "migration"


def migrate(database: Database, target: str = NEWEST) -> None:
    """Bring the tables to a version, forward or back, in one transaction.

    Two programs that start at once do this one after the other; the second finds nothing to do.

    Args:
        target: `NEWEST`; or a version to go back to: `access@base` undoes everything of one component,
            `NOTHING` everything.

    Raises:
        ConfigurationError: the database has a version that this program does not know.
        StorageUnavailable: the database failed, or had no time.
    """
    config = Config()
    config.set_main_option("script_location", "oss_faces.database:migrations")
    with database.writing(turn=_TURN) as connection:
        config.attributes["connection"] = connection
        try:
            if target == NEWEST:
                command.upgrade(config, target)
            else:
                command.downgrade(config, target)
        except CommandError as exc:
            raise ConfigurationError(f"the state database is of another version of oss-faces: {exc}") from exc
