"""What every face database does with clusters: placing, naming, asking."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from oss_faces.datasets import ClusterQuery, ClusterSpec
from oss_faces.errors import InvalidArgument
from oss_faces.facedb import FaceDatabase, Member, Placement
from oss_faces.imm_errors import ResourceChanged, ResourceNotFound
from oss_faces.values import Age, Box, Label
from tests.contracts.facedb.faces import DIMENSIONS, REF, album, direction, face, figure, people, put

pytestmark = pytest.mark.anyio


def members(numbers: dict[str, int], names: str) -> tuple[Member, ...]:
    return tuple(Member(numbers[name], 0.5) for name in names)


async def who(faces: FaceDatabase, cluster_id: str) -> str:
    """Give the names of a cluster's figures."""
    return "".join(one.figure_id for one in await faces.figures(REF, cluster_id))


async def test_new_figures_are_unplaced(faces: FaceDatabase) -> None:
    """They come with their vectors, by number; of an empty dataset there are none."""
    await album(faces)
    assert (await faces.unplaced(REF)).figures == ()
    await people(faces, "b", "a")
    unplaced = await faces.unplaced(REF)
    assert [one.figure_id for one in unplaced.figures] == ["b", "a"]
    assert np.array_equal(unplaced.vectors, np.stack([direction(0), direction(1)]))
    assert not any(one.is_alone for one in unplaced.figures)


async def test_a_placement_is_written(faces: FaceDatabase) -> None:
    """New clusters have ids of their own and no name; figures join, are founders, or are alone."""
    await album(faces)
    numbers = await people(faces, *"abcdef")
    (first,) = await faces.place(REF, Placement(founded=(members(numbers, "ab"),)))
    assert (first.spec, first.lock_version, first.ref) == (ClusterSpec(), 0, REF)
    assert first.created == first.updated
    placement = Placement({first.cluster_id: members(numbers, "c")}, (members(numbers, "de"),), (numbers["f"],))
    (second,) = await faces.place(REF, placement)
    assert (await who(faces, first.cluster_id), await who(faces, second.cluster_id)) == ("abc", "de")
    assert {one.cluster_confidence for one in await faces.figures(REF, first.cluster_id)} == {0.5}
    unplaced = await faces.unplaced(REF)
    assert [(one.figure_id, one.is_alone) for one in unplaced.figures] == [("f", True)]
    (now,) = await faces.get_clusters(REF, [first.cluster_id])
    assert now.updated > first.updated
    assert now.facts.face_count == 3


async def test_what_changed_meanwhile_is_passed_over(faces: FaceDatabase) -> None:
    """A figure that is gone or placed stays as it is, and a cluster that is gone is not brought back."""
    await album(faces)
    numbers = await people(faces, *"abcde")
    kept = await faces.found_cluster(REF, ClusterSpec("Ann"), [numbers["a"]])
    gone = await faces.found_cluster(REF, ClusterSpec("Bob"), [numbers["b"]])
    await faces.delete_file(REF, "oss://b/b.jpg")
    await faces.leave(REF, [numbers["e"]])
    joined = {gone.cluster_id: members(numbers, "c"), kept.cluster_id: members(numbers, "bd")}
    founded = await faces.place(REF, Placement(joined, (members(numbers, "ab"), members(numbers, "ea"))))
    assert founded == ()
    assert await who(faces, kept.cluster_id) == "ad"
    assert await faces.get_clusters(REF, [gone.cluster_id]) == ()
    assert [one.figure_id for one in (await faces.unplaced(REF)).figures] == ["c"]


async def test_a_person_says_who_is_who(faces: FaceDatabase) -> None:
    """Figures that a person puts together are pinned and leave where they were; the emptied cluster is gone."""
    await album(faces)
    numbers = await people(faces, *"abc")
    (old,) = await faces.place(REF, Placement(founded=(members(numbers, "ab"),)))
    spec = ClusterSpec("Ann \N{GRINNING FACE}", "id", {"k": "v"}, "oss://b/b.jpg")
    new = await faces.found_cluster(REF, spec, [numbers["b"], numbers["c"], numbers["c"]])
    assert (new.spec, new.facts.face_count, new.facts.cover.uri) == (spec, 2, "oss://b/b.jpg")
    assert (await who(faces, old.cluster_id), await who(faces, new.cluster_id)) == ("a", "bc")
    assert all(one.is_pinned and one.cluster_confidence == 1.0 for one in await faces.figures(REF, new.cluster_id))
    more = await faces.pin(REF, new.cluster_id, [numbers["a"]])
    assert (more.facts.face_count, more.lock_version) == (3, 0)
    assert await faces.get_clusters(REF, [old.cluster_id]) == ()


async def test_a_person_takes_figures_out(faces: FaceDatabase) -> None:
    """They are alone for good: clustering does not get them again."""
    await album(faces)
    numbers = await people(faces, *"ab")
    cluster = await faces.found_cluster(REF, ClusterSpec("Ann"), list(numbers.values()))
    await faces.leave(REF, [numbers["a"]])
    assert await who(faces, cluster.cluster_id) == "b"
    ((alone,),) = [file.figures for file in await faces.get_files(REF, ["oss://b/a.jpg"])]
    assert (alone.cluster_id, alone.is_pinned, alone.is_alone, alone.cluster_confidence) == ("", True, True, 0.0)
    assert (await faces.unplaced(REF)).figures == ()
    assert (await faces.unplaced(REF)).vectors.shape == (0, DIMENSIONS)
    await faces.leave(REF, [numbers["b"]])
    assert await faces.get_clusters(REF, [cluster.cluster_id]) == ()


async def test_a_missing_figure_or_cluster_is_an_error(faces: FaceDatabase) -> None:
    """A call that names one changes nothing."""
    await album(faces)
    numbers = await people(faces, "a")
    for call in (
        faces.found_cluster(REF, ClusterSpec(), [numbers["a"], 99]),
        faces.found_cluster(REF, ClusterSpec(), []),
        faces.pin(REF, "none", [numbers["a"]]),
        faces.leave(REF, [numbers["a"], 99]),
        faces.update_cluster(REF, "none", lambda spec: spec, None),
    ):
        with pytest.raises(ResourceNotFound):
            await call
    cluster = await faces.found_cluster(REF, ClusterSpec(), [numbers["a"]])
    with pytest.raises(ResourceNotFound):
        await faces.pin(REF, cluster.cluster_id, [99])
    assert repr(await faces.get_clusters(REF, ["none", cluster.cluster_id])) == repr((cluster,))


async def test_what_follows_from_the_figures(faces: FaceDatabase) -> None:
    """Counts, majority, ages and the best face follow every change of the figures."""
    await album(faces)
    await put(faces, "u", [figure("a", 1, face(age=Age(20.0, 1), gender=Label("male", 0.6), quality=0.5))])
    await put(faces, "v", [figure("b", 2, face(age=None, gender=None, quality=0.7))])
    large = face(age=Age(41.5, 1), gender=Label("female", 0.9), quality=0.7, box=Box(0, 0, 300, 300))
    await put(faces, "w", [figure("c", 3, large), figure("d", 4, face(age=None, gender=None, quality=None))])
    numbers = {one.figure_id: one.number for one in (await faces.unplaced(REF)).figures}
    cluster = await faces.found_cluster(REF, ClusterSpec(), list(numbers.values()))
    facts = cluster.facts
    # One vote each: the first by alphabet.
    assert (facts.face_count, facts.image_count, facts.gender) == (4, 3, "female")
    assert facts.ages == pytest.approx((20.0, 30.75, 41.5))
    assert facts.cover.figure_id == "c"
    chosen = await faces.update_cluster(REF, cluster.cluster_id, lambda spec: replace(spec, cover_uri="u"), None)
    assert chosen.facts.cover.figure_id == "a"
    await faces.delete_file(REF, "u")
    (left,) = await faces.get_clusters(REF, [cluster.cluster_id])
    assert (left.facts.face_count, left.facts.image_count, left.facts.gender) == (3, 2, "female")
    assert (left.facts.ages, left.facts.cover.figure_id, left.spec.cover_uri) == ((41.5, 41.5, 41.5), "c", "")
    await put(faces, "w", [figure("c", 3, face(age=None, gender=None, quality=0.1))])
    (worse,) = await faces.get_clusters(REF, [cluster.cluster_id])
    assert (worse.facts.face_count, worse.facts.gender, worse.facts.ages) == (2, "", None)
    assert worse.facts.cover.figure_id == "b"


async def test_the_lock_keeps_two_from_changing_one_version(faces: FaceDatabase) -> None:
    """Who saw an old version is told; without a version the newest is changed."""
    await album(faces)
    numbers = await people(faces, "a")
    cluster = await faces.found_cluster(REF, ClusterSpec("Ann"), list(numbers.values()))

    def named(name: str):
        return lambda spec: replace(spec, name=name)

    first = await faces.update_cluster(REF, cluster.cluster_id, named("Bea"), 0)
    assert (first.spec.name, first.lock_version) == ("Bea", 1)
    assert first.updated > cluster.updated
    with pytest.raises(ResourceChanged):
        await faces.update_cluster(REF, cluster.cluster_id, named("Cleo"), 0)
    second = await faces.update_cluster(REF, cluster.cluster_id, named("Dora"), None)
    assert (second.spec.name, second.lock_version, second.created) == ("Dora", 2, cluster.created)

    def fail(_spec: ClusterSpec) -> ClusterSpec:
        raise InvalidArgument("no")

    with pytest.raises(InvalidArgument):
        await faces.update_cluster(REF, cluster.cluster_id, fail, 2)
    assert repr(await faces.get_clusters(REF, [cluster.cluster_id])) == repr((second,))


async def crowd(faces: FaceDatabase) -> dict[str, str]:
    """Make clusters of 1, 2 and 3 figures and give their ids by name."""
    await album(faces)
    numbers = await people(faces, *"abcdef")
    ids = {}
    for name, names, labels in (("Cy", "a", {"x": "1"}), ("Ann", "bc", {"x": "1", "y": "2"}), ("Bob", "def", {})):
        mine = [numbers[one] for one in names]
        ids[name] = (await faces.found_cluster(REF, ClusterSpec(name, custom_labels=labels), mine)).cluster_id
    return ids


async def found(faces: FaceDatabase, query: ClusterQuery) -> list[str]:
    return [cluster.spec.name for cluster in (await faces.query_clusters(REF, query)).clusters]


async def test_clusters_are_sorted(faces: FaceDatabase) -> None:
    """By each field, either way; ties by id."""
    ids = await crowd(faces)
    for name in ("Bob", "Cy", "Bob"):
        await faces.update_cluster(REF, ids[name], lambda spec: spec, None)
    assert await found(faces, ClusterQuery()) == ["Cy", "Ann", "Bob"]
    assert await found(faces, ClusterQuery("name")) == ["Ann", "Bob", "Cy"]
    assert await found(faces, ClusterQuery("name", descending=True)) == ["Cy", "Bob", "Ann"]
    assert await found(faces, ClusterQuery("face_count", descending=True)) == ["Bob", "Ann", "Cy"]
    assert await found(faces, ClusterQuery("image_count")) == ["Cy", "Ann", "Bob"]
    assert await found(faces, ClusterQuery("updated")) == ["Ann", "Cy", "Bob"]
    assert await found(faces, ClusterQuery("lock_version")) == ["Ann", "Cy", "Bob"]
    for name in ids:
        await faces.update_cluster(REF, ids[name], lambda spec: replace(spec, name="same"), None)
    for descends in (False, True):
        page = await faces.query_clusters(REF, ClusterQuery("name", descending=descends))
        assert [cluster.cluster_id for cluster in page.clusters] == sorted(ids.values())


async def test_clusters_are_chosen(faces: FaceDatabase) -> None:
    """By names, labels and times; the total is counted when it is asked for."""
    ids = await crowd(faces)
    assert await found(faces, ClusterQuery(names=("Bob", "Cy", "Nobody"))) == ["Cy", "Bob"]
    assert await found(faces, ClusterQuery(labels={"x": "1"})) == ["Cy", "Ann"]
    assert await found(faces, ClusterQuery(labels={"x": "1", "y": "2"})) == ["Ann"]
    assert await found(faces, ClusterQuery(labels={"X": "1"})) == []
    ann, bob = await faces.get_clusters(REF, [ids["Ann"], ids["Bob"]])
    assert await found(faces, ClusterQuery(created=(ann.created, None))) == ["Ann", "Bob"]
    assert await found(faces, ClusterQuery(created=(ann.created, bob.created))) == ["Ann"]
    assert await found(faces, ClusterQuery(updated=(None, ann.updated))) == ["Cy"]
    later = bob.updated + timedelta(seconds=1)
    assert await found(faces, ClusterQuery(updated=(later, None))) == []
    page = await faces.query_clusters(REF, ClusterQuery(labels={"x": "1"}, limit=1, wants_total=True))
    assert (len(page.clusters), page.total) == (1, 2)
    await faces.update_cluster(REF, ids["Cy"], lambda _spec: ClusterSpec("Cy", custom_labels={"y": "2"}), None)
    assert await found(faces, ClusterQuery(labels={"x": "1"})) == ["Ann"]


async def test_pages_of_clusters(faces: FaceDatabase) -> None:
    """Pages put together are the whole list, and a token of another order is refused."""
    await crowd(faces)
    for query in (ClusterQuery("name"), ClusterQuery("face_count", descending=True), ClusterQuery("image_count")):
        first = await faces.query_clusters(REF, replace(query, limit=2))
        rest = await faces.query_clusters(REF, replace(query, limit=2, after=first.next_after))
        names = [cluster.spec.name for cluster in (*first.clusters, *rest.clusters)]
        assert names == await found(faces, query)
        assert (first.total, rest.next_after) == (None, "")
    by_name = await faces.query_clusters(REF, ClusterQuery("name", limit=1))
    with pytest.raises(InvalidArgument):
        await faces.query_clusters(REF, ClusterQuery("face_count", after=by_name.next_after))


async def test_pages_go_on_through_ties(faces: FaceDatabase) -> None:
    """Clusters with the same value are each on one page."""
    await album(faces)
    numbers = await people(faces, *"abcde")
    for number in numbers.values():
        await faces.found_cluster(REF, ClusterSpec("same"), [number])
    seen, after = [], ""
    for _ in range(3):
        page = await faces.query_clusters(REF, ClusterQuery("name", descending=True, limit=2, after=after))
        seen, after = [*seen, *(cluster.cluster_id for cluster in page.clusters)], page.next_after
    assert after == ""
    assert seen == sorted(seen)
    assert len(set(seen)) == 5
