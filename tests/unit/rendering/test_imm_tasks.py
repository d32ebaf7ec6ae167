"""Tasks in the fields of the wire."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from oss_faces.rendering import RenderingSettings
from oss_faces.rendering.imm_tasks import ShownTask, accepted_fields, cluster_matches_fields, task_fields, tasks_fields
from oss_faces.values import Box, Face, FaceResult, ImageSize

TASK = ShownTask(
    "FaceClustering-1",
    "E1",
    "p",
    "FaceClustering",
    "Running",
    40,
    datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC),
    None,
    "",
    "",
    "mine",
    {"k": "v"},
    {"DatasetName": "d", "n": [1]},
)
RUNNING = {
    "TaskId": "FaceClustering-1",
    "TaskType": "FaceClustering",
    "Status": "Running",
    "Progress": 40,
    "StartTime": "2026-11-22T18:54:03.123456Z",
    "EndTime": "",
    "Code": "",
    "Message": "",
    "UserData": "mine",
    "Tags": {"k": "v"},
}


def test_a_task_that_is_not_done_has_no_end() -> None:
    """Every documented field is there, and nothing that is not known yet."""
    assert task_fields(TASK, wants_definition=False) == {"ProjectName": "p", "EventId": "E1", **RUNNING}


def test_an_ended_task_tells_when_why_and_what() -> None:
    """The result stands in a field of ours."""
    ended = replace(TASK, status="Failed", ended=TASK.started, code="X", message="x", result={"Sources": []})
    shown = task_fields(ended, wants_definition=False)
    assert (shown["EndTime"], shown["Code"], shown["Message"]) == (shown["StartTime"], "X", "x")
    assert shown["Result"] == {"Sources": []}


def test_the_parameters_are_shown_as_text_to_who_asks() -> None:
    """As JSON in one text."""
    assert task_fields(TASK, wants_definition=True)["TaskRequestDefinition"] == '{"DatasetName": "d", "n": [1]}'


def test_a_list_has_the_same_entries_without_results() -> None:
    """They may be large; the number of entries that were asked for is a text."""
    shown = tasks_fields("p", [replace(TASK, result={"a": 1})], 7, wants_definition=False)
    assert shown == {"ProjectName": "p", "MaxResults": "7", "Tasks": [RUNNING]}
    (entry,) = tasks_fields("p", [TASK], 7, wants_definition=True)["Tasks"]
    assert "TaskRequestDefinition" in entry


def test_an_accepted_task_has_two_ids() -> None:
    """Its own and that of the event."""
    assert accepted_fields("t", "e") == {"TaskId": "t", "EventId": "e"}


def test_a_face_that_is_not_known_has_no_cluster() -> None:
    """One entry for each face, with its place; what is not known is left out, and no value stands for it."""
    faces = tuple(Face(Box(left, 0, left + 10, 10), 0.9, np.zeros((5, 2), np.float32)) for left in (0, 10, 20))
    result = FaceResult(ImageSize(100, 40), faces, ())
    shown = cluster_matches_fields(result, [("c", 0.912345), ("", 0.4), ("", None)], RenderingSettings())
    place = {"Top": 0, "Width": 10, "Height": 10}
    assert shown == {
        "Clusters": [
            {"Boundary": {"Left": 0, **place}, "ClusterId": "c", "Similarity": 0.9123},
            {"Boundary": {"Left": 10, **place}, "Similarity": 0.4},
            {"Boundary": {"Left": 20, **place}},
        ]
    }


def test_places_are_told_in_the_frame_of_the_settings() -> None:
    """As those of `image/faces`: upright, or as the pixels are stored."""
    face = Face(Box(0, 0, 10, 20), 0.9, np.zeros((5, 2), np.float32))
    result = FaceResult(ImageSize(100, 40), (face,), (), orientation=3)
    [entry] = cluster_matches_fields(result, [("", None)], RenderingSettings("stored"))["Clusters"]
    assert entry["Boundary"] == {"Left": 90, "Top": 20, "Width": 10, "Height": 20}
