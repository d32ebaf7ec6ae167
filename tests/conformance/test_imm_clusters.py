"""Clusters through the official IMM client, against a real server: found, named, merged, and apart again."""

import json
import subprocess
import sys

import oss2
import pytest
from alibabacloud_imm20200930 import models
from alibabacloud_imm20200930.client import Client

from tests.conformance.test_imm import refused
from tests.crowd import jpeg, picture
from tests.imm_clients import await_it, imm
from tests.running import RunningServer

PROJECT = "family"
ALBUM = {"project_name": PROJECT, "dataset_name": "two"}
PERSONS = ("astronaut", "63")
EACH = 3


@pytest.fixture(scope="module")
def client(server: RunningServer, bucket: oss2.Bucket) -> Client:
    """A dataset with three pictures of each of two persons, sorted into clusters."""
    made = imm(server)
    keys = [(f"clusters/{person}-{number}.jpg", person, number) for person in PERSONS for number in range(EACH)]
    for key, person, number in keys:
        bucket.put_object(key, jpeg(picture(person, number)))
    made.create_project(models.CreateProjectRequest(project_name=PROJECT))
    made.create_dataset(models.CreateDatasetRequest(**ALBUM))
    files = [models.InputFile(uri=f"oss://examplebucket/{key}") for key, _, _ in keys]
    made.batch_index_file_meta(models.BatchIndexFileMetaRequest(**ALBUM, files=files))
    asked = models.GetDatasetRequest(**ALBUM)
    await_it(lambda: made.get_dataset(asked).body.dataset.file_count == len(keys))
    task = made.create_figure_clustering_task(models.CreateFigureClusteringTaskRequest(**ALBUM)).body
    assert succeeded(made, task.task_id, "FaceClustering")
    return made


def succeeded(client: Client, task_id: str, kind: str) -> models.GetTaskResponseBody:
    """Wait for the end of a task, which has to be a good one."""

    def look() -> models.GetTaskResponseBody | None:
        request = models.GetTaskRequest(project_name=PROJECT, task_id=task_id, task_type=kind)
        task = client.get_task(request).body
        return None if task.status == "Running" else task

    task = await_it(look)
    assert (task.status, task.code) == ("Succeeded", ""), task.message
    return task


def queried(client: Client, **asked: object) -> list[models.FigureCluster]:
    return client.query_figure_clusters(models.QueryFigureClustersRequest(**ALBUM, **asked)).body.figure_clusters


def test_each_person_is_a_cluster(client: Client) -> None:
    """With a cover that shows one of the pictures, and found again by its id, alone and with others."""
    found = queried(client, with_total_count=True)
    assert [(one.face_count, one.image_count, one.meta_lock_version) for one in found] == [(EACH, EACH, 0)] * 2
    for one in found:
        assert one.cover.uri.startswith("oss://examplebucket/clusters/")
        assert one.cover.figures[0].figure_cluster_id == one.object_id
        request = models.GetFigureClusterRequest(**ALBUM, object_id=one.object_id)
        assert client.get_figure_cluster(request).body.figure_cluster.to_map() == one.to_map()
    ids = [one.object_id for one in found]
    request = models.BatchGetFigureClusterRequest(**ALBUM, object_ids=[*ids[::-1], "Cluster-none"])
    assert [one.object_id for one in client.batch_get_figure_cluster(request).body.figure_clusters] == ids[::-1]


def test_names_are_given_under_a_lock(client: Client) -> None:
    """What was said is told again and can be asked for; an old version is refused."""
    first = queried(client)[0]
    cover = models.FigureClusterForReqCover(
        figures=[models.FigureClusterForReqCoverFigures(figure_id=first.cover.figures[0].figure_id)]
    )
    said = models.FigureClusterForReq(
        object_id=first.object_id, name="Ann", custom_labels={"kin": "aunt"}, cover=cover, meta_lock_version=0
    )
    request = models.UpdateFigureClusterRequest(**ALBUM, figure_cluster=said)
    client.update_figure_cluster(request)
    assert refused(lambda: client.update_figure_cluster(request)) == (409, "ResourceChanged")
    [found] = queried(client, custom_labels='{"kin": "aunt"}')
    assert (found.object_id, found.name, found.meta_lock_version) == (first.object_id, "Ann", 1)
    assert found.cover.uri == first.cover.uri


def test_merge_can_be_undone(client: Client, server: RunningServer) -> None:
    """Two become one, which keeps its name, and with the id of the merge two again, under their ids."""
    before = {one.object_id: (one.name, one.face_count) for one in queried(client)}
    into, other = sorted(before, key=lambda name: before[name][0], reverse=True)
    request = models.CreateFigureClustersMergingTaskRequest(**ALBUM, to=into, froms=[other])
    task_id = client.create_figure_clusters_merging_task(request).body.task_id
    succeeded(client, task_id, "FigureClustersMerging")
    [merged] = queried(client)
    assert (merged.object_id, merged.name, merged.face_count) == (into, before[into][0], 2 * EACH)
    assert refused(lambda: client.create_figure_clusters_merging_task(request)) == (404, "ResourceNotFound")
    command = [sys.executable, "-m", "oss_faces", "people", "undo-merge", "--json"]
    undone = subprocess.run(
        [*command, "--dataset", f"{PROJECT}/two", "--data", str(server.data)], capture_output=True, check=True
    )
    assert json.loads(undone.stdout)
    assert {one.object_id: (one.name, one.face_count) for one in queried(client)} == before


def test_without_the_dataset_there_is_nothing(client: Client) -> None:
    """A name that was never given is told as such."""
    other = {**ALBUM, "dataset_name": "none"}
    query, clustering = models.QueryFigureClustersRequest(**other), models.CreateFigureClusteringTaskRequest(**other)
    assert refused(lambda: client.query_figure_clusters(query)) == (404, "ResourceNotFound")
    assert refused(lambda: client.create_figure_clustering_task(clustering)) == (404, "ResourceNotFound")
