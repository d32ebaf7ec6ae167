"""Files of a dataset behind the wire: who may, what becomes a task, who is on a file, and what the audit log says."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from oss_faces.audit import Act, AuditQuery, MemoryAudit
from oss_faces.datasets import CLUSTER_INDEPENDENT, ClusterSpec, DatasetRef, DatasetSpec, FileQuery, FileSpec
from oss_faces.errors import AccessDenied, NoSuchBucket
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.grants import ANY, EVERYTHING, Grant, Permission, Rights
from oss_faces.imm_errors import LimitExceeded, ResourceNotFound
from oss_faces.operations import FileKeeper
from oss_faces.request import imm_files as requests
from oss_faces.request.imm_query import SimpleQuery
from oss_faces.tasks import MemoryTasks, TaskKind, TaskQuery, TaskSettings
from oss_faces.values import Address, Principal
from tests.contracts.facedb.faces import FIRST, SPACE, facts, figure
from tests.unit.operations.conftest import NOON, Shelf

pytestmark = pytest.mark.anyio
KEY = Principal("key", EVERYTHING)
REF = DatasetRef("p", "d")
HERE, THERE, NEW = Address("private", "default"), Address("public-read", "default"), Address("private", "private")
ABSENT = Address("private", "absent")

Call = Callable[[FileKeeper, Principal, Permission], Awaitable[object]]


def index(*sources: Address) -> requests.IndexFiles:
    return requests.IndexFiles(REF, tuple(requests.WantedFile(source, FileSpec("7")) for source in sources), "data")


def named(*sources: Address) -> requests.NamedFiles:
    return requests.NamedFiles(REF, sources)


def update(source: Address, *moves: requests.FigureMove, custom_id: str = "8") -> requests.FileChange:
    return requests.FileChange(source, custom_id, None, None, {}, moves)


def updates(*changes: requests.FileChange) -> requests.UpdateFiles:
    return requests.UpdateFiles(REF, changes)


def query(limit: int = 100) -> SimpleQuery:
    return SimpleQuery(REF, FileQuery(limit=limit), (), ())


ON_FILES: Mapping[Permission, Call] = {
    Permission.INDEX_FILE_META: lambda keeper, who, needed: keeper.index(who, index(HERE), needed),
    Permission.BATCH_INDEX_FILE_META: lambda keeper, who, needed: keeper.index(who, index(HERE), needed),
    Permission.GET_FILE_META: lambda keeper, who, needed: keeper.get(who, named(HERE), needed),
    Permission.BATCH_GET_FILE_META: lambda keeper, who, needed: keeper.get(who, named(HERE), needed),
    Permission.UPDATE_FILE_META: lambda keeper, who, needed: keeper.update(who, updates(update(HERE)), needed),
    Permission.BATCH_UPDATE_FILE_META: lambda keeper, who, needed: keeper.update_each(
        who, updates(update(HERE)), needed
    ),
    Permission.DELETE_FILE_META: lambda keeper, who, needed: keeper.delete(who, named(HERE), needed),
    Permission.BATCH_DELETE_FILE_META: lambda keeper, who, needed: keeper.delete(who, named(HERE), needed),
}
READS = (Permission.INDEX_FILE_META, Permission.BATCH_INDEX_FILE_META)


@dataclass
class World:
    """A keeper around everything in memory; the dataset has HERE and THERE, each with a face, and may have three."""

    keeper: FileKeeper
    database: "Erasures"
    tasks: MemoryTasks
    audit: MemoryAudit

    async def acts(self) -> list[Act]:
        return [entry.event.act for entry in (await self.audit.entries(AuditQuery())).entries]


class Erasures(MemoryFaceDatabase):
    """A database that remembers which files were erased at once."""

    erased: tuple[tuple[str, ...], ...] = ()

    async def delete_files(self, ref: DatasetRef, uris: Sequence[str]) -> int:
        self.erased += (tuple(uris),)
        return await super().delete_files(ref, uris)


@pytest.fixture
async def world(shelf: Shelf) -> World:
    database = Erasures(FaceDbSettings(), lambda: FIRST)
    tasks = MemoryTasks(TaskSettings(), lambda: NOON)
    audit = MemoryAudit(lambda: NOON + timedelta(seconds=1))
    await database.create_dataset(REF, DatasetSpec(limits={"DatasetMaxFileCount": 3}))
    for seed, source in enumerate((HERE, THERE)):
        uri = requests.file_uri(source)
        await database.put_file(REF, uri, FileSpec(), facts(), [figure(f"face-{seed}", seed)], SPACE)
    return World(FileKeeper(shelf, database, tasks, audit), database, tasks, audit)


def holder(*grants: Grant) -> Principal:
    return Principal("key", Rights(grants))


def sufficient(permission: Permission, place: str) -> tuple[Grant, ...]:
    """The permission, and that to read the object where the operation reads it."""
    bucket, _, prefix = place.partition("/")
    reading = (Permission.GET_OBJECT,) if permission in READS else ()
    return (Grant((permission, *reading), bucket, prefix),)


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("permission", ON_FILES)
@pytest.mark.parametrize("place", [ANY, "private", "private/def"])
async def test_the_permission_on_the_object_is_enough(permission: Permission, place: str, world: World) -> None:
    """Each operation works with its own permission alone; what reads the object needs that to read it as well."""
    await ON_FILES[permission](world.keeper, holder(*sufficient(permission, place)), permission)


@pytest.mark.parametrize("permission", ON_FILES)
async def test_nothing_less_is_enough(permission: Permission, world: World) -> None:
    """Neither every other permission, nor one on another object, nor being nobody."""
    others = Grant(tuple(other for other in Permission if other is not permission), ANY)
    elsewhere = (*sufficient(permission, "public-read"), *sufficient(permission, "private/other"))
    for principal in (holder(others), holder(*elsewhere), holder(), Principal()):
        with pytest.raises(AccessDenied):
            await ON_FILES[permission](world.keeper, principal, permission)


@pytest.mark.parametrize("permission", READS)
async def test_whoever_may_not_read_an_object_may_not_index_it(permission: Permission, world: World) -> None:
    """Who is on a picture is not told to those who cannot see it; a batch with one such object is refused whole."""
    principal = holder(Grant((permission,), ANY), Grant((Permission.GET_OBJECT,), "public-read"))
    with pytest.raises(AccessDenied):
        await world.keeper.index(principal, index(THERE, HERE), permission)
    assert not (await world.tasks.list(TaskQuery("p"))).tasks


async def test_questions_about_everything_need_a_grant_on_everything(world: World) -> None:
    """A dataset is of no bucket."""
    await world.keeper.query(holder(Grant((Permission.SIMPLE_QUERY,), ANY)), query())
    others = Grant(tuple(other for other in Permission if other is not Permission.SIMPLE_QUERY), ANY)
    for principal in (holder(Grant((Permission.SIMPLE_QUERY,), "private")), holder(others), Principal()):
        with pytest.raises(AccessDenied):
            await world.keeper.query(principal, query())


# --- indexing --------------------------------------------------------------------------------------------------------


async def test_each_file_becomes_a_task(world: World) -> None:
    """A batch is one event, and what it says is in the tasks."""
    event = await world.keeper.index(KEY, index(HERE, THERE), Permission.BATCH_INDEX_FILE_META)
    tasks = (await world.tasks.list(TaskQuery("p", kinds=(TaskKind.FILE_INDEXING,)))).tasks
    assert {task.event_id for task in tasks} == {event}
    assert {task.what.user_data for task in tasks} == {"data"}
    read = [requests.read_index_task(task.what.project, task.what.request) for task in tasks]
    assert {(ref, file.source, file.spec.custom_id) for ref, file in read} == {(REF, HERE, "7"), (REF, THERE, "7")}


async def test_one_file_is_indexed_by_one_at_a_time(world: World) -> None:
    """Two tasks of the same file are of one subject, those of different files are not."""
    for source in (HERE, HERE, THERE):
        await world.keeper.index(KEY, index(source), Permission.INDEX_FILE_META)
    subjects = [task.what.subject for task in (await world.tasks.list(TaskQuery("p"))).tasks]
    assert len(set(subjects)) == 2
    assert "" not in subjects


@pytest.mark.parametrize(
    ("want", "error"),
    [
        (index(HERE, ABSENT), ResourceNotFound),
        (index(Address("absent", "a")), NoSuchBucket),
        (requests.IndexFiles(DatasetRef("p", "absent"), index(HERE).files), ResourceNotFound),
        (index(NEW, Address("private", "public-read")), LimitExceeded),
    ],
)
async def test_what_cannot_be_done_is_not_accepted(
    want: requests.IndexFiles, error: type[Exception], world: World
) -> None:
    """No object, no dataset or no room: the caller is told at once, and nothing is begun."""
    with pytest.raises(error):
        await world.keeper.index(KEY, want, Permission.INDEX_FILE_META)
    assert not (await world.tasks.list(TaskQuery("p"))).tasks


async def test_a_full_dataset_takes_what_it_has(world: World) -> None:
    """Files that are there already need no room."""
    await world.keeper.index(KEY, index(HERE, THERE, NEW), Permission.BATCH_INDEX_FILE_META)


# --- reading ---------------------------------------------------------------------------------------------------------


async def test_files_in_the_order_asked_for(world: World) -> None:
    """What is not in the dataset is left out."""
    files = await world.keeper.get(KEY, named(THERE, ABSENT, HERE), Permission.BATCH_GET_FILE_META)
    assert [file.uri for file in files] == ["oss://public-read/default", "oss://private/default"]


async def test_a_query_is_asked_as_it_was_read(world: World) -> None:
    """Pages, and what follows them."""
    first = await world.keeper.query(KEY, query(limit=1))
    assert (len(first.files), first.total) == (1, 2)
    assert first.next_after


async def test_readers_leave_a_trace(world: World) -> None:
    """Who looked at which files, with how many faces, and never their names."""
    await world.keeper.get(KEY, named(HERE), Permission.GET_FILE_META)
    await world.keeper.query(KEY, query())
    entries = [entry.event for entry in (await world.audit.entries(AuditQuery())).entries]
    assert [(event.act, event.actor, event.ref) for event in entries] == [(Act.READ, "key:key", REF)] * 2
    assert [dict(event.counts) for event in entries] == [{"files": 1, "faces": 1}, {"files": 2, "faces": 2}]
    [file] = await world.database.get_files(REF, ["oss://private/default"])
    assert entries[0].subjects == (file.object_id,)


# --- changing --------------------------------------------------------------------------------------------------------


async def test_a_change_of_what_is_said(world: World) -> None:
    """What is named is replaced, and it is recorded."""
    await world.keeper.update(KEY, updates(update(HERE)), Permission.UPDATE_FILE_META)
    [file] = await world.database.get_files(REF, ["oss://private/default"])
    assert file.spec.custom_id == "8"
    assert await world.acts() == [Act.UPDATE]


async def test_a_face_changes_its_cluster(world: World) -> None:
    """A person may say who it is, and that it is none of them; clustering keeps off it."""
    here, there = await world.database.get_files(REF, ["oss://private/default", "oss://public-read/default"])
    cluster = await world.database.found_cluster(REF, ClusterSpec("Ann"), [here.figures[0].number])
    move = requests.FigureMove("face-1", cluster.cluster_id)
    await world.keeper.update(KEY, updates(update(THERE, move)), Permission.UPDATE_FILE_META)
    figures = await world.database.figures(REF, cluster.cluster_id)
    assert {found.number for found in figures} == {here.figures[0].number, there.figures[0].number}
    move = requests.FigureMove("face-1", CLUSTER_INDEPENDENT)
    await world.keeper.update(KEY, updates(update(THERE, move)), Permission.UPDATE_FILE_META)
    [there] = await world.database.get_files(REF, ["oss://public-read/default"])
    assert (there.figures[0].cluster_id, there.figures[0].is_alone, there.figures[0].is_pinned) == ("", True, True)


@pytest.mark.parametrize(
    "change",
    [
        update(ABSENT),
        update(ABSENT, requests.FigureMove("face-0", CLUSTER_INDEPENDENT)),
        update(HERE, requests.FigureMove("face-1", CLUSTER_INDEPENDENT)),
        update(HERE, requests.FigureMove("face-0", "Cluster-absent")),
    ],
)
async def test_what_is_not_there_is_not_changed(change: requests.FileChange, world: World) -> None:
    """No file, no such face on it, no such cluster: nothing is changed."""
    before = await world.database.get_files(REF, ["oss://private/default"])
    with pytest.raises(ResourceNotFound):
        await world.keeper.update(KEY, updates(change), Permission.UPDATE_FILE_META)
    assert await world.database.get_files(REF, ["oss://private/default"]) == before


async def test_a_batch_changes_what_it_can(world: World) -> None:
    """One file that is not there does not keep the others from being changed, and is named."""
    done = await world.keeper.update_each(
        KEY, updates(update(HERE), update(ABSENT), update(THERE)), Permission.BATCH_UPDATE_FILE_META
    )
    assert [(one.uri, bool(one.message)) for one in done] == [
        ("oss://private/default", False),
        ("oss://private/absent", True),
        ("oss://public-read/default", False),
    ]
    page = await world.keeper.query(KEY, query())
    assert [file.spec.custom_id for file in page.files] == ["8", "8"]


# --- erasing ---------------------------------------------------------------------------------------------------------


async def test_erasing(world: World) -> None:
    """The file and its face are gone, others stay; erasing it again is no mistake, and leaves no second trace."""
    for _ in range(2):
        await world.keeper.delete(KEY, named(HERE, ABSENT), Permission.BATCH_DELETE_FILE_META)
    assert await world.database.gallery_size(REF) == 1
    assert await world.acts() == [Act.ERASE_BEGUN, Act.ERASE]


@pytest.mark.parametrize("permission", [Permission.GET_FILE_META, Permission.DELETE_FILE_META])
async def test_no_dataset(permission: Permission, world: World) -> None:
    """A dataset that is not there is a mistake, whatever is asked about it."""
    want = requests.NamedFiles(DatasetRef("p", "absent"), (HERE,))
    with pytest.raises(ResourceNotFound):
        await (world.keeper.get if permission is Permission.GET_FILE_META else world.keeper.delete)(
            KEY, want, permission
        )


async def test_what_waits_to_be_indexed_is_deleted_too(world: World) -> None:
    """Its task has failed and says why, also when the file is not in the dataset yet; others wait on."""
    await world.keeper.index(KEY, index(HERE, NEW, THERE), Permission.BATCH_INDEX_FILE_META)
    await world.keeper.delete(KEY, named(NEW, HERE), Permission.BATCH_DELETE_FILE_META)
    await world.keeper.delete(KEY, named(NEW), Permission.DELETE_FILE_META)
    tasks = (await world.tasks.list(TaskQuery("p", kinds=(TaskKind.FILE_INDEXING,)))).tasks
    assert {task.what.request["URI"]: task.code for task in tasks} == {
        "oss://private/default": "ResourceNotFound",
        "oss://private/private": "ResourceNotFound",
        "oss://public-read/default": "",
    }


async def test_files_of_a_batch_are_erased_at_once(world: World) -> None:
    """One erasure with one clean-up, not one for each; of files that are there only."""
    await world.keeper.delete(KEY, named(HERE, ABSENT, THERE), Permission.BATCH_DELETE_FILE_META)
    assert world.database.erased == (("oss://private/default", "oss://public-read/default"),)
