"""What only a database can show: projects outlive the process, and survive two writers."""

from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from oss_faces.database import open_database
from oss_faces.imm_errors import ResourceAlreadyExists
from oss_faces.projects import ImmSettings, SqlProjects
from oss_faces.values import ProjectLimits, ProjectSpec

pytestmark = pytest.mark.anyio


def now() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


async def test_projects_outlive_the_process(tmp_path: Path) -> None:
    """What was made is there when the database is opened again."""
    database = open_database(tmp_path)
    made = await SqlProjects(database, ImmSettings(), now).create("p", ProjectSpec(tags={"k": "v"}))
    database.close()
    database = open_database(tmp_path)
    assert await SqlProjects(database, ImmSettings(), now).get("p") == made
    database.close()


async def test_one_of_two_writers_wins(tmp_path: Path) -> None:
    """Of many who make the same project at once, one makes it and the others are told."""
    database = open_database(tmp_path)
    projects = SqlProjects(database, ImmSettings(), now)
    outcomes: list[str] = []

    async def make(number: int) -> None:
        try:
            await projects.create("p", ProjectSpec(str(number)))
            outcomes.append("made")
        except ResourceAlreadyExists:
            outcomes.append("refused")

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(make, number)
    assert sorted(outcomes) == ["made"] + ["refused"] * 7
    database.close()


async def test_limits_of_another_version_do_no_harm(tmp_path: Path) -> None:
    """A limit that this version does not know is left out; one that is not stored is the default."""
    database = open_database(tmp_path)
    projects = SqlProjects(database, ImmSettings(), now)
    await projects.create("p", ProjectSpec())
    with database.writing() as connection:
        connection.exec_driver_sql("""UPDATE imm_projects SET limits = '{"dataset_max_bind_count": 2, "new": 1}'""")
    assert (await projects.get("p")).spec.limits == ProjectLimits(dataset_max_bind_count=2)
    database.close()
