"""Every component's tables, as its code sees them and as its migration files make them."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import DBAPIError

from oss_faces.access.tables import METADATA as ACCESS
from oss_faces.audit.tables import METADATA as AUDIT
from oss_faces.database.migrating import NOTHING, migrate
from oss_faces.database.versions import is_newest, newest_versions
from oss_faces.errors import ConfigurationError, StorageUnavailable
from oss_faces.facedb.tables import METADATA as FACEDB
from oss_faces.metering.tables import METADATA as METERING
from oss_faces.projects.tables import METADATA as PROJECTS
from oss_faces.tasks.tables import METADATA as TASKS

# One line for each component that has tables: the name of its line of versions, and its tables.
COMPONENTS = {
    "access": ACCESS,
    "audit": AUDIT,
    "projects": PROJECTS,
    "metering": METERING,
    "tasks": TASKS,
    "facedb": FACEDB,
}


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


@pytest.mark.parametrize("metadata", COMPONENTS.values(), ids=COMPONENTS)
def test_files_make_what_the_code_expects(metadata: MetaData, database) -> None:
    """Tables, columns, types, keys and indexes of a component are those that its migrations make."""
    names = set(metadata.tables)
    with database.reading() as connection:
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _parents: kind != "table" or name in names,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        assert names <= tables(connection)


def test_every_table_belongs_to_a_component(database) -> None:
    """No migration makes a table that this test does not compare."""
    with database.reading() as connection:
        assert tables(connection) == {name for metadata in COMPONENTS.values() for name in metadata.tables}


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_goes_back_and_forth(component: str, database) -> None:
    """Its tables go with its versions and come back with them; the others' stay."""
    own = set(COMPONENTS[component].tables)
    with database.reading() as connection:
        before = tables(connection)
    migrate(database, f"{component}@{NOTHING}")
    with database.reading() as connection:
        assert tables(connection) == before - own
    migrate(database)
    with database.reading() as connection:
        assert tables(connection) == before


def test_everything_goes_back(database) -> None:
    """At the very beginning there is no table."""
    migrate(database, NOTHING)
    with database.reading() as connection:
        assert tables(connection) == set()


def test_migrating_again_changes_nothing(database) -> None:
    """What is there stays when there is nothing to do."""
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE kept (x INTEGER)"))
    migrate(database)
    with database.reading() as connection:
        assert "kept" in tables(connection)


def test_what_is_newest_is_known_without_alembic(database) -> None:
    """What the files have made is the newest; a component that went back, a version more and an empty one are not."""
    with database.reading() as connection:
        assert is_newest(connection)
    migrate(database, "access@-1")
    with database.reading() as connection:
        assert not is_newest(connection)
    migrate(database)
    with database.writing() as connection:
        connection.execute(text("INSERT INTO alembic_version VALUES ('later_0001')"))
        assert not is_newest(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        assert not is_newest(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        assert not is_newest(connection)


def test_the_newest_version_is_the_last_file_of_each_component() -> None:
    """In whatever order they come; what is no file of a version does not count."""
    files = ("b_0002_y.py", "a_0010_x.py", "a_0009_z.py", "b_0001_x.py", "__init__.py", "a_0011_x.pyc")
    assert newest_versions(files) == {"a_0010", "b_0002"}


def test_a_later_version_is_refused(database) -> None:
    """A database that a later program has changed is not touched."""
    with database.writing() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = 'access_9999' WHERE version_num LIKE 'access%'")
        )
    with pytest.raises(ConfigurationError, match="another version of oss-faces"):
        migrate(database)


def test_a_migration_that_fails_leaves_the_old_version(database) -> None:
    """All of it is one transaction: a step that fails takes the steps before it back."""
    migrate(database, NOTHING)
    taken = max(COMPONENTS[max(COMPONENTS)].tables)
    with database.writing() as connection:
        connection.execute(text(f"CREATE TABLE {taken} (x INTEGER)"))
    with pytest.raises((StorageUnavailable, DBAPIError)) as failed:
        migrate(database)
    reason = failed.value.context["reason"] if isinstance(failed.value, StorageUnavailable) else failed.value
    assert "already exists" in str(reason)
    with database.reading() as connection:
        assert tables(connection) == {taken}
