"""Asking for tasks of IMM, without a socket."""

import json

import anyio
import oss2

from oss_faces.datasets import DatasetRef, DatasetSpec
from oss_faces.facedb import MemoryFaceDatabase
from oss_faces.metering import MemoryUsageStore
from oss_faces.tasks import MemoryTasks, NewTask, TaskKind
from tests.unit.http.in_process import KEY_ID, InProcess
from tests.unit.http.test_imm import ask, signed


def add(tasks: MemoryTasks, number: int = 1) -> list[str]:
    new = NewTask("p", TaskKind.FACES_SEARCHING, {"DatasetName": "d", "payer": "key"}, "mine", {"k": "v"})

    async def accept() -> list[str]:
        return sorted(task.task_id for task in await tasks.add_all([new] * number))

    return anyio.run(accept)


def test_a_task_is_told_in_the_fields_of_the_wire(session: InProcess, tasks: MemoryTasks) -> None:
    """By id and type; its parameters only to who asks for them, and of these none that is ours."""
    [task_id] = add(tasks)
    asked = {"ProjectName": "p", "TaskId": task_id, "TaskType": "FacesSearching"}
    answered, document = ask(session, signed("GetTask", **asked))
    assert (answered.status, document["TaskId"], document["Status"]) == (200, task_id, "Running")
    assert (document["UserData"], document["Tags"]) == ("mine", {"k": "v"})
    assert "TaskRequestDefinition" not in document
    _, shown = ask(session, signed("GetTask", RequestDefinition="true", **asked))
    assert json.loads(shown["TaskRequestDefinition"]) == {"DatasetName": "d"}


def test_tasks_are_listed_page_by_page(session: InProcess, tasks: MemoryTasks) -> None:
    """Each once, and the last page has no token."""
    task_ids = add(tasks, 3)
    asked = {"ProjectName": "p", "MaxResults": "2"}
    _, first = ask(session, signed("ListTasks", **asked))
    _, last = ask(session, signed("ListTasks", NextToken=first["NextToken"], **asked))
    assert [task["TaskId"] for task in (*first["Tasks"], *last["Tasks"])] == task_ids
    assert (first["ProjectName"], first["MaxResults"], last["NextToken"]) == ("p", "2", "")


def test_a_task_that_is_not_there_is_404(session: InProcess) -> None:
    """As every resource of IMM."""
    asked = {"ProjectName": "p", "TaskId": "FacesSearching-1", "TaskType": "FacesSearching"}
    answered, document = ask(session, signed("GetTask", **asked))
    assert (answered.status, document["Code"]) == (404, "ResourceNotFound")


def test_a_picture_is_searched_for_the_people_of_a_dataset(
    session: InProcess, bucket: oss2.Bucket, database: MemoryFaceDatabase, usage: MemoryUsageStore
) -> None:
    """One entry for each face; one detection is counted, on the bucket of the picture."""
    anyio.run(database.create_dataset, DatasetRef("p", "album"), DatasetSpec())
    asked = {"ProjectName": "p", "DatasetName": "album", "SourceURI": "oss://photos/dir/photo.jpg"}
    answered, document = ask(session, signed("SearchImageFigureCluster", **asked))
    assert (answered.status, list(document["Clusters"][0])) == (200, ["Boundary"])
    [(key, counts)] = [row for row in usage.rows() if row[0].operation == "imm:SearchImageFigureCluster"]
    assert (key.bucket, counts.image_detect) == ("photos", 1)


def test_a_search_for_many_pictures_is_accepted_as_a_task(
    session: InProcess, bucket: oss2.Bucket, database: MemoryFaceDatabase, tasks: MemoryTasks
) -> None:
    """The answer has both ids, and the task waits."""
    anyio.run(database.create_dataset, DatasetRef("p", "album"), DatasetSpec())
    sources = json.dumps([{"URI": "oss://photos/dir/photo.jpg"}])
    asked = {"ProjectName": "p", "DatasetName": "album", "Sources": sources}
    answered, document = ask(session, signed("CreateFacesSearchingTask", **asked))
    task = anyio.run(tasks.get, "p", document["TaskId"])
    assert (answered.status, document["EventId"]) == (200, task.event_id)
    assert task.what.request["payer"] == KEY_ID
