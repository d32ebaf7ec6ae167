"""Projects behind the wire: who may, and which buckets there are."""

from collections.abc import Awaitable, Callable

import pytest

from oss_faces.errors import AccessDenied, NoSuchBucket
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.grants import ANY, EVERYTHING, Grant, Permission, Rights
from oss_faces.operations import Holdings, ProjectKeeper
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.request import imm_projects as requests
from oss_faces.values import Principal, ProjectSpec
from tests.unit.operations.conftest import NOON, Shelf

pytestmark = pytest.mark.anyio
KEY = Principal("key", EVERYTHING)
BUCKET = "private"

Call = Callable[[ProjectKeeper, Principal], Awaitable[object]]

ON_PROJECTS: dict[Permission, Call] = {
    Permission.CREATE_PROJECT: lambda keeper, who: keeper.create(who, requests.CreateProject("new", ProjectSpec())),
    Permission.GET_PROJECT: lambda keeper, who: keeper.get(who, requests.NamedProject("p")),
    Permission.LIST_PROJECTS: lambda keeper, who: keeper.list(who, requests.ListProjects("", "", {}, 9)),
    Permission.UPDATE_PROJECT: lambda keeper, who: keeper.update(
        who, requests.UpdateProject("p", "new", None, None, None, {})
    ),
    Permission.DELETE_PROJECT: lambda keeper, who: keeper.delete(who, requests.NamedProject("empty")),
    Permission.LIST_ATTACHED_OSS_BUCKETS: lambda keeper, who: keeper.attachments(
        who, requests.ListAttachedBuckets("p", "", 9)
    ),
}
ON_BUCKETS: dict[Permission, Call] = {
    Permission.ATTACH_OSS_BUCKET: lambda keeper, who: keeper.attach(who, requests.AttachBucket(BUCKET, "p", "")),
    Permission.DETACH_OSS_BUCKET: lambda keeper, who: keeper.detach(who, requests.NamedBucket(BUCKET)),
    Permission.GET_OSS_BUCKET_ATTACHMENT: lambda keeper, who: keeper.attachment(who, requests.NamedBucket(BUCKET)),
}
ALL = {**ON_PROJECTS, **ON_BUCKETS}


@pytest.fixture
async def keeper(shelf: Shelf) -> ProjectKeeper:
    """A keeper with a project to which a bucket is attached, and an empty one."""
    holdings = Holdings(MemoryFaceDatabase(FaceDbSettings(), lambda: NOON))
    made = ProjectKeeper(MemoryProjects(ImmSettings(), lambda: NOON), shelf, holdings)
    for name in ("p", "empty"):
        await made.create(KEY, requests.CreateProject(name, ProjectSpec()))
    await made.attach(KEY, requests.AttachBucket(BUCKET, "p", ""))
    return made


def holder(*grants: Grant) -> Principal:
    return Principal("key", Rights(grants))


@pytest.mark.parametrize("permission", ALL)
async def test_the_permission_is_enough(permission: Permission, keeper: ProjectKeeper) -> None:
    """Each operation works with its own permission alone."""
    await ALL[permission](keeper, holder(Grant((permission,), ANY)))


@pytest.mark.parametrize("permission", ALL)
async def test_nothing_less_is_enough(permission: Permission, keeper: ProjectKeeper) -> None:
    """Every other permission together does not allow it, nor is anything open to everyone."""
    others = Grant(tuple(other for other in Permission if other is not permission), ANY)
    for principal in (holder(others), holder(), Principal()):
        with pytest.raises(AccessDenied):
            await ALL[permission](keeper, principal)


@pytest.mark.parametrize("permission", ON_BUCKETS)
async def test_a_grant_on_the_bucket_is_enough(permission: Permission, keeper: ProjectKeeper) -> None:
    """What is about one bucket needs a grant on that bucket, and one on another does not do."""
    with pytest.raises(AccessDenied):
        await ALL[permission](keeper, holder(Grant((permission,), "public-read")))
    await ALL[permission](keeper, holder(Grant((permission,), BUCKET)))


@pytest.mark.parametrize("permission", ON_PROJECTS)
async def test_a_grant_on_a_bucket_says_nothing_about_projects(permission: Permission, keeper: ProjectKeeper) -> None:
    """A project is of no bucket."""
    with pytest.raises(AccessDenied):
        await ALL[permission](keeper, holder(Grant((permission,), BUCKET)))


async def test_only_a_bucket_that_is_there_is_attached(keeper: ProjectKeeper) -> None:
    """A name that is no bucket's is refused."""
    with pytest.raises(NoSuchBucket):
        await keeper.attach(KEY, requests.AttachBucket("absent", "p", ""))


async def test_a_deleted_bucket_can_be_detached(keeper: ProjectKeeper, shelf: Shelf) -> None:
    """What was attached can be detached, also when the bucket is gone."""
    await shelf.create_bucket("short-lived", "owner")
    await keeper.attach(KEY, requests.AttachBucket("short-lived", "p", ""))
    await shelf.delete_bucket("short-lived")
    await keeper.detach(KEY, requests.NamedBucket("short-lived"))
