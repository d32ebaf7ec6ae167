"""Who it is, how surely, and when nobody can say."""

import pytest

from oss_faces.datasets import ClusterSpec, DatasetSpec, FileSpec
from oss_faces.imm_errors import ResourceInUse
from oss_faces.recognition import Flaw
from tests.unit.operations.people.conftest import REF, picture, seen

pytestmark = pytest.mark.anyio


async def test_every_face_is_told(world) -> None:
    """A known one, one that is known to nobody, and one that is not fit, which is not even compared."""
    ada = await world.enrol("Ada", 1)
    await world.enrol("Grace", 2)
    faces = (seen(1, 0.2), seen(9), seen(2, flaws=(Flaw.HIDDEN,)))
    done = await world.identifier.identify(picture(*faces))
    known, unknown, unfit = done.faces
    assert done.compared_with == 2
    assert (known.match.name, known.match.cluster_id) == ("Ada", ada)
    assert known.match.verdict.expected_false_positives == known.match.verdict.false_match_rate * 2
    assert unknown.match is None
    assert [candidate.name for candidate in unknown.candidates] == ["Ada", "Grace"]
    assert (unfit.match, unfit.candidates, unfit.flaws) == (None, (), (Flaw.HIDDEN,))
    assert (await world.log())[-1] == ("search", (ada,), {"faces": 3, "unfit": 1, "found": 1})


async def test_a_person_is_one_candidate(world) -> None:
    """However many pictures there are of somebody, the nearest counts, and others are not crowded out."""
    await world.enroller.enrol("Ada", [picture(seen(1, away)) for away in (0.0, 0.1, 0.2)])
    await world.enrol("Grace", 2)
    (face,) = (await world.identifier.identify(picture(seen(1, 0.1)))).faces
    assert [candidate.name for candidate in face.candidates] == ["Ada", "Grace"]
    assert face.candidates[0].figure.figure_id == "figure-1-0.1"


async def test_people_without_a_name_are_found_too(world) -> None:
    """Clusters that nobody has named; faces that belong to nobody are no candidates."""
    await world.enrol("Ada", 1)
    for person in (2, 3):
        one = picture(seen(person))
        await world.database.put_file(REF, one.uri, FileSpec(), one.facts, [one.faces[0].figure], one.space)
    (third,) = (await world.database.get_files(REF, [picture(seen(3)).uri]))[0].figures
    made = await world.database.found_cluster(REF, ClusterSpec(), [third.number])
    (face,) = (await world.identifier.identify(picture(seen(3)))).faces
    assert face.candidates[0].cluster_id == made.cluster_id
    assert {candidate.name for candidate in face.candidates} == {"", "Ada"}


async def test_a_large_gallery_needs_more(world) -> None:
    """The same likeness is a match among few, and unknown among many."""
    await world.enrol("Ada", 1)
    (few,) = (await world.identifier.identify(picture(seen(1, 0.36)))).faces
    for person in range(2, 42):
        await world.enrol(f"P{person}", person)
    (many,) = (await world.identifier.identify(picture(seen(1, 0.36)))).faces
    assert few.match.name == "Ada"
    assert many.match is None
    assert many.candidates[0].verdict.similarity == few.match.verdict.similarity
    assert many.candidates[0].verdict.expected_false_positives > 0.01


async def test_nobody_is_there(world) -> None:
    """A dataset that is empty, or was not made yet, knows nobody."""
    done = await world.identifier.identify(picture(seen(1)))
    assert (done.faces[0].match, done.faces[0].candidates, done.compared_with) == (None, (), 0)
    await world.database.create_dataset(REF, DatasetSpec())
    done = await world.identifier.identify(picture(seen(1)))
    assert (done.faces[0].match, done.compared_with) == (None, 0)
    assert (await world.identifier.identify(picture())).faces == ()


async def test_other_spaces_are_never_searched(world) -> None:
    """A vector of another model is refused."""
    await world.enrol("Ada", 1)
    one = picture(seen(1))
    other = type(one)(one.uri, one.facts, "other@1", one.faces)
    with pytest.raises(ResourceInUse):
        await world.identifier.identify(other)


@pytest.mark.parametrize(("away", "is_match"), [(0.0, True), (0.36, True), (0.39, False)])
async def test_two_pictures(away: float, world, *, is_match: bool) -> None:
    """One person or not, with the rate at which strangers are as alike; recorded without a subject."""
    done = await world.verifier.verify(picture(seen(1)), picture(seen(1, away)))
    assert done.verdict.is_match is is_match
    assert done.verdict.expected_false_positives == done.verdict.false_match_rate
    assert await world.log() == [("compare", (), {"compared": 1, "matches": int(is_match)})]


async def test_what_cannot_be_compared_is_not(world) -> None:
    """No face, several, or one that is not fit: the reason for each picture, and no verdict."""
    several = picture(seen(1), seen(2))
    done = await world.verifier.verify(picture(seen(1, flaws=(Flaw.TURNED, Flaw.BLURRED))), several)
    assert done.verdict is None
    assert done.reasons[0] == ("turned", "blurred")
    assert "several faces" in done.reasons[1][0]
    none = await world.verifier.verify(picture(), picture(seen(1)))
    assert none.reasons == (("no face was found",), ())
