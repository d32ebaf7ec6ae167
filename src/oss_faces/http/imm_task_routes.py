"""Handlers of IMM's operations on tasks, and of those that search by face."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from oss_faces.http.body import RequestBody
from oss_faces.http.imm_service import ImmHandler, ImmResult, ImmWork, plain
from oss_faces.operations import FacesSearcher, FigureClusterSearcher, TaskWatcher
from oss_faces.protocol import ImmAction
from oss_faces.rendering import RenderingSettings
from oss_faces.rendering import imm_tasks as documents
from oss_faces.request import imm_tasks
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.tasks import Task
from oss_faces.values import Address, Principal, Work


@dataclass(frozen=True, slots=True)
class ImmTaskRoutes:
    """Operations on tasks."""

    watcher: TaskWatcher

    async def get(self, principal: Principal, want: imm_tasks.GetTask) -> ImmResult:
        """Answer GetTask."""
        task = await self.watcher.get(principal, want)
        return ImmResult(documents.task_fields(shown_task(task), wants_definition=want.wants_definition))

    async def list(self, principal: Principal, want: imm_tasks.ListTasks) -> ImmResult:
        """Answer ListTasks."""
        page = await self.watcher.list(principal, want)
        shown = [shown_task(task) for task in page.tasks]
        fields = documents.tasks_fields(want.project, shown, want.limit, wants_definition=want.wants_definition)
        return ImmResult({**fields, "NextToken": next_token(page.next_after, *want.question)})


@dataclass(frozen=True, slots=True)
class ImmFaceSearchRoutes:
    """Searches by face."""

    searcher: FigureClusterSearcher
    faces: FacesSearcher
    rendering: RenderingSettings

    def clusters(self, principal: Principal, fields: Fields, body: RequestBody) -> tuple[Address, ImmWork]:
        """Answer SearchImageFigureCluster; its work ends when the client leaves."""
        want = imm_tasks.parse_search_figure_clusters(fields)
        return want.source, partial(self._clusters, principal, want, body)

    def similar_faces(self, principal: Principal, fields: Fields, _body: RequestBody) -> tuple[Address, ImmWork]:
        """Answer CreateFacesSearchingTask; the first picture stands for all in the log and the counters."""
        want = imm_tasks.parse_search_faces(fields)
        return want.sources[0], partial(self._similar_faces, principal, want)

    async def _similar_faces(self, principal: Principal, want: imm_tasks.SearchFaces) -> ImmResult:
        task = await self.faces.accept(principal, want)
        return ImmResult(documents.accepted_fields(task.task_id, task.event_id))

    async def _clusters(
        self, principal: Principal, want: imm_tasks.SearchFigureClusters, body: RequestBody
    ) -> ImmResult:
        found = await body.unless_gone(self.searcher.search(principal, want))
        matches = [(match.cluster_id, match.similarity) for match in found.matches]
        shown = documents.cluster_matches_fields(found.result, matches, self.rendering)
        result = found.result
        work = Work(found.meta.size_bytes, image_detect=1, faces=len(result.faces), stage_ms=result.stage_ms)
        return ImmResult(shown, work)


def shown_task(task: Task) -> documents.ShownTask:
    """Give what the wire shows of a task; parameters that are ours, in small letters, are not shown."""
    what = task.what
    definition = {name: value for name, value in what.request.items() if name[:1].isupper()}
    return documents.ShownTask(
        task.task_id,
        task.event_id,
        what.project,
        what.kind,
        task.status.value,
        task.progress,
        task.started,
        task.ended,
        task.code,
        task.message,
        what.user_data,
        what.tags,
        definition,
        task.result,
    )


def task_handlers(tasks: ImmTaskRoutes) -> Mapping[ImmAction, ImmHandler]:
    """Bind the operations on tasks to what reads them and to what does them."""
    return {
        ImmAction.GET_TASK: plain(imm_tasks.parse_get_task, tasks.get),
        ImmAction.LIST_TASKS: plain(imm_tasks.parse_list_tasks, tasks.list),
    }


def face_search_handlers(searches: ImmFaceSearchRoutes) -> Mapping[ImmAction, ImmHandler]:
    """Bind the searches by face to what reads them and to what does them."""
    return {
        ImmAction.SEARCH_IMAGE_FIGURE_CLUSTER: searches.clusters,
        ImmAction.CREATE_FACES_SEARCHING_TASK: searches.similar_faces,
    }
