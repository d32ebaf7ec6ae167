"""What every face database does with datasets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oss_faces.datasets import ClusterQuery, ClusterSpec, DatasetRef, DatasetSpec, FileQuery, FileSpec, Totals
from oss_faces.facedb import FaceDatabase, Placement
from oss_faces.imm_errors import LimitExceeded, ResourceAlreadyExists, ResourceNotFound
from tests.contracts.facedb.faces import FIRST, REF, SPACE, album, direction, facts, figure, put

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


async def test_nothing_is_there_at_first(faces: FaceDatabase) -> None:
    """A new database has no dataset, and says so whatever is asked of one."""
    assert await faces.list_datasets("project") == ((), "")
    assert await faces.totals("project") == Totals()
    assert await faces.expired_files(FIRST, 10) == ()
    for call in (
        faces.get_dataset(REF),
        faces.update_dataset(REF, lambda spec: spec),
        faces.delete_dataset(REF),
        faces.put_file(REF, "u", FileSpec(), facts(), [], SPACE),
        faces.get_files(REF, ["u"]),
        faces.update_file(REF, "u", lambda spec: spec),
        faces.delete_file(REF, "u"),
        faces.query_files(REF, FileQuery()),
        faces.search(REF, direction(1)[None], SPACE, 1),
        faces.gallery_size(REF),
        faces.figures(REF, "c"),
        faces.vectors(REF, [1]),
        faces.unplaced(REF),
        faces.place(REF, Placement()),
        faces.get_clusters(REF, ["c"]),
        faces.query_clusters(REF, ClusterQuery()),
        faces.merge(REF, "c", ["d"]),
        faces.merges(REF),
        faces.undo_merge(REF, "m"),
        faces.erase_cluster(REF, "c"),
        faces.without_vector(REF, SPACE, 1),
        faces.switch_space(REF, SPACE),
    ):
        with pytest.raises(ResourceNotFound, match="dataset album is not found in the project project"):
            await call


async def test_a_dataset_comes_back_as_it_was_made(faces: FaceDatabase) -> None:
    """Everything that is said about a dataset is kept, and the moment to the microsecond."""
    spec = DatasetSpec("Gesichter \N{GRINNING FACE}", "Official:FaceManagement", {"DatasetMaxFileCount": 10**15}, 30)
    made = await faces.create_dataset(REF, spec)
    assert (made.ref, made.spec, made.created, made.updated) == (REF, spec, FIRST, FIRST)
    assert (made.space, made.file_count, made.size_bytes) == ("", 0, 0)
    assert await faces.get_dataset(REF) == made


async def test_a_name_is_taken_once_in_a_project(faces: FaceDatabase) -> None:
    """A second dataset of a name is refused, but not in another project."""
    made = await faces.create_dataset(REF, DatasetSpec("first"))
    with pytest.raises(ResourceAlreadyExists, match="album"):
        await faces.create_dataset(REF, DatasetSpec("second"))
    other = await faces.create_dataset(DatasetRef("other", "album"), DatasetSpec("third"))
    assert await faces.get_dataset(REF) == made
    assert await faces.get_dataset(other.ref) == other


async def test_datasets_have_a_limit(faces: FaceDatabase) -> None:
    """The limit counts over all projects, and a deleted dataset makes room."""
    for name in "abcd":
        await faces.create_dataset(DatasetRef(name, name), DatasetSpec())
    with pytest.raises(LimitExceeded, match="4 datasets"):
        await faces.create_dataset(REF, DatasetSpec())
    await faces.delete_dataset(DatasetRef("a", "a"))
    await faces.create_dataset(REF, DatasetSpec())


async def test_pages_of_datasets(faces: FaceDatabase) -> None:
    """A page holds datasets of one project, by name, behind a name and with a prefix."""
    for name in ("b", "ab", "a"):
        await faces.create_dataset(DatasetRef("p", name), DatasetSpec())
    await faces.create_dataset(DatasetRef("q", "aa"), DatasetSpec())
    first, after = await faces.list_datasets("p", limit=2)
    assert ([one.ref.name for one in first], after) == (["a", "ab"], "ab")
    rest, after = await faces.list_datasets("p", after="ab", limit=2)
    assert ([one.ref.name for one in rest], after) == (["b"], "")
    fitting, after = await faces.list_datasets("p", prefix="a", limit=2)
    assert ([one.ref.name for one in fitting], after) == (["a", "ab"], "")


async def test_a_change_replaces_what_is_said(faces: FaceDatabase) -> None:
    """An update gives what the change made of the old words, and moves the time of the last change."""
    made = await faces.create_dataset(REF, DatasetSpec("old", retention_days=5))
    changed = await faces.update_dataset(REF, lambda spec: replace(spec, description="new"))
    assert changed == replace(made, spec=DatasetSpec("new", retention_days=5), updated=FIRST + SECOND)
    assert await faces.get_dataset(REF) == changed


async def test_a_change_that_fails_changes_nothing(faces: FaceDatabase) -> None:
    """What `change` raises is raised, and the dataset is as it was."""
    made = await faces.create_dataset(REF, DatasetSpec("old"))

    def fail(_spec: DatasetSpec) -> DatasetSpec:
        raise LimitExceeded("no")

    with pytest.raises(LimitExceeded, match="no"):
        await faces.update_dataset(REF, fail)
    assert await faces.get_dataset(REF) == made


async def test_totals_are_those_of_the_project(faces: FaceDatabase) -> None:
    """Files and bytes of a dataset count for it and for its project."""
    await album(faces)
    await faces.create_dataset(DatasetRef("project", "more"), DatasetSpec())
    other = await faces.create_dataset(DatasetRef("other", "x"), DatasetSpec())
    await put(faces, "a", size_bytes=10)
    await put(faces, "b", size_bytes=20)
    await put(faces, "b", size_bytes=25)
    await faces.put_file(other.ref, "c", FileSpec(), facts(), [], SPACE)
    assert await faces.totals("project") == Totals(2, 2, 35)
    described = await faces.get_dataset(REF)
    assert (described.file_count, described.size_bytes) == (2, 35)


async def test_a_deleted_dataset_takes_everything_with_it(faces: FaceDatabase) -> None:
    """A dataset of the same name begins empty, in no space; datasets beside it stay."""
    await album(faces)
    beside = DatasetRef("project", "beside")
    await faces.create_dataset(beside, DatasetSpec())
    await put(faces, "u", [figure("f", 1)])
    kept = await faces.put_file(beside, "u", FileSpec(), facts(), [figure("f", 1)], SPACE)
    await faces.found_cluster(REF, ClusterSpec("Ann"), [(await faces.get_files(REF, ["u"]))[0].figures[0].number])
    await faces.delete_dataset(REF)
    await album(faces)
    assert (await faces.get_dataset(REF)).space == ""
    assert await faces.get_files(REF, ["u"]) == ()
    assert (await faces.query_clusters(REF, ClusterQuery())).clusters == ()
    assert await faces.search(REF, direction(1)[None], "another@2", 5) == ((),)
    found = await faces.search(beside, direction(1)[None], SPACE, 5)
    assert [candidate.figure.number for candidate in found[0]] == [kept.figures[0].number]
