"""Operations on clusters: who may call them, what they answer, and what they leave in the audit log."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from oss_faces.audit import Act, AuditQuery, MemoryAudit
from oss_faces.datasets import ClusterQuery, ClusterSpec, DatasetRef, DatasetSpec, FileFacts, FileSpec, NewFigure
from oss_faces.errors import AccessDenied, InvalidArgument
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.grants import EVERYTHING, Grant, Rights
from oss_faces.imm_errors import ResourceChanged, ResourceNotFound
from oss_faces.operations import ClusterKeeper
from oss_faces.request import imm_clusters as requests
from oss_faces.tasks import MemoryTasks, TaskKind, TaskSettings, subject_of
from oss_faces.values import Box, Face, ImageSize, Principal

pytestmark = pytest.mark.anyio

REF = DatasetRef("project", "album")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = Principal("key", EVERYTHING)
NOBODY = Principal("nobody", Rights((Grant(("oss:*",)),)))


@dataclass
class World:
    """Clusters `a` and `b` of two figures each, with everything in memory."""

    database: MemoryFaceDatabase
    tasks: MemoryTasks
    audit: MemoryAudit
    ids: list[str]

    @property
    def keeper(self) -> ClusterKeeper:
        return ClusterKeeper(self.database, self.tasks, self.audit)

    async def acts(self) -> list[Act]:
        return [entry.event.act for entry in (await self.audit.entries(AuditQuery())).entries]


@pytest.fixture
async def world() -> World:
    def clock() -> datetime:
        return NOON

    database = MemoryFaceDatabase(FaceDbSettings(), clock)
    await database.create_dataset(REF, DatasetSpec())
    ids = []
    for name in ("Ann", "Bea"):
        numbers = []
        for place in range(2):
            figure = NewFigure(
                f"figure-{name}-{place}",
                Face(Box(0, 0, 50 + place, 50), 0.9, np.zeros((5, 2), np.float32)),
                np.eye(8, dtype=np.float32)[place],
            )
            facts = FileFacts("etag", 1, "image/jpeg", NOON, ImageSize(99, 99), 1, ("m@1",))
            kept = await database.put_file(REF, f"oss://b/{name}{place}", FileSpec(), facts, [figure], "s@1")
            numbers.append(kept.figures[0].number)
        ids.append((await database.found_cluster(REF, ClusterSpec(name), numbers)).cluster_id)
    return World(database, MemoryTasks(TaskSettings(), clock), MemoryAudit(clock), ids)


async def test_clustering_is_a_task_of_the_dataset(world: World) -> None:
    """It is kept with what the caller said; tasks of one dataset wait for each other."""
    task = await world.keeper.cluster(KEY, requests.ClusterFigures(REF, "mine", {"who": "me"}))
    kept = await world.tasks.get("project", task.task_id)
    assert kept.what.kind == TaskKind.FACE_CLUSTERING
    assert (kept.what.user_data, kept.what.tags) == ("mine", {"who": "me"})
    assert kept.what.subject == subject_of("project", "album")
    assert requests.read_task_dataset(kept.what.request) == REF
    assert await world.acts() == [Act.CLUSTER]


async def test_merging_is_a_task_when_all_clusters_are_there(world: World) -> None:
    """A name that nobody has is refused at once, and nothing is accepted."""
    first, second = world.ids
    task = await world.keeper.merge(KEY, requests.MergeClusters(REF, first, (second,)))
    assert task.what.kind == TaskKind.FIGURE_CLUSTERS_MERGING
    assert task.what.request["Froms"] == [second]
    with pytest.raises(ResourceNotFound, match="Cluster-none"):
        await world.keeper.merge(KEY, requests.MergeClusters(REF, first, (second, "Cluster-none")))
    assert await world.acts() == [Act.MERGE]


async def test_query_shows_covers(world: World) -> None:
    """Each cluster with the file of the face that stands for it."""
    page, shown = await world.keeper.query(KEY, requests.QueryClusters(REF, ClusterQuery("name", wants_total=True), ()))
    assert page.total == 2
    assert [one.cluster.spec.name for one in shown] == ["Ann", "Bea"]
    assert [one.cover.uri for one in shown if one.cover] == [one.cluster.facts.cover.uri for one in shown]
    assert await world.acts() == [Act.READ]


async def test_get_one_and_some(world: World) -> None:
    """One that is not there is an error; of several it is left out."""
    first, second = world.ids
    assert (await world.keeper.get(KEY, requests.NamedClusters(REF, (first,)))).cluster.spec.name == "Ann"
    some = await world.keeper.get_some(KEY, requests.NamedClusters(REF, (second, "Cluster-none", first)))
    assert [one.cluster.cluster_id for one in some] == [second, first]
    with pytest.raises(ResourceNotFound):
        await world.keeper.get(KEY, requests.NamedClusters(REF, ("Cluster-none",)))


async def test_update_holds_only_for_the_version_that_was_seen(world: World) -> None:
    """The lock begins with 0 and goes up by one; an old version changes nothing, none changes whatever there is."""
    first, _ = world.ids
    await world.keeper.update(KEY, requests.UpdateCluster(REF, first, name="Anna", lock_version=0))
    with pytest.raises(ResourceChanged):
        await world.keeper.update(KEY, requests.UpdateCluster(REF, first, name="Hanna", lock_version=0))
    await world.keeper.update(KEY, requests.UpdateCluster(REF, first, custom_id="id-1"))
    (cluster,) = await world.database.get_clusters(REF, [first])
    assert (cluster.spec.name, cluster.spec.custom_id, cluster.lock_version) == ("Anna", "id-1", 2)
    assert await world.acts() == [Act.UPDATE, Act.UPDATE]


async def test_cover_is_a_figure_of_the_cluster(world: World) -> None:
    """Somebody else's face cannot stand for it."""
    first, _ = world.ids
    for place in (0, 1):
        await world.keeper.update(KEY, requests.UpdateCluster(REF, first, cover=f"figure-Ann-{place}"))
        shown = await world.keeper.get(KEY, requests.NamedClusters(REF, (first,)))
        assert shown.cluster.facts.cover.figure_id == f"figure-Ann-{place}"
    with pytest.raises(InvalidArgument):
        await world.keeper.update(KEY, requests.UpdateCluster(REF, first, cover="figure-Bea-0"))


async def test_cluster_or_dataset_that_is_not_there(world: World) -> None:
    """Both are errors, whatever is asked."""
    other = DatasetRef("project", "other")
    with pytest.raises(ResourceNotFound):
        await world.keeper.update(KEY, requests.UpdateCluster(REF, "Cluster-none", cover="figure-Ann-0"))
    with pytest.raises(ResourceNotFound):
        await world.keeper.cluster(KEY, requests.ClusterFigures(other))
    with pytest.raises(ResourceNotFound):
        await world.keeper.query(KEY, requests.QueryClusters(other, ClusterQuery(), ()))
    assert await world.acts() == []


async def test_keys_without_the_grant_are_refused(world: World) -> None:
    """Each operation has its own permission; nothing is done, and nothing is told."""
    first, second = world.ids
    keeper = world.keeper
    for refused in (
        keeper.cluster(NOBODY, requests.ClusterFigures(REF)),
        keeper.merge(NOBODY, requests.MergeClusters(REF, first, (second,))),
        keeper.query(NOBODY, requests.QueryClusters(REF, ClusterQuery(), ())),
        keeper.get(NOBODY, requests.NamedClusters(REF, (first,))),
        keeper.get_some(NOBODY, requests.NamedClusters(REF, (first,))),
        keeper.update(NOBODY, requests.UpdateCluster(REF, first, name="X")),
    ):
        with pytest.raises(AccessDenied):
            await refused
    assert await world.acts() == []
