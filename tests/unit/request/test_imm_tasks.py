"""What tasks and searches by face are asked for."""

import json
from datetime import UTC, datetime

import pytest

from oss_faces.datasets import DatasetRef
from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query
from oss_faces.request import imm_tasks
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.values import Address

PHOTO = {"URI": "oss://photos/a b.jpg"}


def fields(**parameters: object) -> Fields:
    """Parameters as the official client sends them: lists and records as JSON."""
    texts = {
        name: json.dumps(value) if isinstance(value, list | dict) else str(value) for name, value in parameters.items()
    }
    return Fields.of(Query(tuple({"ProjectName": "p", **texts}.items())))


def test_a_task_is_asked_for_by_id_and_type() -> None:
    """Both are needed; the parameters are shown only when somebody asks for them."""
    wanted = imm_tasks.parse_get_task(fields(TaskId="FaceClustering-1", TaskType="FaceClustering"))
    assert wanted == imm_tasks.GetTask("p", "FaceClustering-1", "FaceClustering", wants_definition=False)
    shown = imm_tasks.parse_get_task(fields(TaskId="x", TaskType="y", RequestDefinition=True))
    assert shown.wants_definition
    for missing in ({"TaskId": "x"}, {"TaskType": "y"}):
        with pytest.raises(MissingParameter):
            imm_tasks.parse_get_task(fields(**missing))


def test_a_list_has_everything_by_default() -> None:
    """All kinds and statuses, by id, a hundred."""
    wanted = imm_tasks.parse_list_tasks(fields())
    assert (wanted.project, wanted.kinds, wanted.status, wanted.tags) == ("p", (), "", {})
    assert (wanted.started, wanted.ended) == ((None, None), (None, None))
    assert (wanted.sort, wanted.descending, wanted.after, wanted.limit) == ("TaskId", False, "", 100)


def test_a_list_is_narrowed_and_sorted() -> None:
    """By everything that is documented."""
    asked = {
        "TaskTypes": ["FaceClustering", "FacesSearching"],
        "Status": "Failed",
        "TagSelector": "k=v=w,empty=",
        "StartTimeRange": {"Start": "2026-11-22T00:00:00Z", "End": "2026-11-23T08:00:00+08:00"},
        "EndTimeRange": {"Start": "", "End": "2026-11-23T00:00:00.5Z"},
        "Sort": "EndTime",
        "Order": "desc",
        "MaxResults": 7,
        "RequestDefinition": "true",
    }
    wanted = imm_tasks.parse_list_tasks(fields(**asked))
    assert (wanted.kinds, wanted.status) == (("FaceClustering", "FacesSearching"), "Failed")
    assert wanted.tags == {"k": "v=w", "empty": ""}
    assert wanted.started == (datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
    assert wanted.ended == (None, datetime(2026, 11, 23, microsecond=500_000, tzinfo=UTC))
    assert (wanted.sort, wanted.descending, wanted.limit, wanted.wants_definition) == ("EndTime", True, 7, True)


def test_a_token_belongs_to_its_question() -> None:
    """It goes on where the page ended, and with another question it is refused."""
    question = imm_tasks.parse_list_tasks(fields(Status="Failed")).question
    token = next_token("FaceClustering-1", *question)
    assert imm_tasks.parse_list_tasks(fields(Status="Failed", NextToken=token)).after == "FaceClustering-1"
    for other in ({}, {"Status": "Running"}, {"Status": "Failed", "Order": "desc"}):
        with pytest.raises(InvalidArgument, match="NextToken"):
            imm_tasks.parse_list_tasks(fields(NextToken=token, **other))


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"Status": "Waiting"}, "Status"),
        ({"Sort": "Name"}, "Sort"),
        ({"Order": "down"}, "Order"),
        ({"MaxResults": 101}, "MaxResults"),
        ({"TagSelector": "key"}, "TagSelector"),
        ({"TagSelector": "=value"}, "TagSelector"),
        ({"TagSelector": "k=1,k=2"}, "TagSelector"),
        ({"StartTimeRange": {"Start": "yesterday"}}, "StartTimeRange.Start"),
        ({"TaskTypes": ["x"] * 51}, "TaskTypes"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(asked: dict[str, object], name: str) -> None:
    """The message names the parameter."""
    with pytest.raises(InvalidArgument, match=name):
        imm_tasks.parse_list_tasks(fields(**asked))


def test_clusters_are_searched_for_one_picture() -> None:
    """In one dataset."""
    wanted = imm_tasks.parse_search_figure_clusters(fields(DatasetName="d", SourceURI="oss://photos/a.jpg"))
    assert wanted == imm_tasks.SearchFigureClusters(DatasetRef("p", "d"), Address("photos", "a.jpg"))
    with pytest.raises(MissingParameter):
        imm_tasks.parse_search_figure_clusters(fields(DatasetName="d"))


def test_faces_are_searched_for_several_pictures() -> None:
    """Five each unless told otherwise; what was asked is kept in the words of the wire."""
    wanted = imm_tasks.parse_search_faces(fields(DatasetName="d", Sources=[PHOTO], UserData="mine"))
    assert wanted.sources == (Address("photos", "a b.jpg"),)
    assert (wanted.ref, wanted.count, wanted.user_data, wanted.message) == (DatasetRef("p", "d"), 5, "mine", None)
    assert wanted.definition == {
        "ProjectName": "p",
        "DatasetName": "d",
        "Sources": [PHOTO],
        "MaxResult": 5,
        "UserData": "mine",
    }
    assert imm_tasks.parse_search_faces(fields(DatasetName="d", Sources=[PHOTO], MaxResult=0)).count == 5
    assert imm_tasks.parse_search_faces(fields(DatasetName="d", Sources=[PHOTO], MaxResult=100)).count == 100


def test_a_result_is_written_where_the_caller_says() -> None:
    """To an object; services that send messages are not used."""
    notification = {"ExtendedMessageURI": "oss://photos/result.json", "MNS": {"TopicName": "t"}}
    wanted = imm_tasks.parse_search_faces(fields(DatasetName="d", Sources=[PHOTO], Notification=notification))
    assert wanted.message == Address("photos", "result.json")
    assert wanted.definition["Notification"] == {"ExtendedMessageURI": "oss://photos/result.json"}
    other = fields(DatasetName="d", Sources=[PHOTO], Notification={"MNS": {"TopicName": "t"}})
    assert imm_tasks.parse_search_faces(other).message is None


@pytest.mark.parametrize(
    ("asked", "error", "name"),
    [
        ({}, MissingParameter, "Sources"),
        ({"Sources": []}, MissingParameter, "Sources"),
        ({"Sources": [{}]}, MissingParameter, "URI"),
        ({"Sources": [PHOTO] * 101}, InvalidArgument, "Sources"),
        ({"Sources": [PHOTO], "MaxResult": 101}, InvalidArgument, "MaxResult"),
        ({"Sources": [PHOTO], "UserData": "ä" * 1025}, InvalidArgument, "UserData"),
        ({"Sources": [PHOTO], "Notification": {"ExtendedMessageURI": "x"}}, InvalidArgument, "ExtendedMessageURI"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(asked: dict[str, object], error: type[Exception], name: str) -> None:
    """The message names the parameter."""
    with pytest.raises(error, match=name):
        imm_tasks.parse_search_faces(fields(DatasetName="d", **asked))
