"""Whose face is kept, and which picture is refused with which reason."""

from dataclasses import replace

import pytest

from oss_faces.datasets import NewFigure
from oss_faces.errors import InvalidArgument, StorageUnavailable
from oss_faces.operations.people import Enrolled, Refusal, SeenFace
from oss_faces.recognition import ADVICE, Flaw
from tests.unit.operations.people.conftest import REF, face, picture, seen, vector

pytestmark = pytest.mark.anyio


async def test_the_first_face_makes_project_dataset_and_person(world) -> None:
    """Nothing has to be prepared; the face is pinned, its vector kept and its picture not."""
    done = await world.enroller.enrol(" Ada ", [picture(seen(1))])
    assert done.person.spec.name == "Ada"
    assert done.outcomes == (Enrolled("figure-1-0.0"),)
    assert (await world.projects.get("people")).name == "people"
    (figure,) = await world.database.figures(REF, done.person.cluster_id)
    assert figure.is_pinned
    assert (await world.database.vectors(REF, [figure.number]))[0].tobytes() == vector(1).tobytes()
    assert await world.log() == [("enrol", (done.person.cluster_id,), {"faces": 1, "refused": 0, "forced": 0})]


async def test_more_pictures_join_the_person(world) -> None:
    """In one call or in two, under one name it is one person; each says how like the others it is."""
    first = await world.enroller.enrol("Ada", [picture(seen(1)), picture(seen(1, 0.2))])
    second = await world.enroller.enrol("Ada", [picture(seen(1, 0.3)), picture(seen(2))])
    assert first.person.cluster_id == second.person.cluster_id
    assert second.person.facts.face_count == 4
    near, far = (outcome.resembles for outcome in second.outcomes)
    assert (near.is_match, far.is_match) == (True, False)
    assert first.outcomes[0].resembles is None


async def test_the_same_picture_again_changes_nothing(world) -> None:
    """A script may enrol a folder twice."""
    for _ in range(2):
        done = await world.enroller.enrol("Ada", [picture(seen(1))])
    assert done.person.facts.face_count == 1


async def test_the_face_that_is_meant(world) -> None:
    """The only one, or the largest by far; bystanders are not kept."""
    ada, small, large = seen(1, side=80), seen(2, side=40), seen(3, side=41)
    done = await world.enroller.enrol("Ada", [picture(ada, small)])
    assert done.person.facts.face_count == 1
    assert await world.database.gallery_size(REF) == 1
    refused = await world.enroller.enrol("Ada", [picture(ada, large), picture()])
    assert refused.person is None
    assert [outcome.reasons[0].split(":")[0] for outcome in refused.outcomes] == ["several faces", "no face was found"]


@pytest.mark.parametrize("flaw", Flaw)
async def test_a_face_that_is_not_fit_is_refused_with_the_reason(flaw: Flaw, world) -> None:
    """The others of the same call are taken; being forced changes nothing about it."""
    pictures = [picture(seen(1, flaws=(flaw,)), name="bad"), picture(seen(1))]
    done = await world.enroller.enrol("Ada", pictures, is_forced=True)
    assert done.outcomes[0] == Refusal((ADVICE[flaw],))
    assert isinstance(done.outcomes[1], Enrolled)
    assert done.person.facts.face_count == 1
    assert (await world.log())[-1][2] == {"faces": 1, "refused": 1, "forced": 1}


async def test_a_face_of_somebody_else_is_refused_with_the_error(world) -> None:
    """Who it is, how surely, and how often that is wrong; --force takes it all the same."""
    ada = await world.enrol("Ada", 1)
    done = await world.enroller.enrol("Grace", [picture(seen(1, 0.2))])
    (refusal,) = done.outcomes
    assert (refusal.other.name, refusal.other.cluster_id) == ("Ada", ada)
    assert 0 < refusal.other.verdict.expected_false_positives < 0.01
    assert done.person is None
    assert await world.people.named("Grace") is None
    forced = await world.enroller.enrol("Grace", [picture(seen(1, 0.2))], is_forced=True)
    assert forced.person.spec.name == "Grace"


async def test_nobody_is_taken_away_by_force(world) -> None:
    """The same picture as another name's only one is refused also by force, and the reason names what to do instead."""
    ada = await world.enrol("Ada", 1)
    for name in ("Grace", "Ada"):
        done = await world.enroller.enrol(name, [picture(seen(1))], is_forced=True)
    assert isinstance(done.outcomes[0], Enrolled)
    refused = await world.enroller.enrol("Grace", [picture(seen(1)), picture(seen(2))], is_forced=True)
    (reason,) = refused.outcomes[0].reasons
    assert "last face of Ada" in reason
    assert all(f"`{command}`" in reason for command in ("rename", "merge", "forget"))
    assert refused.person.facts.face_count == 1
    assert (await world.people.named("Ada")).cluster_id == ada


async def test_what_force_takes_from_somebody_is_told_and_recorded(world) -> None:
    """The same picture moves when another one is left; the outcome and the log name both; never all of them at once."""
    ada = await world.enrol("Ada", 1, 2, 3)
    pictures = [picture(seen(person)) for person in (1, 1, 2, 3)]
    done = await world.enroller.enrol("Grace", pictures, is_forced=True)
    assert [isinstance(outcome, Enrolled) for outcome in done.outcomes] == [True, True, True, False]
    assert [outcome.taken_from.spec.name for outcome in done.outcomes[:3]] == ["Ada"] * 3
    assert (await world.people.named("Ada")).facts.face_count == 1
    assert (await world.log())[-1][:2] == ("enrol", (done.person.cluster_id, ada))


async def test_a_kept_picture_never_moves_without_force(world) -> None:
    """Not even when somebody else has a face that is just as near."""
    await world.enrol("Ada", 1)
    await world.enroller.enrol("Grace", [picture(seen(2)), picture(seen(1), name="copy")], is_forced=True)
    for name, kept in (("Grace", picture(seen(1))), ("Ada", picture(seen(1), name="copy"))):
        done = await world.enroller.enrol(name, [kept])
        assert isinstance(done.outcomes[0], Refusal)


async def test_a_face_that_is_found_elsewhere_on_its_picture_keeps_the_person(world) -> None:
    """Another detector puts another box: the face is replaced, and the name stays with it."""
    await world.enrol("Ada", 1)
    moved = SeenFace(NewFigure("elsewhere", face(81), vector(1)), ())
    done = await world.enroller.enrol("Ada", [replace(picture(seen(1)), faces=(moved,))])
    assert (done.person.spec.name, done.person.facts.face_count) == ("Ada", 1)
    (figure,) = await world.database.figures(REF, done.person.cluster_id)
    assert figure.figure_id == "elsewhere"


async def test_what_was_kept_before_a_failure_is_the_persons_and_recorded(world) -> None:
    """A full disk at the second picture leaves no face without a person, and none that the log does not know of."""

    class Full:
        def __init__(self, database) -> None:
            self.database = database

        def __getattr__(self, name: str):
            return getattr(self.database, name)

        async def put_file(self, ref, uri, *rest):
            if "figure-2" in uri:
                raise StorageUnavailable
            return await self.database.put_file(ref, uri, *rest)

    failing = replace(world.enroller, people=replace(world.people, database=Full(world.database)))
    with pytest.raises(StorageUnavailable):
        await failing.enrol("Ada", [picture(seen(1)), picture(seen(2))])
    ada = await world.people.named("Ada")
    assert ada.facts.face_count == await world.database.gallery_size(REF) == 1
    assert await world.log() == [("enrol", (ada.cluster_id,), {"faces": 1, "refused": 0, "forced": 0})]


async def test_two_pictures_of_one_call_are_of_one_person(world) -> None:
    """The second picture is never taken for somebody else's because of the first."""
    done = await world.enroller.enrol("Ada", [picture(seen(1)), picture(seen(1, 0.1))])
    assert done.person.facts.face_count == 2


async def test_nothing_is_recorded_of_what_was_wholly_refused(world) -> None:
    """A picture that was refused has left nothing."""
    await world.enroller.enrol("Ada", [picture(seen(1, flaws=(Flaw.BLURRED,)))])
    assert await world.database.gallery_size(REF) == 0
    assert await world.log() == []


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 129])
async def test_names_have_a_form(name: str, world) -> None:
    """What could not be shown or stored is no name."""
    with pytest.raises(InvalidArgument):
        await world.enroller.enrol(name, [picture(seen(1))])


class Meanwhile:
    """A database in which something else happens before one method is called for the first time."""

    def __init__(self, database, method: str, happens) -> None:
        self.database, self.method, self.happens = database, method, happens

    def __getattr__(self, name: str):
        found = getattr(self.database, name)
        if name != self.method:
            return found

        async def call(*arguments):
            self.method = ""
            await self.happens()
            return await found(*arguments)

        return call


@pytest.mark.parametrize("method", ["create_dataset", "put_file"])
async def test_two_programs_may_begin_at_the_same_moment(world, method: str) -> None:
    """Neither fails because the other made the dataset, and of one name there is one person."""

    async def other() -> None:
        await world.enrol("Ada", 2)

    racing = replace(world.enroller, people=replace(world.people, database=Meanwhile(world.database, method, other)))
    done = await racing.enrol("Ada", [picture(seen(1))])
    assert done.person.facts.face_count == 2
    assert [person.facts.face_count async for person in world.people.everybody()] == [2]
