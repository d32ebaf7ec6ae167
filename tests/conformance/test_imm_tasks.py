"""Tasks and searches by face through the official IMM client, against a real server."""

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import oss2
import pytest
from alibabacloud_imm20200930 import models
from alibabacloud_imm20200930.client import Client

from oss_faces.app import utc_now
from oss_faces.database import open_database
from oss_faces.datasets import ClusterSpec, DatasetRef
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.vectors import MemoryVectorIndexes
from tests.conformance.test_imm import imm, refused
from tests.crowd import jpeg, picture
from tests.running import RunningServer

PROJECT = "searching"
ALBUM = {"project_name": PROJECT, "dataset_name": "album"}
KEYS = [f"search/{number}.jpg" for number in range(4)]
RESULT = "search/result.json"


def uri(key: str) -> str:
    return f"oss://examplebucket/{key}"


def done(client: Client, task_id: str) -> models.GetTaskResponseBody:
    """Wait for the end of a task."""
    request = models.GetTaskRequest(
        project_name=PROJECT, task_id=task_id, task_type=task_id.partition("-")[0], request_definition=True
    )
    deadline = time.monotonic() + 90
    while (task := client.get_task(request).body).status == "Running":
        assert time.monotonic() < deadline, task.to_map()
        time.sleep(0.1)
    return task


@pytest.fixture(scope="module")
def client(server: RunningServer, bucket: oss2.Bucket) -> Client:
    """A dataset with four pictures of one person, and one object that is no picture."""
    made = imm(server)
    for number, key in enumerate(KEYS):
        bucket.put_object(key, jpeg(picture("astronaut", number)))
    bucket.put_object("search/text", b"no picture")
    made.create_project(models.CreateProjectRequest(project_name=PROJECT))
    made.create_dataset(models.CreateDatasetRequest(**ALBUM))
    files = [models.InputFile(uri=uri(key)) for key in (*KEYS[:3], "search/text")]
    made.batch_index_file_meta(models.BatchIndexFileMetaRequest(**ALBUM, files=files))
    deadline = time.monotonic() + 90
    while len(listed(made, task_types=["FileIndexing"], status="Running")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return made


def listed(client: Client, **asked: Any) -> list[models.TaskInfo]:
    return client.list_tasks(models.ListTasksRequest(project_name=PROJECT, **asked)).body.tasks


def test_a_picture_that_is_missing_has_a_task_that_says_why(client: Client) -> None:
    """Of four objects three are files; the task of the fourth names it and the reason."""
    assert client.get_dataset(models.GetDatasetRequest(**ALBUM)).body.dataset.file_count == 3
    [failed] = listed(client, task_types=["FileIndexing"], status="Failed", request_definition=True)
    assert json.loads(failed.task_request_definition)["URI"] == uri("search/text")
    assert (failed.code, bool(failed.message)) == ("InvalidArgument", True)
    assert "payer" not in failed.task_request_definition


def test_tasks_of_types_that_imm_lacks_are_not_listed_by_themselves(client: Client) -> None:
    """A program that goes through its tasks finds only such as it knows."""
    assert {task.task_type for task in listed(client)} <= {"FacesSearching", "FaceClustering", "FigureClustersMerging"}


def test_similar_faces_are_found_and_written_to_an_object(client: Client, bucket: oss2.Bucket) -> None:
    """The three pictures of the person, the most similar first; the task tells what was asked and what came of it."""
    answer = client.create_faces_searching_task(
        models.CreateFacesSearchingTaskRequest(
            **ALBUM,
            sources=[models.CreateFacesSearchingTaskRequestSources(uri=uri(key)) for key in (KEYS[0], "search/text")],
            max_result=10,
            user_data="mine",
            notification=models.Notification(extended_message_uri=uri(RESULT)),
        )
    ).body
    task = done(client, answer.task_id)
    assert (task.status, task.task_type, task.event_id) == ("Succeeded", "FacesSearching", answer.event_id)
    assert (task.user_data, json.loads(task.task_request_definition)["MaxResult"]) == ("mine", 10)
    document = json.loads(bucket.get_object(RESULT).read())
    found, text = document["Sources"]
    assert {face["URI"] for face in found["SimilarFaces"]} == {uri(key) for key in KEYS[:3]}
    best = found["SimilarFaces"][0]
    assert (best["URI"], best["Similarity"] > 0.99) == (uri(KEYS[0]), True)
    assert best["Boundary"] == found["Boundary"]
    assert text["Code"] == "InvalidArgument"
    assert answer.task_id in {listed_task.task_id for listed_task in listed(client, task_types=["FacesSearching"])}


def found_cluster(data: Path, name: str) -> str:
    """Make one person of all faces of the dataset, as the command line does beside a running server."""

    async def found() -> str:
        with closing(open_database(data)) as database:
            faces = SqlFaceDatabase(database, MemoryVectorIndexes(), FaceDbSettings(), utc_now)
            ref = DatasetRef(PROJECT, "album")
            files = await faces.get_files(ref, [uri(key) for key in KEYS])
            numbers = [figure.number for file in files for figure in file.figures]
            return (await faces.found_cluster(ref, ClusterSpec(name), numbers)).cluster_id

    return anyio.run(found)


def test_a_face_is_known_once_there_are_clusters(client: Client, server: RunningServer) -> None:
    """Before, its entry has its place only; afterwards the cluster of the person, and how alike they are."""
    asked = models.SearchImageFigureClusterRequest(**ALBUM, source_uri=uri(KEYS[3]))
    [before] = client.search_image_figure_cluster(asked).body.clusters
    assert (before.cluster_id, before.similarity) == (None, None)
    assert before.boundary.width > 50
    cluster_id = found_cluster(server.data, "astronaut")
    [after] = client.search_image_figure_cluster(asked).body.clusters
    assert after.cluster_id == cluster_id
    assert 0.8 <= after.similarity <= 1


def test_what_is_not_there_is_told(client: Client) -> None:
    """Tasks, datasets and pictures, each by its code."""
    task = models.GetTaskRequest(project_name=PROJECT, task_id="FaceClustering-1", task_type="FaceClustering")
    assert refused(lambda: client.get_task(task)) == (404, "ResourceNotFound")
    lost = models.SearchImageFigureClusterRequest(**ALBUM, source_uri=uri("search/absent"))
    assert refused(lambda: client.search_image_figure_cluster(lost)) == (404, "ResourceNotFound")
    nowhere = {**ALBUM, "dataset_name": "nowhere"}
    there = models.SearchImageFigureClusterRequest(**nowhere, source_uri=uri(KEYS[0]))
    assert refused(lambda: client.search_image_figure_cluster(there)) == (404, "ResourceNotFound")
    empty = models.CreateFacesSearchingTaskRequest(**ALBUM)
    assert refused(lambda: client.create_faces_searching_task(empty)) == (400, "MissingSources")
