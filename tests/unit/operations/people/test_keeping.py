"""Names, merges, splits and retention; each of them recorded, none of them with a name."""

import pytest

from oss_faces.datasets import ClusterSpec, FileSpec
from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import ResourceAlreadyExists, ResourceNotFound
from tests.unit.operations.people.conftest import REF, picture, seen

pytestmark = pytest.mark.anyio


async def names(world) -> list[str]:
    return [person.spec.name async for person in world.keeper.list()]


async def test_people_are_listed_by_name(world) -> None:
    """All of them, more than one page."""
    await world.enrol("Zoë", 1)
    for person in range(2, 124):
        await world.enrol(f"P{person:03}", person)
    listed = await names(world)
    assert (len(listed), listed[0], listed[-1]) == (123, "P002", "Zoë")


async def test_a_person_is_shown(world) -> None:
    """By name or by id, with the faces."""
    ada = await world.enrol("Ada", 1)
    for who in ("Ada", ada):
        person, figures = await world.keeper.show(who)
        assert (person.cluster_id, [figure.figure_id for figure in figures]) == (ada, ["figure-1-0.0"])
    assert (await world.log())[-1] == ("read", (ada,), {})
    with pytest.raises(ResourceNotFound, match="nobody in people/people is called Grace"):
        await world.keeper.show("Grace")


async def test_renaming(world) -> None:
    """The id stays; a name of somebody else is refused, one's own is not."""
    ada = await world.enrol("Ada", 1)
    await world.enrol("Grace", 2)
    assert (await world.keeper.rename("Ada", "Ada L.")).cluster_id == ada
    assert await names(world) == ["Ada L.", "Grace"]
    await world.keeper.rename("Ada L.", " Ada L. ")
    with pytest.raises(ResourceAlreadyExists):
        await world.keeper.rename("Ada L.", "Grace")


async def test_merging_and_taking_it_back(world) -> None:
    """Two names of one person become the first; the last merge is undone unless another is named."""
    ada, lovelace = await world.enrol("Ada", 1), await world.enrol("Lovelace", 2)
    await world.enrol("Grace", 3)
    merge = await world.keeper.merge("Ada", ["Lovelace"])
    assert await names(world) == ["Ada", "Grace"]
    assert (await world.log())[-2] == ("merge", (ada, lovelace), {})
    second = await world.keeper.merge("Grace", ["Ada"])
    assert (await world.keeper.undo_merge()).merge_id == second.merge_id
    assert (await world.keeper.undo_merge(merge.merge_id)).froms == (lovelace,)
    assert await names(world) == ["Ada", "Grace", "Lovelace"]
    with pytest.raises(ResourceNotFound, match="no merge"):
        await world.keeper.undo_merge()


@pytest.mark.parametrize("froms", [["Ada"], ["Grace", "Grace"], ["Grace", "Ada"]])
async def test_each_is_merged_once(froms: list[str], world) -> None:
    """Nobody is merged with himself."""
    await world.enrol("Ada", 1)
    await world.enrol("Grace", 2)
    with pytest.raises(InvalidArgument, match="once"):
        await world.keeper.merge("Ada", froms)
    assert await names(world) == ["Ada", "Grace"]


async def test_splitting(world) -> None:
    """Some faces become a person of their own, pinned, and the rest stays."""
    await world.enroller.enrol("Ada", [picture(seen(1)), picture(seen(2)), picture(seen(3))])
    made = await world.keeper.split("Ada", ["figure-2-0.0", "figure-3-0.0", "figure-2-0.0"], "Grace")
    assert (made.spec.name, made.facts.face_count) == ("Grace", 2)
    _, left = await world.keeper.show("Ada")
    assert [figure.figure_id for figure in left] == ["figure-1-0.0"]


@pytest.mark.parametrize(
    ("figures", "name", "error"),
    [
        (["figure-1-0.0", "figure-2-0.0"], "Grace", InvalidArgument),
        (["figure-9-0.0"], "Grace", ResourceNotFound),
        (["figure-1-0.0"], "Joan", ResourceAlreadyExists),
        (["figure-1-0.0"], "Ada", ResourceAlreadyExists),
        (["figure-1-0.0"], "", InvalidArgument),
    ],
)
async def test_what_cannot_be_split(figures: list[str], name: str, error: type[Exception], world) -> None:
    """All of the faces, somebody else's, or under a name that is taken: nothing is changed."""
    await world.enroller.enrol("Ada", [picture(seen(1)), picture(seen(2))])
    await world.enrol("Joan", 9)
    with pytest.raises(error):
        await world.keeper.split("Ada", figures, name)
    assert await names(world) == ["Ada", "Joan"]


async def test_retention(world) -> None:
    """So many days, or none; it is a change that is recorded."""
    await world.enrol("Ada", 1)
    await world.keeper.retain(30)
    assert await world.keeper.retention_days() == 30
    assert (await world.log())[-1] == ("update", (), {"retention_days": 30})
    for days in (-1, 40_000):
        with pytest.raises(InvalidArgument):
            await world.keeper.retain(days)


async def test_two_of_a_name_are_told_apart_by_id(world) -> None:
    """Over IMM anybody may give a name twice; the command line then wants the id."""
    ada, grace = await world.enrol("Ada", 1), await world.enrol("Grace", 2)
    person = (await world.database.get_clusters(REF, [ada]))[0]
    await world.database.update_cluster(REF, grace, lambda _: person.spec, None)
    with pytest.raises(InvalidArgument, match="several people"):
        await world.keeper.show("Ada")
    assert (await world.keeper.show(grace))[0].cluster_id == grace


async def test_an_empty_name_is_nobodys(world) -> None:
    """A variable that a script forgot to set never means the one person who has no name."""
    await world.enrol("Ada", 1)
    one = picture(seen(2))
    file = await world.database.put_file(REF, one.uri, FileSpec(), one.facts, [one.faces[0].figure], one.space)
    await world.database.found_cluster(REF, ClusterSpec(), [file.figures[0].number])
    with pytest.raises(ResourceNotFound):
        await world.eraser.forget("", None)
