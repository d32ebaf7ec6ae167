"""Handlers of the operations on people that IMM has not: called like IMM's, signed and counted like them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from oss_faces.audit import Entry
from oss_faces.http.body import RequestBody
from oss_faces.http.imm_service import ImmHandler, ImmResult, ImmWork, plain
from oss_faces.operations import ClusterKeeper, FigureIdentifier, IdentifiedFigure, PersonForgetter, TaskWatcher
from oss_faces.operations.people import Likeness, Receipt
from oss_faces.protocol import ImmAction
from oss_faces.rendering import RenderingSettings
from oss_faces.rendering import imm_people as documents
from oss_faces.rendering.imm_clusters import ClusterWriter
from oss_faces.request import imm_people
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.request.imm_tasks import SearchFigureClusters, parse_search_figure_clusters
from oss_faces.tasks import TaskStatus
from oss_faces.values import Address, Principal, Work


@dataclass(frozen=True, slots=True)
class ImmPeopleRoutes:
    """Operations on people, and the count of tasks."""

    keeper: ClusterKeeper
    identifier: FigureIdentifier
    forgetter: PersonForgetter
    watcher: TaskWatcher
    writer: ClusterWriter
    rendering: RenderingSettings

    async def figures(self, principal: Principal, want: imm_people.ListFigures) -> ImmResult:
        """Answer ListClusterFigures."""
        page, next_after = await self.keeper.figures(principal, want)
        shown = [documents.figure_fields(file, figure, self.rendering) for figure, file in page]
        return ImmResult({"Figures": shown, "NextToken": _token(next_after, want.question)})

    async def split(self, principal: Principal, want: imm_people.SplitCluster) -> ImmResult:
        """Answer SplitFigureCluster."""
        made = await self.keeper.split(principal, want)
        return ImmResult({"FigureCluster": self.writer.cluster(made.cluster, made.cover)})

    async def undo_merge(self, principal: Principal, want: imm_people.UndoMerge) -> ImmResult:
        """Answer UndoFigureClustersMerging."""
        undone = await self.keeper.undo_merge(principal, want)
        return ImmResult({"MergeId": undone.merge_id, "To": undone.into, "Froms": list(undone.froms)})

    def identify(self, principal: Principal, fields: Fields, body: RequestBody) -> tuple[Address, ImmWork]:
        """Answer IdentifyFigures; its work ends when the client leaves."""
        want = parse_search_figure_clusters(fields)
        return want.source, partial(self._identify, principal, want, body)

    async def forget(self, principal: Principal, want: imm_people.NamedCluster) -> ImmResult:
        """Answer ForgetFigureCluster; what was begun is finished also when the client leaves."""
        gone = await self.forgetter.forget(principal, want)
        fields = {
            "Receipt": documents.receipt_fields(_receipt(gone.receipt)),
            "StoredURIs": list(gone.stored),
            "SearchFailure": gone.not_searched,
        }
        return ImmResult(fields)

    async def erasures(self, principal: Principal, want: imm_people.ListErasures) -> ImmResult:
        """Answer ListErasures."""
        entries, next_after = await self.forgetter.erasures(principal, want)
        shown = [documents.entry_fields(_entry(entry)) for entry in entries]
        return ImmResult({"Erasures": shown, "NextToken": _token(next_after, want.question)})

    async def count_tasks(self, principal: Principal, want: imm_people.CountTasks) -> ImmResult:
        """Answer CountTasks."""
        counts = await self.watcher.count(principal, want)
        return ImmResult({status.value: counts.get(status, 0) for status in TaskStatus})

    async def _identify(self, principal: Principal, want: SearchFigureClusters, body: RequestBody) -> ImmResult:
        found = await body.unless_gone(self.identifier.identify(principal, want))
        result = found.result
        fields = {
            "ComparedWith": found.compared_with,
            "SimilarityMin": found.decision.similarity_min,
            "FalsePositivesMax": found.decision.false_positives_max,
            "Figures": documents.identified_fields(result, list(map(_figure, found.figures)), self.rendering),
        }
        work = Work(found.meta.size_bytes, image_detect=1, faces=len(result.faces), stage_ms=result.stage_ms)
        return ImmResult(fields, work)


def people_handlers(people: ImmPeopleRoutes) -> Mapping[ImmAction, ImmHandler]:
    """Bind the operations of ours on people to what reads them and to what does them."""
    return {
        ImmAction.LIST_CLUSTER_FIGURES: plain(imm_people.parse_list_figures, people.figures),
        ImmAction.SPLIT_FIGURE_CLUSTER: plain(imm_people.parse_split_cluster, people.split),
        ImmAction.UNDO_FIGURE_CLUSTERS_MERGING: plain(imm_people.parse_undo_merge, people.undo_merge),
        ImmAction.IDENTIFY_FIGURES: people.identify,
        ImmAction.FORGET_FIGURE_CLUSTER: plain(imm_people.parse_named_cluster, people.forget),
        ImmAction.LIST_ERASURES: plain(imm_people.parse_list_erasures, people.erasures),
        ImmAction.COUNT_TASKS: plain(imm_people.parse_count_tasks, people.count_tasks),
    }


def _token(after: int, question: tuple[str, ...]) -> str:
    return next_token(str(after) if after else "", *question)


def _figure(figure: IdentifiedFigure) -> documents.ShownFigure:
    return documents.ShownFigure(
        tuple(flaw.value for flaw in figure.flaws),
        figure.match.cluster_id if figure.match else "",
        tuple(map(_candidate, figure.candidates)),
    )


def _candidate(near: Likeness) -> documents.ShownCandidate:
    verdict = near.verdict
    return documents.ShownCandidate(
        near.cluster_id,
        near.name,
        near.figure.figure_id,
        near.figure.uri,
        verdict.similarity,
        verdict.false_match_rate,
        verdict.expected_false_positives,
        verdict.is_match,
    )


def _entry(entry: Entry) -> documents.ShownEntry:
    event = entry.event
    return documents.ShownEntry(
        entry.number, entry.recorded, event.act.value, event.actor, event.subjects, event.counts, entry.digest
    )


def _receipt(told: Receipt) -> documents.ShownReceipt:
    traces, erasure = told.traces, told.erasure
    return documents.ShownReceipt(
        told.receipt_id,
        told.ref.project,
        told.ref.name,
        told.cluster_id,
        erasure.erased,
        erasure.figures,
        erasure.files,
        erasure.vectors_sha256,
        _entry(told.entry),
        None if traces is None else (traces.files, traces.size_bytes, traces.found_in),
        (told.outside,) if told.outside else (),
    )
