"""Tasks as IMM describes them. Field names are those of its API reference 2020-09-30, but for `Result`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from oss_faces.protocol.dates import format_nano_date
from oss_faces.rendering.figures import boundaries
from oss_faces.rendering.settings import RenderingSettings
from oss_faces.values import FaceResult

_SIMILARITY_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class ShownTask:
    """What is shown of a task.

    Attributes:
        definition: the parameters with which it was made.
        result: what came of it, by the names of the wire; empty when it has none, or none yet.
    """

    task_id: str
    event_id: str
    project: str
    kind: str
    status: str
    progress: int
    started: datetime
    ended: datetime | None
    code: str
    message: str
    user_data: str
    tags: Mapping[str, str]
    definition: Mapping[str, object]
    result: Mapping[str, object] = field(default_factory=dict)


def task_fields(task: ShownTask, *, wants_definition: bool) -> Mapping[str, object]:
    """Give the answer of GetTask. `Result` is a field of ours: the real service sends results in messages only."""
    result = {"Result": task.result} if task.result else {}
    return {
        "ProjectName": task.project,
        "EventId": task.event_id,
        **_entry(task, wants_definition=wants_definition),
        **result,
    }


def tasks_fields(
    project: str, tasks: Sequence[ShownTask], limit: int, *, wants_definition: bool
) -> Mapping[str, object]:
    """Give the answer of ListTasks but for its token. `MaxResults` is a text there."""
    entries = [_entry(task, wants_definition=wants_definition) for task in tasks]
    return {"ProjectName": project, "MaxResults": str(limit), "Tasks": entries}


def accepted_fields(task_id: str, event_id: str) -> Mapping[str, object]:
    """Give the answer of an operation that made a task."""
    return {"TaskId": task_id, "EventId": event_id}


def cluster_matches_fields(
    result: FaceResult, matches: Sequence[tuple[str, float | None]], settings: RenderingSettings
) -> Mapping[str, object]:
    """Give the answer of SearchImageFigureCluster: one entry for each face; what is not known is left out.

    Args:
        matches: cluster id and similarity, in the order of the faces.
    """
    return {
        "Clusters": [
            {
                "Boundary": boundary,
                **({"ClusterId": cluster_id} if cluster_id else {}),
                **({} if similarity is None else {"Similarity": round(similarity, _SIMILARITY_DECIMALS)}),
            }
            for boundary, (cluster_id, similarity) in zip(boundaries(result, settings), matches, strict=True)
        ]
    }


def _entry(task: ShownTask, *, wants_definition: bool) -> Mapping[str, object]:
    record: dict[str, object] = {
        "TaskId": task.task_id,
        "TaskType": task.kind,
        "Status": task.status,
        "Progress": task.progress,
        "StartTime": format_nano_date(task.started),
        "EndTime": "" if task.ended is None else format_nano_date(task.ended),
        "Code": task.code,
        "Message": task.message,
        "UserData": task.user_data,
        "Tags": dict(task.tags),
    }
    if wants_definition:
        record["TaskRequestDefinition"] = json.dumps(task.definition, ensure_ascii=False)
    return record
