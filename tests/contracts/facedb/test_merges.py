"""What every face database does with merges, and when a person is erased."""

import hashlib

import pytest

from oss_faces.datasets import ClusterQuery, ClusterSpec, FileQuery
from oss_faces.errors import InvalidArgument
from oss_faces.facedb import FaceDatabase, Member, Placement
from oss_faces.imm_errors import ResourceNotFound
from tests.contracts.facedb.faces import REF, SPACE, album, direction, figure, people, put

pytestmark = pytest.mark.anyio


async def named(faces: FaceDatabase, people_of: dict[str, str]) -> dict[str, str]:
    """Make a cluster of each name with figures of these letters, and give the ids."""
    await album(faces)
    numbers = await people(faces, *"".join(people_of.values()))
    ids = {}
    for name, letters in people_of.items():
        mine = [numbers[letter] for letter in letters]
        ids[name] = (await faces.found_cluster(REF, ClusterSpec(name, f"id of {name}"), mine)).cluster_id
    return ids


async def state(faces: FaceDatabase) -> dict[str, str]:
    """Give the letters of all figures by the name of their cluster."""
    clusters = (await faces.query_clusters(REF, ClusterQuery("name"))).clusters
    return {
        cluster.spec.name: "".join(sorted(one.figure_id for one in await faces.figures(REF, cluster.cluster_id)))
        for cluster in clusters
    }


async def test_a_merge_can_be_undone(faces: FaceDatabase) -> None:
    """The others are gone and come back under their ids and names, as surely members as before."""
    ids = await named(faces, {"Ann": "ab", "Bob": "c", "Cy": "d"})
    before = await faces.get_clusters(REF, [ids["Bob"]])
    merge = await faces.merge(REF, ids["Ann"], [ids["Bob"], ids["Cy"], ids["Bob"]])
    assert (merge.into, merge.froms, merge.is_undone) == (ids["Ann"], (ids["Bob"], ids["Cy"]), False)
    assert await state(faces) == {"Ann": "abcd"}
    assert await faces.merges(REF) == (merge,)
    undone = await faces.undo_merge(REF, merge.merge_id)
    assert undone.is_undone
    assert await faces.merges(REF) == (undone,)
    assert await state(faces) == {"Ann": "ab", "Bob": "c", "Cy": "d"}
    (after,) = await faces.get_clusters(REF, [ids["Bob"]])
    assert (after.spec, after.created, after.lock_version) == (before[0].spec, before[0].created, 0)
    with pytest.raises(ResourceNotFound):
        await faces.undo_merge(REF, merge.merge_id)


async def test_confidences_come_back(faces: FaceDatabase) -> None:
    """How surely a figure belongs is kept through a merge and its undoing."""
    await album(faces)
    numbers = await people(faces, "a", "b")
    one, two = await faces.place(REF, Placement(founded=((Member(numbers["a"], 0.25),), (Member(numbers["b"], 0.75),))))
    merge = await faces.merge(REF, one.cluster_id, [two.cluster_id])
    assert [each.cluster_confidence for each in await faces.figures(REF, one.cluster_id)] == [0.25, 0.75]
    await faces.undo_merge(REF, merge.merge_id)
    assert [each.cluster_confidence for each in await faces.figures(REF, two.cluster_id)] == [0.75]


async def test_what_moved_since_stays_where_it_is(faces: FaceDatabase) -> None:
    """Undoing brings back only figures that are still there; a cluster without any does not come back."""
    ids = await named(faces, {"Ann": "a", "Bob": "bc", "Cy": "d"})
    merge = await faces.merge(REF, ids["Ann"], [ids["Bob"], ids["Cy"]])
    numbers = {one.figure_id: one.number for one in await faces.figures(REF, ids["Ann"])}
    await faces.found_cluster(REF, ClusterSpec("Dee"), [numbers["b"]])
    await faces.delete_file(REF, "oss://b/d.jpg")
    await faces.undo_merge(REF, merge.merge_id)
    assert await state(faces) == {"Ann": "a", "Bob": "c", "Dee": "b"}


async def test_merges_of_merges(faces: FaceDatabase) -> None:
    """They are undone from the last to the first: a cluster that was taken in has to come back before its own merge."""
    ids = await named(faces, {"Ann": "a", "Bob": "b", "Cy": "c"})
    first = await faces.merge(REF, ids["Bob"], [ids["Cy"]])
    second = await faces.merge(REF, ids["Ann"], [ids["Bob"]])
    assert [merge.merge_id for merge in await faces.merges(REF)] == [second.merge_id, first.merge_id]
    with pytest.raises(ResourceNotFound):
        await faces.undo_merge(REF, first.merge_id)
    await faces.undo_merge(REF, second.merge_id)
    await faces.undo_merge(REF, first.merge_id)
    assert await state(faces) == {"Ann": "a", "Bob": "b", "Cy": "c"}


async def test_an_emptied_cluster_goes_when_a_merge_is_undone(faces: FaceDatabase) -> None:
    """When nothing of its own is left, the cluster that took others in is gone, and the others are back."""
    ids = await named(faces, {"Ann": "a", "Bob": "b"})
    merge = await faces.merge(REF, ids["Ann"], [ids["Bob"]])
    await faces.delete_file(REF, "oss://b/a.jpg")
    await faces.undo_merge(REF, merge.merge_id)
    assert await state(faces) == {"Bob": "b"}
    assert await faces.merges(REF) == ()


async def test_merges_that_cannot_be(faces: FaceDatabase) -> None:
    """A merge of nothing, or of a cluster that is not there, changes nothing."""
    ids = await named(faces, {"Ann": "a", "Bob": "b"})
    for froms in ([], [ids["Ann"]]):
        with pytest.raises(InvalidArgument):
            await faces.merge(REF, ids["Ann"], froms)
    for into, froms in (("none", [ids["Ann"]]), (ids["Ann"], [ids["Bob"], "none"])):
        with pytest.raises(ResourceNotFound, match="none"):
            await faces.merge(REF, into, froms)
    with pytest.raises(ResourceNotFound):
        await faces.undo_merge(REF, "none")
    assert await state(faces) == {"Ann": "a", "Bob": "b"}
    assert await faces.merges(REF) == ()


async def test_merges_have_a_limit(faces: FaceDatabase) -> None:
    """Of more the oldest are forgotten, which changes nobody's cluster."""
    ids = await named(faces, {name: name for name in "abcde"})
    made = [await faces.merge(REF, ids["a"], [ids[name]]) for name in "bcde"]
    assert await faces.merges(REF) == tuple(reversed(made[1:]))
    with pytest.raises(ResourceNotFound):
        await faces.undo_merge(REF, made[0].merge_id)
    assert await state(faces) == {"a": "abcde"}


async def test_a_cluster_that_is_gone_takes_its_merges_with_it(faces: FaceDatabase) -> None:
    """When the last figure of a cluster is deleted, no merge keeps the names that went into it, however deep."""
    ids = await named(faces, {"Ann": "a", "Bob": "b", "Cy": "c", "Dee": "d"})
    await faces.merge(REF, ids["Bob"], [ids["Cy"]])
    await faces.merge(REF, ids["Ann"], [ids["Bob"]])
    kept = await faces.place(REF, Placement())
    assert kept == ()
    for letter in "abc":
        assert await faces.delete_files(REF, [f"oss://b/{letter}.jpg"]) == 1
    assert await faces.merges(REF) == ()
    assert await state(faces) == {"Dee": "d"}


async def test_a_person_is_erased(faces: FaceDatabase) -> None:
    """Figures, vectors, files with nobody else, and merges go; who else is on a picture stays, with the picture."""
    await album(faces)
    both = await put(faces, "both", [figure("ann", 1), figure("bob", 2)])
    alone = await put(faces, "alone", [figure("ann too", 3)])
    other = await put(faces, "other", [figure("cy", 4)])
    ann = await faces.found_cluster(REF, ClusterSpec("Ann"), [both.figures[0].number])
    more = await faces.found_cluster(REF, ClusterSpec("Anna"), [alone.figures[0].number])
    bob = await faces.found_cluster(REF, ClusterSpec("Bob", cover_uri="alone"), [both.figures[1].number])
    cy = await faces.found_cluster(REF, ClusterSpec("Cy"), [other.figures[0].number])
    await faces.merge(REF, ann.cluster_id, [more.cluster_id])
    undone = await faces.merge(REF, bob.cluster_id, [cy.cluster_id])
    await faces.undo_merge(REF, undone.merge_id)
    erasure = await faces.erase_cluster(REF, ann.cluster_id)
    assert (erasure.figures, erasure.files, erasure.clusters) == (2, 1, 1)
    assert erasure.vectors_sha256 == tuple(
        sorted(hashlib.sha256(direction(seed).tobytes()).hexdigest() for seed in (1, 3))
    )
    assert [merge.merge_id for merge in await faces.merges(REF)] == [undone.merge_id]
    assert await state(faces) == {"Bob": "bob", "Cy": "cy"}
    assert (await faces.get_clusters(REF, [bob.cluster_id]))[0].spec.cover_uri == ""
    assert sorted(file.uri for file in (await faces.query_files(REF, FileQuery())).files) == ["both", "other"]
    (left,) = await faces.get_files(REF, ["both"])
    assert [one.figure_id for one in left.figures] == ["bob"]
    assert left.updated == erasure.erased
    (found,) = await faces.search(REF, direction(1)[None], SPACE, 9)
    assert {candidate.figure.figure_id for candidate in found} == {"bob", "cy"}
    with pytest.raises(ResourceNotFound):
        await faces.erase_cluster(REF, ann.cluster_id)


async def test_vectors_of_every_space_are_erased(faces: FaceDatabase) -> None:
    """On the way to another space both vectors of a figure go, and both are told."""
    ids = await named(faces, {"Ann": "a"})
    (own,) = await faces.figures(REF, ids["Ann"])
    await faces.add_vectors(REF, "made-up@2", {own.number: direction(9, 4)})
    erasure = await faces.erase_cluster(REF, ids["Ann"])
    digests = (hashlib.sha256(vector.tobytes()).hexdigest() for vector in (direction(0), direction(9, 4)))
    assert erasure.vectors_sha256 == tuple(sorted(digests))
    assert await faces.gallery_size(REF) == 0


async def test_erasing_forgets_merges_that_name_the_person(faces: FaceDatabase) -> None:
    """Also one that was undone, on whichever side the person stood."""
    ids = await named(faces, {"Ann": "a", "Bob": "b", "Cy": "c"})
    merge = await faces.merge(REF, ids["Bob"], [ids["Ann"]])
    await faces.undo_merge(REF, merge.merge_id)
    await faces.erase_cluster(REF, ids["Ann"])
    assert await faces.merges(REF) == ()
    assert await state(faces) == {"Bob": "b", "Cy": "c"}
