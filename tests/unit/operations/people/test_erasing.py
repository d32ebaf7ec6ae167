"""Erasure, its receipt, and everything that is kept about somebody."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from oss_faces.audit import Act, Event, Traces
from oss_faces.datasets import DatasetRef, DatasetSpec, FileSpec
from oss_faces.errors import StorageUnavailable
from oss_faces.grants import EVERYTHING
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations import indexing_task
from oss_faces.operations.people import Sweeper
from oss_faces.request.imm_files import WantedFile
from oss_faces.values import Address, Principal
from tests.unit.operations.people.conftest import ACTOR, FIRST, REF, picture, seen, vector

pytestmark = pytest.mark.anyio


async def test_a_person_is_gone_and_the_receipt_says_what(world) -> None:
    """Counts and digests, the entry of the log, and what was searched for afterwards."""
    ada = await world.enrol("Ada", 1, 2)
    await world.enrol("Grace", 3)
    searched = []

    def find(passages):
        searched.extend(passages)
        return Traces(7, 700, 0)

    done = await world.eraser.forget("Ada", find)
    receipt = done.receipt
    vectors = [vector(person).tobytes() for person in (1, 2)]
    assert sorted(searched) == sorted(vectors)
    assert (receipt.cluster_id, receipt.ref, receipt.traces) == (ada, REF, Traces(7, 700, 0))
    assert (receipt.erasure.figures, receipt.erasure.files, receipt.erasure.clusters) == (2, 2, 1)
    assert sorted(receipt.erasure.vectors_sha256) == sorted(hashlib.sha256(one).hexdigest() for one in vectors)
    assert receipt.entry.event.subjects == (ada,)
    assert done.stored == ()
    assert await world.people.named("Ada") is None
    assert [act for act, subjects, _ in await world.log() if subjects == (ada,)] == ["enrol", "erase_begun", "erase"]


async def test_an_erasure_that_fails_has_left_a_trace_in_the_log(world) -> None:
    """The log knows of it before the first byte goes."""

    class Failing:
        def __init__(self, database) -> None:
            self.database = database

        def __getattr__(self, name: str):
            return getattr(self.database, name)

        async def erase_cluster(self, *_):
            raise StorageUnavailable

    ada = await world.enrol("Ada", 1)
    broken = replace(world.eraser, people=replace(world.people, database=Failing(world.database)))
    with pytest.raises(StorageUnavailable):
        await broken.forget("Ada", None)
    assert (await world.log())[-1] == ("erase_begun", (ada,), {})


async def test_an_erasure_that_is_not_finished_on_the_disk_is_told_apart(world) -> None:
    """The person is gone, the log knows it, and the message says that there is no receipt and who finishes."""

    class Busy:
        def __init__(self, database) -> None:
            self.database = database

        def __getattr__(self, name: str):
            return getattr(self.database, name)

        async def erase_cluster(self, *which):
            await self.database.erase_cluster(*which)
            raise StorageUnavailable

    ada = await world.enrol("Ada", 1)
    busy = replace(world.eraser, people=replace(world.people, database=Busy(world.database)))
    with pytest.raises(StorageUnavailable, match=r"is erased, but .* no receipt"):
        await busy.forget("Ada", None)
    assert (await world.log())[-1] == ("erase", (ada,), {"figures": 1})


async def test_stored_pictures_are_named(world) -> None:
    """What lies in a bucket is not ours to delete, and nobody may believe that it is gone."""
    await world.enrol("Ada", 1)
    one = replace(picture(seen(2)), uri="oss://photos/ada.jpg")
    await world.database.put_file(REF, one.uri, FileSpec(), one.facts, [one.faces[0].figure], one.space)
    (figure,) = (await world.database.get_files(REF, [one.uri]))[0].figures
    person = await world.people.find("Ada")
    await world.database.pin(REF, person.cluster_id, [figure.number])
    done = await world.eraser.forget("Ada", None)
    assert done.stored == ("oss://photos/ada.jpg",)
    assert done.receipt.traces is None


async def test_a_search_that_fails_costs_no_receipt(world) -> None:
    """The person is gone by then: the receipt comes all the same, and says that nobody searched."""

    def refuse(_passages):
        raise PermissionError(13, "denied", "other")

    await world.enrol("Ada", 1)
    done = await world.eraser.forget("Ada", refuse)
    assert (done.receipt.erasure.figures, done.receipt.traces) == (1, None)
    assert "denied" in done.not_searched


async def test_forgetting_nobody(world) -> None:
    """Who is not there cannot be forgotten, and nothing is recorded."""
    await world.enrol("Ada", 1)
    with pytest.raises(ResourceNotFound):
        await world.eraser.forget("Grace", None)
    assert [act for act, _, _ in await world.log()] == ["enrol"]


async def test_an_export_has_everything(world) -> None:
    """Name, faces, vectors, files, and the log about this person, the export among it."""
    ada = await world.enrol("Ada", 1, 2)
    await world.enrol("Grace", 3)
    await world.identifier.identify(picture(seen(1)))
    done = await world.eraser.export("Ada")
    assert done.person.cluster_id == ada
    assert [figure.figure_id for figure in done.figures] == ["figure-1-0.0", "figure-2-0.0"]
    assert done.vectors.tobytes() == vector(1).tobytes() + vector(2).tobytes()
    assert {file.uri for file in done.files} == {"file:figure-1-0.0", "file:figure-2-0.0"}
    assert [entry.event.act.value for entry in done.entries] == ["enrol", "search", "export"]


async def test_an_export_has_the_whole_log(world) -> None:
    """However long it is."""
    ada = await world.enrol("Ada", 1)
    for _ in range(1100):
        await world.audit.record(Event(Act.SEARCH, ACTOR, REF, (ada,)))
    assert len((await world.eraser.export("Ada")).entries) == 1102


async def test_what_expired_before_a_failure_is_recorded(world) -> None:
    """Nothing is erased that the log does not know of."""

    class Failing:
        def __init__(self, database) -> None:
            self.database = database

        def __getattr__(self, name: str):
            return getattr(self.database, name)

        async def delete_files(self, ref, uris):
            await self.database.delete_files(ref, uris[:1])
            raise StorageUnavailable

    await world.enrol("Ada", 1, 2)
    await world.keeper.retain(30)
    with pytest.raises(StorageUnavailable):
        await Sweeper(Failing(world.database), world.audit, lambda: FIRST + timedelta(days=31)).sweep()
    assert (await world.log())[-1] == ("expire", (), {"files": 1})


async def test_what_has_outlived_its_time_goes(world) -> None:
    """In every dataset, and only what is old enough; recorded for each dataset."""
    await world.enrol("Ada", 1)
    await world.enroller.enrol("Grace", [picture(seen(2)), picture(seen(3))])
    await world.keeper.retain(30)
    other = DatasetRef("people", "kept")
    await world.database.create_dataset(other, DatasetSpec())
    one = picture(seen(4))
    await world.database.put_file(other, one.uri, FileSpec(), one.facts, [one.faces[0].figure], one.space)
    early = Sweeper(world.database, world.audit, lambda: FIRST + timedelta(days=29))
    late = Sweeper(world.database, world.audit, lambda: FIRST + timedelta(days=31), ACTOR)
    assert await early.sweep() == 0
    assert await late.sweep() == 3
    assert await late.sweep() == 0
    assert await world.people.named("Ada") is None
    assert await world.database.gallery_size(other) == 1
    assert (await world.log())[-1] == ("expire", (), {"files": 3})


async def test_what_waits_to_be_indexed_does_not_bring_a_person_back(world) -> None:
    """A task about one of the person's files is withdrawn; others go on."""
    await world.enrol("Ada", 1)
    source = Address("photos", "ada.jpg")
    one = replace(picture(seen(2)), uri="oss://photos/ada.jpg")
    await world.database.put_file(REF, one.uri, FileSpec(), one.facts, [one.faces[0].figure], one.space)
    (figure,) = (await world.database.get_files(REF, [one.uri]))[0].figures
    await world.database.pin(REF, (await world.people.find("Ada")).cluster_id, [figure.number])
    wanted = [WantedFile(source, FileSpec()), WantedFile(replace(source, key="grace.jpg"), FileSpec())]
    tasks = [await world.tasks.add(indexing_task(Principal("key", EVERYTHING), REF, file)) for file in wanted]
    await world.eraser.forget("Ada", None)
    assert [(await world.tasks.get(REF.project, task.task_id)).code for task in tasks] == ["ResourceNotFound", ""]


async def test_what_has_outlived_its_time_goes_at_once(world) -> None:
    """All files of a dataset in one erasure, not one for each."""

    class Counting:
        def __init__(self, database) -> None:
            self.database = database
            self.calls = []

        async def expired_files(self, *asked):
            return await self.database.expired_files(*asked)

        async def delete_files(self, ref, uris):
            self.calls.append(sorted(uris))
            return await self.database.delete_files(ref, uris)

    await world.enroller.enrol("Grace", [picture(seen(2)), picture(seen(3))])
    await world.keeper.retain(30)
    counting = Counting(world.database)
    assert await Sweeper(counting, world.audit, lambda: FIRST + timedelta(days=31), ACTOR).sweep() == 2
    assert counting.calls == [["file:figure-2-0.0", "file:figure-3-0.0"]]
