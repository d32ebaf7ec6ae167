from dataclasses import replace

from oss_faces.projects import refusals
from oss_faces.projects.base import AttachmentPage, Clock, ProjectPage, ProjectQuery, SpecChange
from oss_faces.projects.settings import ImmSettings
from oss_faces.values import Attachment, Project, ProjectSpec


class MemoryProjects:
    """Projects held in memory: for tests, and the model of what every implementation does."""

    def __init__(self, settings: ImmSettings, now: Clock) -> None:
        self._settings = settings
        self._now = now
        self._projects: dict[str, Project] = {}
        self._attachments: dict[str, Attachment] = {}

    async def create(self, name: str, spec: ProjectSpec) -> Project:
        """Make a project; see `Projects.create`."""
        if name in self._projects:
            raise refusals.project_exists(name)
        if len(self._projects) >= self._settings.projects_max:
            raise refusals.too_many("projects", self._settings.projects_max)
        moment = self._now()
        self._projects[name] = Project(name, spec, moment, moment)
        return self._projects[name]

    async def get(self, name: str) -> Project:
        """Describe a project; see `Projects.get`."""
        if name not in self._projects:
            raise refusals.no_project(name)
        return self._projects[name]

    async def list(self, query: ProjectQuery) -> ProjectPage:
        """Give one page of the projects; see `Projects.list`."""
        behind = [name for name in sorted(self._projects) if name > query.after and name.startswith(query.prefix)]
        found = [self._projects[name] for name in behind]
        fitting = [project for project in found if query.tags.items() <= project.spec.tags.items()]
        page = tuple(fitting[: query.limit])
        return ProjectPage(page, page[-1].name if len(fitting) > query.limit else "")

    async def update(self, name: str, change: SpecChange) -> Project:
        """Change a project; see `Projects.update`."""
        project = await self.get(name)
        self._projects[name] = replace(project, spec=change(project.spec), updated=self._now())
        return self._projects[name]

    async def delete(self, name: str) -> None:
        """Remove a project; see `Projects.delete`."""
        await self.get(name)
        if any(attachment.project == name for attachment in self._attachments.values()):
            raise refusals.project_in_use(name)
        del self._projects[name]

    async def attach(self, bucket: str, project: str, description: str) -> Attachment:
        """Attach a bucket; see `Projects.attach`."""
        await self.get(project)
        moment = self._now()
        known = self._attachments.get(bucket)
        if known is None:
            if len(self._attachments) >= self._settings.attachments_max:
                raise refusals.too_many("attached buckets", self._settings.attachments_max)
            known = Attachment(bucket, project, description, moment, moment)
        if known.project != project:
            raise refusals.attached_elsewhere(bucket, known.project)
        self._attachments[bucket] = replace(known, description=description, updated=moment)
        return self._attachments[bucket]

    async def detach(self, bucket: str) -> None:
        """Detach a bucket; see `Projects.detach`."""
        await self.attachment(bucket)
        del self._attachments[bucket]

    async def attachment(self, bucket: str) -> Attachment:
        """Tell what a bucket is attached to; see `Projects.attachment`."""
        if bucket not in self._attachments:
            raise refusals.no_attachment(bucket)
        return self._attachments[bucket]

    async def attachments(self, project: str, after: str = "", limit: int = 100) -> AttachmentPage:
        """Give one page of a project's buckets; see `Projects.attachments`."""
        await self.get(project)
        held = [self._attachments[bucket] for bucket in sorted(self._attachments) if bucket > after]
        found = [attachment for attachment in held if attachment.project == project]
        page = tuple(found[:limit])
        return AttachmentPage(page, page[-1].bucket if len(found) > limit else "")
