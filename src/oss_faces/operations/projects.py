"""What can be done with projects of IMM and the buckets attached to them."""

from dataclasses import dataclass

from oss_faces.grants import Permission
from oss_faces.operations import permission
from oss_faces.projects import AttachmentPage, ProjectPage, ProjectQuery, Projects
from oss_faces.request import imm_projects as requests
from oss_faces.storage import Buckets
from oss_faces.values import Attachment, Principal, Project


@dataclass(frozen=True, slots=True)
class ProjectKeeper:
    """The project operations. A project is of no bucket, so what is done with one needs a grant on every bucket."""

    projects: Projects
    buckets: Buckets

    async def create(self, principal: Principal, want: requests.CreateProject) -> Project:
        """Make a project (CreateProject)."""
        permission.require(principal, Permission.CREATE_PROJECT)
        return await self.projects.create(want.name, want.spec)

    async def get(self, principal: Principal, want: requests.NamedProject) -> Project:
        """Describe a project (GetProject)."""
        permission.require(principal, Permission.GET_PROJECT)
        return await self.projects.get(want.name)

    async def list(self, principal: Principal, want: requests.ListProjects) -> ProjectPage:
        """List the projects (ListProjects)."""
        permission.require(principal, Permission.LIST_PROJECTS)
        return await self.projects.list(ProjectQuery(want.prefix, want.after, want.tags, want.limit))

    async def update(self, principal: Principal, want: requests.UpdateProject) -> Project:
        """Change what is said about a project (UpdateProject)."""
        permission.require(principal, Permission.UPDATE_PROJECT)
        return await self.projects.update(want.name, want.applied)

    async def delete(self, principal: Principal, want: requests.NamedProject) -> None:
        """Remove a project to which nothing is attached (DeleteProject)."""
        permission.require(principal, Permission.DELETE_PROJECT)
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
