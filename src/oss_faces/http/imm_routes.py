"""Handlers of IMM's operations: parse, do, render. The table of them is `imm_handlers`."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from oss_faces.http.body import RequestBody
from oss_faces.http.imm_service import ImmHandler, ImmResult, ImmWork, plain
from oss_faces.operations import DescribedProject, FaceComparer, FaceFinder, ProjectKeeper
from oss_faces.protocol import ImmAction
from oss_faces.rendering import RenderingSettings
from oss_faces.rendering import imm_documents as documents
from oss_faces.request import imm, imm_projects
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.values import Address, Principal, Work


@dataclass(frozen=True, slots=True)
class ImmFaceRoutes:
    """Operations on pictures. Their work ends when the client leaves."""

    faces: FaceFinder
    comparer: FaceComparer
    rendering: RenderingSettings
    clock: Callable[[], float] = time.perf_counter

    def detect(self, principal: Principal, fields: Fields, body: RequestBody) -> tuple[Address, ImmWork]:
        """Answer DetectImageFaces."""
        want = imm.parse_detect_image_faces(fields)
        return want.source, partial(self._detect, principal, want, body)

    async def _detect(self, principal: Principal, want: imm.DetectImageFaces, body: RequestBody) -> ImmResult:
        meta, result = await body.unless_gone(self.faces.detect_image_faces(principal, want))
        found = self.clock()
        shown = documents.faces_fields(result, meta.etag, self.rendering)
        stage_ms = {**result.stage_ms, "render": (self.clock() - found) * 1e3}
        work = Work(meta.size_bytes, 1, faces=len(result.faces), is_cached=result.is_cached, stage_ms=stage_ms)
        return ImmResult(shown, work)

    def compare(self, principal: Principal, fields: Fields, body: RequestBody) -> tuple[Address, ImmWork]:
        """Answer CompareImageFaces; the first picture stands for both in the log and the counters."""
        want = imm.parse_compare_image_faces(fields)
        return want.first, partial(self._compare, principal, want, body)

    async def _compare(self, principal: Principal, want: imm.CompareImageFaces, body: RequestBody) -> ImmResult:
        found = await body.unless_gone(self.comparer.compare_faces(principal, want))
        work = Work(found.source_bytes, image_compare=1, faces=found.faces, stage_ms=found.stage_ms)
        return ImmResult(documents.similarity_fields(found.similarity), work)


@dataclass(frozen=True, slots=True)
class ImmProjectRoutes:
    """Operations on projects and attached buckets."""

    keeper: ProjectKeeper
    owner_id: str

    async def create(self, principal: Principal, want: imm_projects.CreateProject) -> ImmResult:
        """Answer CreateProject."""
        return _project(await self.keeper.create(principal, want))

    async def get(self, principal: Principal, want: imm_projects.NamedProject) -> ImmResult:
        """Answer GetProject."""
        return _project(await self.keeper.get(principal, want))

    async def list(self, principal: Principal, want: imm_projects.ListProjects) -> ImmResult:
        """Answer ListProjects."""
        page, next_after = await self.keeper.list(principal, want)
        projects = [documents.project_fields(*described) for described in page]
        return ImmResult({"Projects": projects, "NextToken": next_token(next_after)})

    async def update(self, principal: Principal, want: imm_projects.UpdateProject) -> ImmResult:
        """Answer UpdateProject."""
        return _project(await self.keeper.update(principal, want))

    async def delete(self, principal: Principal, want: imm_projects.NamedProject) -> ImmResult:
        """Answer DeleteProject."""
        await self.keeper.delete(principal, want)
        return ImmResult()

    async def attach(self, principal: Principal, want: imm_projects.AttachBucket) -> ImmResult:
        """Answer AttachOSSBucket."""
        await self.keeper.attach(principal, want)
        return ImmResult()

    async def detach(self, principal: Principal, want: imm_projects.NamedBucket) -> ImmResult:
        """Answer DetachOSSBucket."""
        await self.keeper.detach(principal, want)
        return ImmResult()

    async def attachment(self, principal: Principal, want: imm_projects.NamedBucket) -> ImmResult:
        """Answer GetOSSBucketAttachment."""
        return ImmResult(documents.attachment_fields(await self.keeper.attachment(principal, want)))

    async def attachments(self, principal: Principal, want: imm_projects.ListAttachedBuckets) -> ImmResult:
        """Answer ListAttachedOSSBuckets."""
        page = await self.keeper.attachments(principal, want)
        entries = documents.attachments_fields(page.attachments, self.owner_id)
        return ImmResult({**entries, "NextToken": next_token(page.next_after)})


def imm_handlers(faces: ImmFaceRoutes, projects: ImmProjectRoutes) -> Mapping[ImmAction, ImmHandler]:
    """Bind every operation of IMM to what reads it and to what does it."""
    return {
        ImmAction.DETECT_IMAGE_FACES: faces.detect,
        ImmAction.COMPARE_IMAGE_FACES: faces.compare,
        ImmAction.CREATE_PROJECT: plain(imm_projects.parse_create_project, projects.create),
        ImmAction.GET_PROJECT: plain(imm_projects.parse_named_project, projects.get),
        ImmAction.LIST_PROJECTS: plain(imm_projects.parse_list_projects, projects.list),
        ImmAction.UPDATE_PROJECT: plain(imm_projects.parse_update_project, projects.update),
        ImmAction.DELETE_PROJECT: plain(imm_projects.parse_named_project, projects.delete),
        ImmAction.ATTACH_OSS_BUCKET: plain(imm_projects.parse_attach_bucket, projects.attach),
        ImmAction.DETACH_OSS_BUCKET: plain(imm_projects.parse_named_bucket, projects.detach),
        ImmAction.GET_OSS_BUCKET_ATTACHMENT: plain(imm_projects.parse_named_bucket, projects.attachment),
        ImmAction.LIST_ATTACHED_OSS_BUCKETS: plain(imm_projects.parse_list_attached_buckets, projects.attachments),
    }


def _project(described: DescribedProject) -> ImmResult:
    return ImmResult({"Project": documents.project_fields(*described)})
