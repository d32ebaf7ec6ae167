"""What every face database does with vectors: search, and the way from one space to another."""

import numpy as np
import pytest

from oss_faces.datasets import DatasetRef, DatasetSpec, FileSpec
from oss_faces.facedb import FaceDatabase
from oss_faces.imm_errors import ResourceInUse, ResourceNotFound
from tests.contracts.facedb.faces import DIMENSIONS, REF, SPACE, album, direction, facts, figure, people, put

pytestmark = pytest.mark.anyio
NEXT = "made-up@2"


async def nearest(faces: FaceDatabase, seed: int, space: str = SPACE, count: int = 9) -> list[str]:
    """Give the ids of the figures that a search for one vector finds, nearest first."""
    dimensions = DIMENSIONS if space == SPACE else 4
    (found,) = await faces.search(REF, direction(seed, dimensions)[None], space, count)
    return [candidate.figure.figure_id for candidate in found]


async def test_an_empty_gallery_has_no_candidates(faces: FaceDatabase) -> None:
    """Before the first vector every space may be searched, and each probe has its own empty answer."""
    await album(faces)
    assert await faces.search(REF, direction(1)[None], SPACE, 3) == ((),)
    assert await faces.search(REF, np.stack([direction(1), direction(2)]), "another@9", 3) == ((), ())
    assert await faces.search(REF, np.zeros((0, DIMENSIONS), np.float32), SPACE, 3) == ()
    assert await faces.gallery_size(REF) == 0


async def test_a_search_gives_the_nearest_with_their_distances(faces: FaceDatabase) -> None:
    """The distances are those of the vectors, nearest first, as many as asked for or as there are."""
    await album(faces)
    await put(faces, "u", [figure("a", 1), figure("b", 2)])
    await put(faces, "v", [figure("c", 3)])
    probes = np.stack([direction(seed) for seed in (2, 5)])
    for count in (1, 2, 3, 10):
        found = await faces.search(REF, probes, SPACE, count)
        for probe, candidates in zip(probes, found, strict=True):
            gallery = {name: np.linalg.norm(direction(seed) - probe) for name, seed in (("a", 1), ("b", 2), ("c", 3))}
            expected = sorted(gallery, key=lambda name: gallery[name])[:count]
            assert [candidate.figure.figure_id for candidate in candidates] == expected
            distances = [candidate.distance for candidate in candidates]
            assert distances == pytest.approx([gallery[name] for name in expected], abs=1e-5)
    first = found[0][0].figure
    assert (first.figure_id, first.uri, first.face.quality) == ("b", "u", 0.9)
    assert await faces.gallery_size(REF) == 3


async def test_a_search_sees_every_change_before_it(faces: FaceDatabase) -> None:
    """What was put, replaced or deleted counts in the very next search."""
    await album(faces)
    await put(faces, "u", [figure("a", 1)])
    assert await nearest(faces, 1) == ["a"]
    await put(faces, "v", [figure("b", 2)])
    assert await nearest(faces, 1) == ["a", "b"]
    await put(faces, "u", [figure("c", 1)])
    assert await nearest(faces, 1) == ["c", "b"]
    await faces.delete_file(REF, "v")
    assert await nearest(faces, 1) == ["c"]
    assert await faces.gallery_size(REF) == 1


async def test_other_datasets_are_not_searched(faces: FaceDatabase) -> None:
    """Nothing is ever found across datasets."""
    await album(faces)
    other = DatasetRef("project", "other")
    await faces.create_dataset(other, DatasetSpec())
    await faces.put_file(other, "u", FileSpec(), facts(), [figure("theirs", 1)], SPACE)
    await put(faces, "u", [figure("own", 2)])
    assert await nearest(faces, 1) == ["own"]


async def test_a_search_in_another_space_is_refused(faces: FaceDatabase) -> None:
    """Vectors of two models are never compared."""
    await album(faces)
    await put(faces, "u", [figure("a", 1)])
    with pytest.raises(ResourceInUse, match="made-up@1"):
        await faces.search(REF, direction(1)[None], NEXT, 1)


async def test_vectors_come_in_the_order_asked_for(faces: FaceDatabase) -> None:
    """They are the very numbers that were put; one that is missing is an error."""
    await album(faces)
    numbers = await people(faces, "a", "b", "c")
    wanted = [numbers["c"], numbers["a"], numbers["c"]]
    assert np.array_equal(await faces.vectors(REF, wanted), np.stack([direction(2), direction(0), direction(2)]))
    with pytest.raises(ResourceNotFound, match="figure"):
        await faces.vectors(REF, [*wanted, 999])


async def test_a_dataset_goes_from_one_space_to_another(faces: FaceDatabase) -> None:
    """While vectors of the next space are added the old one is searched; then all at once the new one."""
    await album(faces)
    numbers = await people(faces, "a", "b", "c")
    assert [one.figure_id for one in await faces.without_vector(REF, NEXT, 2)] == ["a", "b"]
    assert [one.figure_id for one in await faces.without_vector(REF, NEXT, 9, numbers["b"])] == ["c"]
    assert await faces.without_vector(REF, SPACE, 9) == ()
    new = {number: direction(100 + number, 4) for number in numbers.values()}
    first = {number: new[number] for number in (numbers["a"], numbers["b"])}
    assert await faces.add_vectors(REF, NEXT, first) == 2
    assert [one.figure_id for one in await faces.without_vector(REF, NEXT, 9)] == ["c"]
    with pytest.raises(ResourceInUse, match="1 figures"):
        await faces.switch_space(REF, NEXT)
    assert await nearest(faces, 0, count=1) == ["a"]
    assert await faces.add_vectors(REF, NEXT, {**new, 999: direction(1, 4)}) == 1
    assert (await faces.get_dataset(REF)).space == SPACE
    switched = await faces.switch_space(REF, NEXT)
    assert switched.space == NEXT
    assert await nearest(faces, 100 + numbers["b"], NEXT, 1) == ["b"]
    assert np.array_equal(await faces.vectors(REF, [numbers["b"]]), new[numbers["b"]][None])
    assert await faces.gallery_size(REF) == 3
    with pytest.raises(ResourceInUse, match="made-up@2"):
        await faces.search(REF, direction(1)[None], SPACE, 1)
    with pytest.raises(ResourceInUse, match="made-up@2"):
        await put(faces, "late", [figure("d", 4)])


async def test_a_figure_that_comes_or_goes_meanwhile_counts(faces: FaceDatabase) -> None:
    """A face that is put while vectors are added has none in the next space yet; one that is deleted loses both."""
    await album(faces)
    numbers = await people(faces, "a", "b")
    await faces.add_vectors(REF, NEXT, {number: direction(number, 4) for number in numbers.values()})
    await faces.delete_file(REF, "oss://b/a.jpg")
    late = (await put(faces, "late", [figure("c", 7)])).figures[0].number
    with pytest.raises(ResourceInUse):
        await faces.switch_space(REF, NEXT)
    assert await faces.add_vectors(REF, NEXT, {late: direction(70, 4), numbers["a"]: direction(71, 4)}) == 1
    await faces.switch_space(REF, NEXT)
    assert await nearest(faces, 70, NEXT) == ["c", "b"]


async def test_the_way_to_a_space_can_be_given_up(faces: FaceDatabase) -> None:
    """The vectors of the next space are forgotten, those that are searched cannot be."""
    await album(faces)
    (number,) = (await people(faces, "a")).values()
    await faces.add_vectors(REF, NEXT, {number: direction(5, 4)})
    await faces.forget_space(REF, NEXT)
    await faces.forget_space(REF, "never@1")
    assert [one.number for one in await faces.without_vector(REF, NEXT, 9)] == [number]
    with pytest.raises(ResourceInUse, match="made-up@1"):
        await faces.forget_space(REF, SPACE)
    await faces.add_vectors(REF, NEXT, {number: direction(6, 4)})
    await faces.switch_space(REF, NEXT)
    assert np.array_equal(await faces.vectors(REF, [number]), direction(6, 4)[None])
