"""What every face database does with files and the figures on them."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from oss_faces.datasets import CLUSTER_UNAVAILABLE, ClusterSpec, DatasetRef, DatasetSpec, FileSpec
from oss_faces.facedb import FaceDatabase
from oss_faces.imm_errors import LimitExceeded, ResourceInUse, ResourceNotFound
from oss_faces.values import Box
from tests.contracts.facedb.faces import (
    BARE,
    DIMENSIONS,
    FIRST,
    REF,
    SPACE,
    album,
    direction,
    face,
    facts,
    figure,
    put,
)

pytestmark = pytest.mark.anyio


async def test_a_file_comes_back_as_it_was_put(faces: FaceDatabase) -> None:
    """All that is said of a file and read off it is kept, and of each face everything that was measured."""
    await album(faces)
    spec = FileSpec("id", {"Key": "Wert \N{GRINNING FACE}"}, FIRST, {"Title": "t"})
    known = facts(crc64=2**64 - 1, object_type="Appendable", acl="private", user={"camera": "X"}, size_bytes=2**40)
    figures = [figure("f", 1), figure("g", 2, BARE)]
    kept = await faces.put_file(REF, "oss://b/k.jpg", spec, known, figures, SPACE)
    assert (kept.uri, kept.spec, kept.facts) == ("oss://b/k.jpg", spec, known)
    assert kept.created == kept.updated > FIRST
    assert [one.figure_id for one in kept.figures] == ["f", "g"]
    assert {one.uri for one in kept.figures} == {kept.uri}
    for new, own in zip(figures, kept.figures, strict=True):
        assert np.array_equal(own.face.landmarks, new.face.landmarks)
        assert replace(own.face, landmarks=new.face.landmarks) == new.face
        assert (own.cluster_id, own.cluster_confidence, own.is_pinned, own.is_alone) == ("", 0.0, False, False)
    (again,) = await faces.get_files(REF, [kept.uri])
    assert repr(again) == repr(kept)


async def test_numpys_numbers_come_back_as_pythons(faces: FaceDatabase) -> None:
    """A face made of NumPy's numbers is what it will be when it is read again, at once."""
    await album(faces)
    measured = face(quality=np.float32(0.3), box=Box(*np.float32([1.1, 2.2, 30.3, 40.4])))
    kept = await put(faces, "u", [figure("f", 1, measured)])
    assert type(kept.figures[0].face.quality) is float
    assert kept.figures[0].face.quality == float(np.float32(0.3))
    assert repr(await faces.get_files(REF, ["u"])) == repr((kept,))


async def test_files_come_in_the_order_asked_for(faces: FaceDatabase) -> None:
    """Those that are not there are left out, and one that is asked for twice comes twice."""
    await album(faces)
    for uri in ("a", "b", "c"):
        await put(faces, uri, [figure(uri, 1)])
    found = await faces.get_files(REF, ["c", "missing", "a", "c"])
    assert [one.uri for one in found] == ["c", "a", "c"]
    assert [one.figures[0].figure_id for one in found] == ["c", "a", "c"]
    assert await faces.get_files(REF, []) == ()


async def test_a_file_that_is_put_again_is_replaced(faces: FaceDatabase) -> None:
    """It keeps its id and its first moment; a figure with the same id keeps number, vector and cluster."""
    await album(faces)
    old = await put(faces, "u", [figure("same", 1), figure("gone", 2)], size_bytes=10)
    cluster = await faces.found_cluster(REF, ClusterSpec("Ann"), [old.figures[0].number])
    new = await put(faces, "u", [figure("new", 3), figure("same", 4, face(quality=0.1))], size_bytes=20)
    assert (new.object_id, new.created, new.facts.size_bytes) == (old.object_id, old.created, 20)
    assert new.updated > old.updated
    assert [one.figure_id for one in new.figures] == ["new", "same"]
    kept = new.figures[1]
    assert (kept.number, kept.cluster_id, kept.is_pinned) == (old.figures[0].number, cluster.cluster_id, True)
    assert kept.face.quality == 0.1
    assert new.figures[0].number > old.figures[1].number
    assert np.array_equal(await faces.vectors(REF, [kept.number]), direction(1)[None])
    with pytest.raises(ResourceNotFound):
        await faces.vectors(REF, [old.figures[1].number])
    assert await faces.gallery_size(REF) == 2
    assert repr(await faces.get_files(REF, ["u"])) == repr((new,))


async def test_the_same_figure_id_in_two_files_is_two_figures(faces: FaceDatabase) -> None:
    """Copies of a picture have the same figure ids, and each its own figures."""
    await album(faces)
    one = await put(faces, "a", [figure("same", 1)])
    two = await put(faces, "b", [figure("same", 1)])
    assert one.figures[0].number != two.figures[0].number
    await faces.delete_file(REF, "a")
    assert repr(await faces.get_files(REF, ["a", "b"])) == repr((two,))


async def test_a_figure_id_counts_once_in_a_file(faces: FaceDatabase) -> None:
    """Of two figures with one id the first is kept."""
    await album(faces)
    kept = await put(faces, "u", [figure("f", 1), figure("f", 2)])
    assert len(kept.figures) == 1
    assert np.array_equal(await faces.vectors(REF, [kept.figures[0].number]), direction(1)[None])


async def test_the_largest_faces_are_kept(faces: FaceDatabase) -> None:
    """Beyond the limit of faces the smallest are left out, and the order is as it came."""
    await album(faces)
    sides = {"a": 10.0, "b": 40.0, "c": 20.0, "d": 30.0}
    made = [figure(name, 1, face(box=Box(0, 0, side, side))) for name, side in sides.items()]
    kept = await put(faces, "u", made)
    assert [one.figure_id for one in kept.figures] == ["b", "c", "d"]


async def test_another_space_is_refused(faces: FaceDatabase) -> None:
    """The first vector decides; a file without faces has no say."""
    await album(faces)
    await faces.put_file(REF, "none", FileSpec(), facts(), [], "another@2")
    assert (await faces.get_dataset(REF)).space == ""
    await put(faces, "u", [figure("f", 1)])
    assert (await faces.get_dataset(REF)).space == SPACE
    with pytest.raises(ResourceInUse, match="made-up@1"):
        await faces.put_file(REF, "v", FileSpec(), facts(), [figure("g", 2)], "another@2")
    assert await faces.get_files(REF, ["v"]) == ()
    await faces.put_file(REF, "v", FileSpec(), facts(), [], "another@2")


async def test_files_have_a_limit(faces: FaceDatabase) -> None:
    """The server's limit and the lower one of the dataset both hold; what is there may be put again."""
    await album(faces)
    for name in "abcdef":
        await put(faces, name)
    with pytest.raises(LimitExceeded, match="6 files"):
        await put(faces, "g")
    await put(faces, "f")
    few = DatasetRef("project", "few")
    await faces.create_dataset(few, DatasetSpec(limits={"DatasetMaxFileCount": 1, "DatasetMaxTotalFileSize": 100}))
    await faces.put_file(few, "a", FileSpec(), facts(size_bytes=60), [], SPACE)
    with pytest.raises(LimitExceeded, match="1 files"):
        await faces.put_file(few, "b", FileSpec(), facts(size_bytes=1), [], SPACE)
    await faces.put_file(few, "a", FileSpec(), facts(size_bytes=100), [], SPACE)
    with pytest.raises(LimitExceeded, match="100 bytes"):
        await faces.put_file(few, "a", FileSpec(), facts(size_bytes=101), [], SPACE)
    assert (await faces.get_files(few, ["a"]))[0].facts.size_bytes == 100
    await faces.put_file(few, "a", FileSpec(), facts(size_bytes=70), [], SPACE)


async def test_what_a_caller_says_about_a_file_can_be_replaced(faces: FaceDatabase) -> None:
    """An update keeps figures, facts and the first moment."""
    await album(faces)
    old = await put(faces, "u", [figure("f", 1)], FileSpec("old", {"a": "1"}, texts={"Title": "t"}))
    spec = FileSpec("new", {"b": "2"}, FIRST, {"Artist": "a"})
    changed = await faces.update_file(REF, "u", lambda was: replace(spec, custom_id=was.custom_id + "+"))
    assert changed.updated > old.updated
    expected = replace(old, spec=replace(spec, custom_id="old+"), updated=changed.updated)
    assert repr(changed) == repr(expected)
    assert repr(await faces.get_files(REF, ["u"])) == repr((changed,))
    with pytest.raises(ResourceNotFound, match="file is not found"):
        await faces.update_file(REF, "v", lambda was: was)


async def test_a_deleted_file_is_gone_with_its_figures(faces: FaceDatabase) -> None:
    """Nothing finds it again, its number is never used again, and it can be deleted once."""
    await album(faces)
    gone = await put(faces, "u", [figure("f", 1)])
    assert await faces.delete_file(REF, "u")
    assert not await faces.delete_file(REF, "u")
    assert await faces.get_files(REF, ["u"]) == ()
    assert await faces.search(REF, direction(1)[None], SPACE, 5) == ((),)
    with pytest.raises(ResourceNotFound):
        await faces.vectors(REF, [gone.figures[0].number])
    again = await put(faces, "u", [figure("f", 1)])
    assert again.figures[0].number > gone.figures[0].number
    assert again.object_id != gone.object_id


async def test_a_cluster_goes_with_its_last_figure(faces: FaceDatabase) -> None:
    """Deleting the files of a person deletes the person, one file before the last does not."""
    await album(faces)
    numbers = [(await put(faces, uri, [figure(uri, 1)])).figures[0].number for uri in ("a", "b")]
    cluster = await faces.found_cluster(REF, ClusterSpec("Ann"), numbers)
    await faces.delete_file(REF, "a")
    (left,) = await faces.get_clusters(REF, [cluster.cluster_id])
    assert (left.facts.face_count, left.facts.cover.uri) == (1, "b")
    assert left.updated > cluster.updated
    await faces.delete_file(REF, "b")
    assert await faces.get_clusters(REF, [cluster.cluster_id]) == ()


async def test_files_outlive_their_retention(faces: FaceDatabase) -> None:
    """Files are named when their days are over, oldest first, of all datasets that have a retention."""
    for project, days in (("p", 2), ("q", 1), ("r", 0)):
        ref = DatasetRef(project, "d")
        await faces.create_dataset(ref, DatasetSpec(retention_days=days))
        for uri in ("a", "b"):
            await faces.put_file(ref, uri, FileSpec(), facts(), [], SPACE)
    first = (await faces.get_files(DatasetRef("q", "d"), ["a"]))[0].created
    second = (await faces.get_files(DatasetRef("q", "d"), ["b"]))[0].created
    day, p, q = timedelta(days=1), DatasetRef("p", "d"), DatasetRef("q", "d")
    assert await faces.expired_files(first + day - timedelta(microseconds=1), 9) == ()
    assert await faces.expired_files(first + day, 9) == ((q, "a"),)
    assert await faces.expired_files(second + 9 * day, 9) == ((p, "a"), (p, "b"), (q, "a"), (q, "b"))
    assert await faces.expired_files(second + 9 * day, 3) == ((p, "a"), (p, "b"), (q, "a"))


async def test_the_cluster_of_a_new_figure_is_unknown(faces: FaceDatabase) -> None:
    """IMM's word for it is not stored as a cluster."""
    await album(faces)
    kept = await put(faces, "u", [figure("f", 1)])
    assert kept.figures[0].cluster_id == ""
    assert await faces.figures(REF, "") == ()
    assert await faces.figures(REF, CLUSTER_UNAVAILABLE) == ()
    assert (await faces.vectors(REF, [])).shape == (0, DIMENSIONS)
