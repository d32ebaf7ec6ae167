"""Datasets behind the wire: who may, how many there may be, and what stands in the audit log."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import anyio.lowlevel
import pytest

from oss_faces.audit import Act, AuditQuery, MemoryAudit
from oss_faces.datasets import DatasetRef, FileSpec, Totals
from oss_faces.errors import AccessDenied
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.grants import ANY, EVERYTHING, Grant, Permission, Rights
from oss_faces.imm_errors import LimitExceeded, ResourceAlreadyExists, ResourceInUse, ResourceNotFound
from oss_faces.operations import Bindings, DatasetKeeper, Holdings, ProjectKeeper, indexing_task
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.request import imm_datasets as requests
from oss_faces.request import imm_projects
from oss_faces.request.imm_files import WantedFile
from oss_faces.tasks import MemoryTasks, TaskSettings, TaskStatus
from oss_faces.values import Address, Principal, ProjectLimits, ProjectSpec
from tests.unit.operations.conftest import NOON, Shelf

pytestmark = pytest.mark.anyio
KEY = Principal("key", EVERYTHING)
REF = DatasetRef("p", "d")

Call = Callable[[DatasetKeeper, Principal], Awaitable[object]]


def change(name: str = "d", project: str = "p", **limits: int) -> requests.ChangeDataset:
    return requests.ChangeDataset(DatasetRef(project, name), None, None, limits)


ALL: dict[Permission, Call] = {
    Permission.CREATE_DATASET: lambda keeper, who: keeper.create(who, change("new")),
    Permission.GET_DATASET: lambda keeper, who: keeper.get(who, requests.NamedDataset(REF)),
    Permission.LIST_DATASETS: lambda keeper, who: keeper.list(who, requests.ListDatasets("p", "", "", 9)),
    Permission.UPDATE_DATASET: lambda keeper, who: keeper.update(who, change(DatasetMaxFileCount=1)),
    Permission.DELETE_DATASET: lambda keeper, who: keeper.delete(who, requests.NamedDataset(REF)),
}


class Slow(MemoryFaceDatabase):
    """A database that lets others go on between the answer and whoever asked."""

    async def totals(self, project: str) -> Totals:
        found = await super().totals(project)
        await anyio.lowlevel.checkpoint()
        return found


class World:
    """Keepers of projects and datasets around one database in memory; the project `p` may have two datasets."""

    def __init__(self, shelf: Shelf, settings: ImmSettings) -> None:
        projects = MemoryProjects(settings, lambda: NOON)
        holdings = Holdings(Slow(FaceDbSettings(), lambda: NOON))
        self.tasks = MemoryTasks(TaskSettings(), lambda: NOON)
        self.audit = MemoryAudit(lambda: NOON + timedelta(seconds=1))
        self.datasets = DatasetKeeper(holdings, Bindings(projects, settings), self.audit, self.tasks)
        self.projects = ProjectKeeper(projects, shelf, holdings)


async def make(shelf: Shelf, settings: ImmSettings) -> World:
    made = World(shelf, settings)
    spec = ProjectSpec(limits=ProjectLimits(dataset_max_file_count=7, project_max_dataset_count=2))
    await made.projects.create(KEY, imm_projects.CreateProject("p", spec))
    await made.datasets.create(KEY, change())
    return made


@pytest.fixture
async def world(shelf: Shelf) -> World:
    return await make(shelf, ImmSettings())


def holder(*grants: Grant) -> Principal:
    return Principal("key", Rights(grants))


@pytest.mark.parametrize("permission", ALL)
async def test_the_permission_is_enough(permission: Permission, world: World) -> None:
    """Each operation works with its own permission alone."""
    await ALL[permission](world.datasets, holder(Grant((permission,), ANY)))


@pytest.mark.parametrize("permission", ALL)
async def test_nothing_less_is_enough(permission: Permission, world: World) -> None:
    """Every other permission together does not allow it, nor a grant on one bucket, nor being nobody."""
    others = Grant(tuple(other for other in Permission if other is not permission), ANY)
    for principal in (holder(others), holder(Grant((permission,), "photos")), holder(), Principal()):
        with pytest.raises(AccessDenied):
            await ALL[permission](world.datasets, principal)


async def test_limits_come_from_the_project(world: World) -> None:
    """A dataset that names no limit has that of its project, and keeps it when the project's changes."""
    wider = imm_projects.UpdateProject("p", None, None, None, None, {"dataset_max_file_count": 9})
    await world.projects.update(KEY, wider)
    dataset = await world.datasets.get(KEY, requests.NamedDataset(REF))
    assert dataset.spec.limits["DatasetMaxFileCount"] == 7


async def test_a_project_has_no_more_datasets_than_it_may(world: World) -> None:
    """The limit holds for those who come at the same time as well, and deleting one makes room."""
    refused = []

    async def create(name: str) -> None:
        try:
            await world.datasets.create(KEY, change(name))
        except LimitExceeded:
            refused.append(name)

    async with anyio.create_task_group() as group:
        for name in ("a", "b", "c"):
            group.start_soon(create, name)
    assert len(refused) == 2
    await world.datasets.delete(KEY, requests.NamedDataset(REF))
    await world.datasets.create(KEY, change(refused[0]))


async def test_a_project_with_datasets_stays(world: World) -> None:
    """Deleting it is refused until the last dataset is gone."""
    delete = imm_projects.NamedProject("p")
    with pytest.raises(ResourceInUse):
        await world.projects.delete(KEY, delete)
    await world.datasets.delete(KEY, requests.NamedDataset(REF))
    await world.projects.delete(KEY, delete)


async def test_no_dataset_is_made_in_a_project_that_is_going(world: World, shelf: Shelf) -> None:
    """Whoever comes first, there is never a dataset in a project that was deleted."""
    strict = await make(shelf, ImmSettings(auto_project=False))
    await strict.datasets.delete(KEY, requests.NamedDataset(REF))
    outcomes: list[object] = []

    async def attempt(call: Awaitable[object]) -> None:
        try:
            outcomes.append(await call)
        except (ResourceInUse, ResourceNotFound) as exc:
            outcomes.append(exc)

    async with anyio.create_task_group() as group:
        group.start_soon(attempt, strict.projects.delete(KEY, imm_projects.NamedProject("p")))
        group.start_soon(attempt, strict.datasets.create(KEY, change()))
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1


async def test_project_that_nobody_created(world: World, shelf: Shelf) -> None:
    """It may be named as long as the setting says so, with the documented limits."""
    await world.datasets.create(KEY, change(project="elsewhere"))
    assert (await world.datasets.list(KEY, requests.ListDatasets("elsewhere", "", "", 9)))[0]
    strict = await make(shelf, ImmSettings(auto_project=False))
    for call in (change(project="elsewhere"), requests.ListDatasets("elsewhere", "", "", 9)):
        with pytest.raises(ResourceNotFound):
            await (strict.datasets.create if isinstance(call, requests.ChangeDataset) else strict.datasets.list)(
                KEY, call
            )


async def test_names_are_taken_once(world: World) -> None:
    """A second dataset of one name is refused."""
    with pytest.raises(ResourceAlreadyExists):
        await world.datasets.create(KEY, change())


async def test_a_project_tells_what_it_holds(world: World) -> None:
    """Its datasets are counted in every answer that describes it."""
    described = [
        await world.projects.get(KEY, imm_projects.NamedProject("p")),
        *(await world.projects.list(KEY, imm_projects.ListProjects("", "", {}, 9)))[0],
        await world.projects.update(KEY, imm_projects.UpdateProject("p", "x", None, None, None, {})),
    ]
    assert [totals.datasets for _, totals in described] == [1, 1, 1]


async def test_erasing_leaves_a_trace(world: World) -> None:
    """Who erased which dataset is recorded before and after; a dataset that is not there leaves none."""
    await world.datasets.delete(KEY, requests.NamedDataset(REF))
    with pytest.raises(ResourceNotFound):
        await world.datasets.delete(KEY, requests.NamedDataset(REF))
    entries = (await world.audit.entries(AuditQuery())).entries
    assert [(entry.event.act, entry.event.actor, entry.event.ref) for entry in entries] == [
        (Act.ERASE_BEGUN, "key:key", REF),
        (Act.ERASE, "key:key", REF),
    ]


async def test_what_waits_for_a_deleted_dataset_is_withdrawn(world: World) -> None:
    """A new dataset of the name does not get the files of the old one."""
    task = await world.tasks.add(indexing_task(KEY, REF, WantedFile(Address("private", "default"), FileSpec())))
    await world.datasets.delete(KEY, requests.NamedDataset(REF))
    await world.datasets.create(KEY, change())
    found = await world.tasks.get("p", task.task_id)
    assert (found.status, found.code) == (TaskStatus.FAILED, "ResourceNotFound")
