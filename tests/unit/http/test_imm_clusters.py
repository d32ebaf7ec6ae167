"""Clusters over the wire: each operation finds its reader and its doer, the official models their fields."""

import json
from typing import Any

import anyio
import oss2
import pytest
from alibabacloud_imm20200930 import models

from oss_faces.datasets import ClusterSpec, DatasetRef, FileSpec
from oss_faces.facedb import MemoryFaceDatabase
from oss_faces.tasks import MemoryTasks, TaskKind
from tests.contracts.facedb.faces import SPACE, facts, figure
from tests.unit.http.imm_calls import ask, done, signed
from tests.unit.http.in_process import InProcess

D = {"ProjectName": "p", "DatasetName": "d"}


@pytest.fixture
def clusters(session: InProcess, bucket: oss2.Bucket, database: MemoryFaceDatabase) -> list[str]:
    """Two clusters: Ann on two pictures, somebody on one."""
    done(session, "CreateDataset", **D)

    async def fill() -> list[str]:
        ref, numbers = DatasetRef("p", "d"), []
        for seed in range(3):
            kept = await database.put_file(
                ref, f"oss://photos/{seed}.jpg", FileSpec(), facts(), [figure(f"f-{seed}", seed)], SPACE
            )
            numbers.append(kept.figures[0].number)
        ann = await database.found_cluster(ref, ClusterSpec("Ann", "7", {"kin": "aunt"}), numbers[:2])
        return [ann.cluster_id, (await database.found_cluster(ref, ClusterSpec(), numbers[2:])).cluster_id]

    return anyio.run(fill)


def queried(session: InProcess, **parameters: str) -> models.QueryFigureClustersResponseBody:
    return models.QueryFigureClustersResponseBody().from_map(done(session, "QueryFigureClusters", **D, **parameters))


def test_cluster_has_every_documented_field(session: InProcess, clusters: list[str]) -> None:
    """The official model finds what it looks for, in the cover as well."""
    answer = done(session, "GetFigureCluster", ObjectId=clusters[0], **D)["FigureCluster"]
    cluster = models.FigureCluster().from_map(answer)
    assert {name for name, value in cluster.to_map().items() if value is not None} == set(answer)
    assert (cluster.object_id, cluster.name, cluster.custom_id) == (clusters[0], "Ann", "7")
    assert (cluster.object_type, cluster.owner_id, cluster.dataset_name) == ("figure-cluster", "4711", "d")
    assert (cluster.face_count, cluster.image_count, cluster.video_count) == (2, 2, 0)
    assert (cluster.gender, cluster.average_age, cluster.meta_lock_version) == ("female", 31.4, 0)
    assert cluster.cover.uri in ("oss://photos/0.jpg", "oss://photos/1.jpg")
    assert [shown.figure_cluster_id for shown in cluster.cover.figures] == [clusters[0]]
    assert cluster.cover.figure_count == 1


def test_clusters_come_in_pages(session: InProcess, clusters: list[str]) -> None:
    """Sorted as asked for, with a token to the next page and a total when asked for."""
    first = queried(session, Sort="FaceCount", Order="desc", MaxResults="1", WithTotalCount="True")
    assert ([one.object_id for one in first.figure_clusters], first.total_count) == (clusters[:1], 2)
    second = queried(session, Sort="FaceCount", Order="desc", MaxResults="1", NextToken=first.next_token)
    assert [one.object_id for one in second.figure_clusters] == clusters[1:]
    assert (second.next_token, second.total_count) == ("", None)


def test_clusters_are_found_by_label(session: InProcess, clusters: list[str]) -> None:
    """Those that have all of them."""
    assert [one.name for one in queried(session, CustomLabels='{"kin":"aunt"}').figure_clusters] == ["Ann"]
    assert queried(session, CustomLabels='{"kin":"uncle"}').figure_clusters == []


def test_several_clusters_at_once(session: InProcess, clusters: list[str]) -> None:
    """In the order asked for; those that are not there are left out."""
    wanted = json.dumps([clusters[1], "Cluster-none", clusters[0]])
    found = done(session, "BatchGetFigureCluster", ObjectIds=wanted, **D)["FigureClusters"]
    assert [one["ObjectId"] for one in found] == clusters[::-1]


def test_name_is_given_once_for_a_version(session: InProcess, clusters: list[str]) -> None:
    """The second of two who saw the same version is told so, and changes nothing."""
    change = {"ObjectId": clusters[1], "Name": "Bea", "MetaLockVersion": 0}
    assert done(session, "UpdateFigureCluster", FigureCluster=json.dumps(change), **D) == {}
    late = signed("UpdateFigureCluster", FigureCluster=json.dumps({**change, "Name": "Cleo"}), **D)
    answered, document = ask(session, late)
    assert (answered.status, document["Code"]) == (409, "ResourceChanged")
    shown = done(session, "GetFigureCluster", ObjectId=clusters[1], **D)["FigureCluster"]
    assert (shown["Name"], shown["MetaLockVersion"]) == ("Bea", 1)


@pytest.mark.parametrize(
    ("action", "kind", "parameters"),
    [
        ("CreateFigureClusteringTask", TaskKind.FACE_CLUSTERING, {}),
        ("CreateFigureClustersMergingTask", TaskKind.FIGURE_CLUSTERS_MERGING, {"To": 0, "From": 1}),
        ("CreateFigureClustersMergingTask", TaskKind.FIGURE_CLUSTERS_MERGING, {"To": 0, "Froms": [1]}),
    ],
)
def test_work_that_takes_long_is_a_task(
    session: InProcess, clusters: list[str], tasks: MemoryTasks, action: str, kind: TaskKind, parameters: dict[str, Any]
) -> None:
    """Its id is told, and GetTask knows it by the documented type."""
    named = {
        name: json.dumps([clusters[place] for place in value]) if isinstance(value, list) else clusters[value]
        for name, value in parameters.items()
    }
    accepted = done(session, action, UserData="mine", **named, **D)
    task = done(session, "GetTask", ProjectName="p", TaskId=accepted["TaskId"], TaskType=kind.value)
    assert (task["EventId"], task["UserData"], task["Status"]) == (accepted["EventId"], "mine", "Running")


@pytest.mark.parametrize(
    ("action", "parameters", "status", "code"),
    [
        ("GetFigureCluster", {"ObjectId": "Cluster-none"}, 404, "ResourceNotFound"),
        ("GetFigureCluster", {}, 400, "MissingObjectId"),
        ("CreateFigureClusteringTask", {"DatasetName": "none"}, 404, "ResourceNotFound"),
        ("CreateFigureClustersMergingTask", {"To": "a", "From": "b"}, 404, "ResourceNotFound"),
        ("CreateFigureClustersMergingTask", {"To": "a"}, 400, "InvalidArgument"),
        ("UpdateFigureCluster", {}, 400, "MissingFigureCluster"),
        ("QueryFigureClusters", {"NextToken": "x"}, 400, "InvalidArgument"),
    ],
)
def test_what_cannot_be_done_is_told(
    session: InProcess, clusters: list[str], action: str, parameters: dict[str, str], status: int, code: str
) -> None:
    """With the code that clients look at."""
    answered, document = ask(session, signed(action, **{**D, **parameters}))
    assert (answered.status, document["Code"]) == (status, code)
