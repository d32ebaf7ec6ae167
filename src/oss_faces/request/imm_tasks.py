"""Tasks, and searches by face. Parameter names and limits are those of the IMM API reference 2020-09-30."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from oss_faces.datasets import DatasetRef
from oss_faces.errors import InvalidArgument
from oss_faces.protocol.dates import parse_nano_date
from oss_faces.request.imm import dataset_ref, object_uri, project_name
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import page_limit, read_after
from oss_faces.values import Address

USER_DATA_BYTES_MAX: Final = 2048

_TASK_ID_LENGTH_MAX: Final = 128
_KIND_LENGTH_MAX: Final = 64
_KINDS_MAX: Final = 50
_PAGE_MAX: Final = 100
_TIME_LENGTH_MAX: Final = 64
_SELECTOR_LENGTH_MAX: Final = 1024
_SOURCES_MAX: Final = 100
_RESULTS_MAX: Final = 100
_RESULTS: Final = 5
_STATUSES: Final = ("Running", "Succeeded", "Failed")
_SORTS: Final = ("TaskId", "StartTime", "EndTime")
_DESCENDS: Final = {"asc": False, "desc": True}

TimeSpan: TypeAlias = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class GetTask:
    """GetTask.

    Attributes:
        wants_definition: whether the parameters are shown with which the task was made.
    """

    project: str
    task_id: str
    kind: str
    wants_definition: bool = False


@dataclass(frozen=True, slots=True)
class ListTasks:
    """ListTasks.

    Attributes:
        kinds: only these; empty for all that IMM has tasks for.
        status: only this; empty for all.
        sort: `TaskId`, `StartTime` or `EndTime`.
        question: what has to be the same when the next page is asked for.
    """

    project: str
    kinds: tuple[str, ...] = ()
    status: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    started: TimeSpan = (None, None)
    ended: TimeSpan = (None, None)
    sort: str = "TaskId"
    descending: bool = False
    wants_definition: bool = False
    after: str = ""
    limit: int = _PAGE_MAX
    question: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchFigureClusters:
    """SearchImageFigureCluster: whose faces are on a stored picture."""

    ref: DatasetRef
    source: Address


@dataclass(frozen=True, slots=True)
class SearchFaces:
    """CreateFacesSearchingTask: which faces of a dataset look like the largest face of each picture.

    Attributes:
        count: most faces for each picture.
        message: object to which the result is written; None when nobody asked for it.
        definition: the parameters as they are shown to who asks for them later.
    """

    ref: DatasetRef
    sources: tuple[Address, ...]
    count: int
    user_data: str = ""
    message: Address | None = None
    definition: Mapping[str, object] = field(default_factory=dict)


def parse_get_task(fields: Fields) -> GetTask:
    """Read GetTask."""
    return GetTask(
        project_name(fields),
        fields.required("TaskId", _TASK_ID_LENGTH_MAX),
        fields.required("TaskType", _KIND_LENGTH_MAX),
        fields.flag("RequestDefinition"),
    )


def parse_list_tasks(fields: Fields) -> ListTasks:
    """Read ListTasks. A tag selector is read as `key=value,key=value`."""
    project = project_name(fields)
    kinds = fields.texts("TaskTypes", _KINDS_MAX, _KIND_LENGTH_MAX)
    status = one_of(fields, "Status", ("", *_STATUSES))
    selector = fields.text("TagSelector", _SELECTOR_LENGTH_MAX)
    started, ended = time_span(fields, "StartTimeRange"), time_span(fields, "EndTimeRange")
    sort = one_of(fields, "Sort", _SORTS)
    order = one_of(fields, "Order", tuple(_DESCENDS))
    question = (project, *kinds, status, selector, repr(started), repr(ended), sort, order)
    return ListTasks(
        project,
        kinds,
        status,
        _tags(selector),
        started,
        ended,
        sort,
        _DESCENDS[order],
        fields.flag("RequestDefinition"),
        read_after(fields, *question),
        page_limit(fields, _PAGE_MAX),
        question,
    )


def parse_search_figure_clusters(fields: Fields) -> SearchFigureClusters:
    """Read SearchImageFigureCluster."""
    return SearchFigureClusters(dataset_ref(fields), object_uri(fields, "SourceURI"))


def parse_search_faces(fields: Fields) -> SearchFaces:
    """Read CreateFacesSearchingTask. As elsewhere, a `MaxResult` of 0 means the default."""
    ref = dataset_ref(fields)
    fields.require("Sources")
    sources = tuple(object_uri(source, "URI") for source in fields.records("Sources", _SOURCES_MAX))
    count = fields.whole("MaxResult", 0, _RESULTS_MAX, _RESULTS) or _RESULTS
    text, message = user_data(fields), parse_message(fields)
    definition: dict[str, object] = {
        "ProjectName": ref.project,
        "DatasetName": ref.name,
        "Sources": [{"URI": f"oss://{source.bucket}/{source.key}"} for source in sources],
        "MaxResult": count,
        "UserData": text,
    }
    if message is not None:
        definition["Notification"] = {"ExtendedMessageURI": f"oss://{message.bucket}/{message.key}"}
    return SearchFaces(ref, sources, count, text, message, definition)


def user_data(fields: Fields) -> str:
    """Read `UserData`, at most 2,048 bytes."""
    text = fields.text("UserData", USER_DATA_BYTES_MAX)
    if len(text.encode("utf-8", "surrogatepass")) > USER_DATA_BYTES_MAX:
        raise InvalidArgument(f"The parameter UserData is longer than {USER_DATA_BYTES_MAX} bytes.")
    return text


def parse_message(fields: Fields) -> Address | None:
    """Read `Notification.ExtendedMessageURI`: the object to which the result of a task is written.

    The other fields of `Notification` name services that send messages; this server sends none, and they are not read.
    """
    notification = fields.record("Notification")
    return object_uri(notification, "ExtendedMessageURI") if notification.has("ExtendedMessageURI") else None


def one_of(fields: Fields, name: str, allowed: tuple[str, ...]) -> str:
    """Read one of several words; the first one is the default."""
    text = fields.text(name, max(map(len, allowed)), allowed[0])
    if text not in allowed:
        raise InvalidArgument(f"The parameter {name} must be one of {', '.join(filter(None, allowed))}.")
    return text


def time_span(fields: Fields, name: str) -> TimeSpan:
    """Read a record of `Start` and `End`, each of which may be absent."""
    span = fields.record(name)
    return _time(span, f"{name}.Start", "Start"), _time(span, f"{name}.End", "End")


def _time(span: Fields, path: str, name: str) -> datetime | None:
    text = span.text(name, _TIME_LENGTH_MAX)
    moment = parse_nano_date(text)
    if text and moment is None:
        raise InvalidArgument(f"The parameter {path} must be a time such as 2021-06-29T14:50:13+08:00.")
    return moment


def _tags(selector: str) -> Mapping[str, str]:
    tags: dict[str, str] = {}
    for part in filter(None, selector.split(",")):
        key, separator, value = part.partition("=")
        if not key or not separator or key in tags:
            raise InvalidArgument("The parameter TagSelector must be of the form key=value, separated by commas.")
        tags[key] = value
    return tags
