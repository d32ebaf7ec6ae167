"""Projects in the state database of the server."""

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from oss_faces.database import Database
from oss_faces.projects import refusals
from oss_faces.projects.base import AttachmentPage, Clock, ProjectPage, ProjectQuery, SpecChange
from oss_faces.projects.settings import ImmSettings
from oss_faces.projects.tables import ATTACHMENTS, PROJECTS
from oss_faces.values import Attachment, Project, ProjectLimits, ProjectSpec

Result = TypeVar("Result")

_TURN: Final = "projects"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LIMIT_NAMES: Final = frozenset(item.name for item in fields(ProjectLimits))


class SqlProjects:
    """Projects in a database; the methods are those of `Projects`."""

    def __init__(self, database: Database, settings: ImmSettings, now: Clock) -> None:
        self._database = database
        self._settings = settings
        self._now = now

    async def create(self, name: str, spec: ProjectSpec) -> Project:
        """Make a project; see `Projects.create`."""
        moment = self._now()

        def work(connection: Connection) -> Project:
            if _find_project(connection, name) is not None:
                raise refusals.project_exists(name)
            if _count(connection, PROJECTS) >= self._settings.projects_max:
                raise refusals.too_many("projects", self._settings.projects_max)
            times = {"created_us": _stored(moment), "updated_us": _stored(moment)}
            connection.execute(insert(PROJECTS).values(name=name, **_columns(spec), **times))
            return Project(name, spec, moment, moment)

        return await self._write(work)

    async def get(self, name: str) -> Project:
        """Describe a project; see `Projects.get`."""
        return await self._read(lambda connection: _project(connection, name))

    async def list(self, query: ProjectQuery) -> ProjectPage:
        """Give one page of the projects; see `Projects.list`."""

        def work(connection: Connection) -> list[Project]:
            behind = select(PROJECTS).where(PROJECTS.c.name > query.after).order_by(PROJECTS.c.name)
            found = (_to_project(row) for row in connection.execute(behind))
            return [project for project in found if _fits(project, query)]

        # All of them are looked at: there are at most `projects_max`, and tags are no columns.
        fitting = await self._read(work)
        page = tuple(fitting[: query.limit])
        return ProjectPage(page, page[-1].name if len(fitting) > query.limit else "")

    async def update(self, name: str, change: SpecChange) -> Project:
        """Change a project; see `Projects.update`."""
        moment = self._now()

        def work(connection: Connection) -> Project:
            old = _project(connection, name)
            spec = change(old.spec)
            new = update(PROJECTS).where(PROJECTS.c.name == name)
            connection.execute(new.values(**_columns(spec), updated_us=_stored(moment)))
            return Project(name, spec, old.created, moment)

        return await self._write(work)

    async def delete(self, name: str) -> None:
        """Remove a project; see `Projects.delete`."""

        def work(connection: Connection) -> None:
            _project(connection, name)
            held = select(ATTACHMENTS.c.bucket).where(ATTACHMENTS.c.project == name).limit(1)
            if connection.execute(held).first() is not None:
                raise refusals.project_in_use(name)
            connection.execute(delete(PROJECTS).where(PROJECTS.c.name == name))

        await self._write(work)

    async def attach(self, bucket: str, project: str, description: str) -> Attachment:
        """Attach a bucket; see `Projects.attach`."""
        moment = self._now()

        def work(connection: Connection) -> Attachment:
            _project(connection, project)
            known = _find_attachment(connection, bucket)
            if known is None:
                return self._add(connection, Attachment(bucket, project, description, moment, moment))
            if known.project != project:
                raise refusals.attached_elsewhere(bucket, known.project)
            new = update(ATTACHMENTS).where(ATTACHMENTS.c.bucket == bucket)
            connection.execute(new.values(description=description, updated_us=_stored(moment)))
            return Attachment(bucket, project, description, known.created, moment)

        return await self._write(work)

    async def detach(self, bucket: str) -> None:
        """Detach a bucket; see `Projects.detach`."""

        def work(connection: Connection) -> None:
            _attachment(connection, bucket)
            connection.execute(delete(ATTACHMENTS).where(ATTACHMENTS.c.bucket == bucket))

        await self._write(work)

    async def attachment(self, bucket: str) -> Attachment:
        """Tell what a bucket is attached to; see `Projects.attachment`."""
        return await self._read(lambda connection: _attachment(connection, bucket))

    async def attachments(self, project: str, after: str = "", limit: int = 100) -> AttachmentPage:
        """Give one page of a project's buckets; see `Projects.attachments`."""

        def work(connection: Connection) -> list[Attachment]:
            _project(connection, project)
            held = select(ATTACHMENTS).where(ATTACHMENTS.c.project == project, ATTACHMENTS.c.bucket > after)
            rows = connection.execute(held.order_by(ATTACHMENTS.c.bucket).limit(limit + 1))
            return [_to_attachment(row) for row in rows]

        found = await self._read(work)
        page = tuple(found[:limit])
        return AttachmentPage(page, page[-1].bucket if len(found) > limit else "")

    def _add(self, connection: Connection, attachment: Attachment) -> Attachment:
        if _count(connection, ATTACHMENTS) >= self._settings.attachments_max:
            raise refusals.too_many("attached buckets", self._settings.attachments_max)
        row = {
            "bucket": attachment.bucket,
            "project": attachment.project,
            "description": attachment.description,
            "created_us": _stored(attachment.created),
            "updated_us": _stored(attachment.updated),
        }
        connection.execute(insert(ATTACHMENTS).values(row))
        return attachment

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with self._database.reading() as connection:
                return work(connection)

        return await self._database.run(transaction)

    async def _write(self, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with self._database.writing(turn=_TURN) as connection:
                return work(connection)

        return await self._database.run(transaction)


def _find_project(connection: Connection, name: str) -> Project | None:
    row = connection.execute(select(PROJECTS).where(PROJECTS.c.name == name)).first()
    return None if row is None else _to_project(row)


def _project(connection: Connection, name: str) -> Project:
    project = _find_project(connection, name)
    if project is None:
        raise refusals.no_project(name)
    return project


def _find_attachment(connection: Connection, bucket: str) -> Attachment | None:
    row = connection.execute(select(ATTACHMENTS).where(ATTACHMENTS.c.bucket == bucket)).first()
    return None if row is None else _to_attachment(row)


def _attachment(connection: Connection, bucket: str) -> Attachment:
    attachment = _find_attachment(connection, bucket)
    if attachment is None:
        raise refusals.no_attachment(bucket)
    return attachment


def _count(connection: Connection, table: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _fits(project: Project, query: ProjectQuery) -> bool:
    return project.name.startswith(query.prefix) and query.tags.items() <= project.spec.tags.items()


def _columns(spec: ProjectSpec) -> dict[str, object]:
    return {
        "description": spec.description,
        "service_role": spec.service_role,
        "template_id": spec.template_id,
        "tags": dict(spec.tags),
        "limits": asdict(spec.limits),
    }


def _to_project(row: Row[Any]) -> Project:
    # A limit that a later version has written is left out; one that it has not is the default.
    limits = ProjectLimits(**{name: value for name, value in row.limits.items() if name in _LIMIT_NAMES})
    spec = ProjectSpec(row.description, row.service_role, row.template_id, row.tags, limits)
    return Project(row.name, spec, _moment(row.created_us), _moment(row.updated_us))


def _to_attachment(row: Row[Any]) -> Attachment:
    return Attachment(row.bucket, row.project, row.description, _moment(row.created_us), _moment(row.updated_us))


def _stored(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(stored: int) -> datetime:
    return _EPOCH + stored * _MICROSECOND
