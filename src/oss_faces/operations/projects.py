"""What can be done with projects of IMM and the buckets attached to them."""

from dataclasses import dataclass
from typing import TypeAlias

from oss_faces.datasets import Totals
from oss_faces.grants import Permission
from oss_faces.operations import permission
from oss_faces.operations.holdings import Holdings
from oss_faces.projects import AttachmentPage, ProjectQuery, Projects
from oss_faces.request import imm_projects as requests
from oss_faces.storage import Buckets
from oss_faces.values import Attachment, Principal, Project

DescribedProject: TypeAlias = tuple[Project, Totals]
"""A project, and what it holds."""


@dataclass(frozen=True, slots=True)
class ProjectKeeper:
    """The project operations. A project is of no bucket, so what is done with one needs a grant on every bucket."""

    projects: Projects
    buckets: Buckets
    holdings: Holdings

    async def create(self, principal: Principal, want: requests.CreateProject) -> DescribedProject:
        """Make a project (CreateProject)."""
        permission.require(principal, Permission.CREATE_PROJECT)
        return await self._described(await self.projects.create(want.name, want.spec))

    async def get(self, principal: Principal, want: requests.NamedProject) -> DescribedProject:
        """Describe a project (GetProject)."""
        permission.require(principal, Permission.GET_PROJECT)
        return await self._described(await self.projects.get(want.name))

    async def list(self, principal: Principal, want: requests.ListProjects) -> tuple[tuple[DescribedProject, ...], str]:
        """List the projects, and say where the page ended when there are more (ListProjects)."""
        permission.require(principal, Permission.LIST_PROJECTS)
        page = await self.projects.list(ProjectQuery(want.prefix, want.after, want.tags, want.limit))
        return tuple([await self._described(project) for project in page.projects]), page.next_after

    async def update(self, principal: Principal, want: requests.UpdateProject) -> DescribedProject:
        """Change what is said about a project (UpdateProject)."""
        permission.require(principal, Permission.UPDATE_PROJECT)
        return await self._described(await self.projects.update(want.name, want.applied))

    async def delete(self, principal: Principal, want: requests.NamedProject) -> None:
        """Remove a project that has no datasets, and to which nothing is attached (DeleteProject)."""
        permission.require(principal, Permission.DELETE_PROJECT)
        async with self.holdings.changing:
            await self.holdings.require_none(want.name)
            await self.projects.delete(want.name)

    async def attach(self, principal: Principal, want: requests.AttachBucket) -> None:
        """Attach a bucket, which must exist (AttachOSSBucket)."""
        permission.require(principal, Permission.ATTACH_OSS_BUCKET, want.bucket)
        await self.buckets.get_bucket(want.bucket)
        await self.projects.attach(want.bucket, want.project, want.description)

    async def detach(self, principal: Principal, want: requests.NamedBucket) -> None:
        """Detach a bucket, also one that was deleted since (DetachOSSBucket)."""
        permission.require(principal, Permission.DETACH_OSS_BUCKET, want.bucket)
        await self.projects.detach(want.bucket)

    async def attachment(self, principal: Principal, want: requests.NamedBucket) -> Attachment:
        """Tell what a bucket is attached to (GetOSSBucketAttachment)."""
        permission.require(principal, Permission.GET_OSS_BUCKET_ATTACHMENT, want.bucket)
        return await self.projects.attachment(want.bucket)

    async def attachments(self, principal: Principal, want: requests.ListAttachedBuckets) -> AttachmentPage:
        """List a project's buckets (ListAttachedOSSBuckets)."""
        permission.require(principal, Permission.LIST_ATTACHED_OSS_BUCKETS)
        return await self.projects.attachments(want.project, want.after, want.limit)

    async def _described(self, project: Project) -> DescribedProject:
        return project, await self.holdings.of(project.name)
