"""Operations on people that IMM has not: they are called like IMM's, and every name in them is ours."""

from dataclasses import dataclass
from typing import Final

from oss_faces.datasets import DatasetRef
from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.request.imm import dataset_ref, project_name
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import page_limit, read_after
from oss_faces.request.imm_tasks import user_data

FIGURES_MAX: Final = 100
"""Faces of one SplitFigureCluster, and of one page of ListClusterFigures."""

_ID_LENGTH_MAX: Final = 128
_NAME_LENGTH_MAX: Final = 1024
_KINDS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class NamedCluster:
    """ForgetFigureCluster."""

    ref: DatasetRef
    cluster_id: str


@dataclass(frozen=True, slots=True)
class ListFigures:
    """ListClusterFigures.

    Attributes:
        after: only figures with a higher number.
        question: what has to be the same when the next page is asked for.
    """

    ref: DatasetRef
    cluster_id: str
    after: int
    limit: int
    question: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitCluster:
    """SplitFigureCluster. No figure is named twice; `name` may be empty."""

    ref: DatasetRef
    cluster_id: str
    figure_ids: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class UndoMerge:
    """UndoFigureClustersMerging."""

    ref: DatasetRef
    merge_id: str


@dataclass(frozen=True, slots=True)
class ListErasures:
    """ListErasures; the last two as in `ListFigures`."""

    ref: DatasetRef
    after: int
    limit: int
    question: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountTasks:
    """CountTasks; `user_data` is empty for tasks with any."""

    project: str
    kinds: tuple[str, ...]
    user_data: str = ""


def parse_named_cluster(fields: Fields) -> NamedCluster:
    """Read ForgetFigureCluster."""
    return NamedCluster(dataset_ref(fields), fields.required("ObjectId", _ID_LENGTH_MAX))


def parse_list_figures(fields: Fields) -> ListFigures:
    """Read ListClusterFigures."""
    ref, cluster_id = dataset_ref(fields), fields.required("ObjectId", _ID_LENGTH_MAX)
    question = ("figures", ref.project, ref.name, cluster_id)
    return ListFigures(ref, cluster_id, _after(fields, question), page_limit(fields, FIGURES_MAX), question)


def parse_split_cluster(fields: Fields) -> SplitCluster:
    """Read SplitFigureCluster."""
    ref, cluster_id = dataset_ref(fields), fields.required("ObjectId", _ID_LENGTH_MAX)
    figure_ids = tuple(dict.fromkeys(fields.texts("FigureIds", FIGURES_MAX, _ID_LENGTH_MAX)))
    if not figure_ids:
        raise MissingParameter("FigureIds")
    return SplitCluster(ref, cluster_id, figure_ids, fields.text("Name", _NAME_LENGTH_MAX))


def parse_undo_merge(fields: Fields) -> UndoMerge:
    """Read UndoFigureClustersMerging."""
    return UndoMerge(dataset_ref(fields), fields.required("MergeId", _ID_LENGTH_MAX))


def parse_list_erasures(fields: Fields) -> ListErasures:
    """Read ListErasures."""
    ref = dataset_ref(fields)
    question = ("erasures", ref.project, ref.name)
    return ListErasures(ref, _after(fields, question), page_limit(fields, FIGURES_MAX), question)


def parse_count_tasks(fields: Fields) -> CountTasks:
    """Read CountTasks."""
    kinds = fields.texts("TaskTypes", _KINDS_MAX, _ID_LENGTH_MAX)
    if not kinds:
        raise MissingParameter("TaskTypes")
    return CountTasks(project_name(fields), kinds, user_data(fields))


def _after(fields: Fields, question: tuple[str, ...]) -> int:
    text = read_after(fields, *question)
    if text and not (text.isascii() and text.isdigit()):
        raise InvalidArgument("The parameter NextToken is not valid.")
    return int(text or 0)
