"""What every audit log does."""

from datetime import timedelta

import pytest

from oss_faces.audit import Act, Audit, AuditPage, AuditQuery, Event, Finding
from oss_faces.datasets import DatasetRef
from tests.contracts.audit.conftest import FIRST

pytestmark = pytest.mark.anyio

REF = DatasetRef("people", "staff")


async def test_nothing_is_there_at_first(audit: Audit) -> None:
    """A new log is empty and whole."""
    assert await audit.entries(AuditQuery()) == AuditPage(())
    assert await audit.check() == Finding(0, "")


async def test_an_event_comes_back_as_it_was_recorded(audit: Audit) -> None:
    """Who, when, what and about whom, to the microsecond."""
    event = Event(Act.ENROL, "cli:Zoë", REF, ("Cluster-1", "f:2"), {"faces": 3, "refused": 0})
    made = await audit.record(event)
    assert (made.number, made.recorded, made.event) == (1, FIRST, event)
    assert await audit.entries(AuditQuery()) == AuditPage((made,))


async def test_an_event_may_be_about_no_dataset(audit: Audit) -> None:
    """A comparison of two pictures belongs to none."""
    made = await audit.record(Event(Act.COMPARE, "key:OSSFabc"))
    assert (await audit.entries(AuditQuery())).entries == (made,)
    assert made.event.ref is None


async def test_entries_are_numbered_and_chained(audit: Audit) -> None:
    """Numbers have no gap; the same event twice has two digests; a check gives the last one."""
    made = [await audit.record(Event(Act.SEARCH, "server", REF)) for _ in range(3)]
    assert [entry.number for entry in made] == [1, 2, 3]
    assert len({entry.digest for entry in made}) == 3
    assert await audit.check() == Finding(3, made[-1].digest)


async def test_pages(audit: Audit) -> None:
    """Pages go by number, and the last has no successor."""
    made = [await audit.record(Event(Act.SEARCH, "server", REF)) for _ in range(3)]
    first = await audit.entries(AuditQuery(limit=2))
    assert first == AuditPage(tuple(made[:2]), 2)
    assert await audit.entries(AuditQuery(after=first.next_after, limit=2)) == AuditPage((made[2],))


async def test_entries_are_chosen(audit: Audit) -> None:
    """By whom they are about, by what was done, and by when."""
    about = await audit.record(Event(Act.ENROL, "server", REF, ("a", "b", "a")))
    other = await audit.record(Event(Act.SEARCH, "server", REF, ("b",)))
    last = await audit.record(Event(Act.ERASE, "server", REF, ("ab",)))
    assert (await audit.entries(AuditQuery(subject="a"))).entries == (about,)
    assert (await audit.entries(AuditQuery(subject="b"))).entries == (about, other)
    assert (await audit.entries(AuditQuery(acts=(Act.ERASE, Act.SEARCH)))).entries == (other, last)
    assert (await audit.entries(AuditQuery(since=FIRST + timedelta(seconds=1)))).entries == (other, last)


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": ""},
        {"actor": "x" * 129},
        {"subjects": ("Ada Lovelace",)},
        {"subjects": ("oss://photos/ada.jpg",)},
        {"subjects": tuple(f"c{number}" for number in range(1001))},
        {"counts": {"Ada": 1}},
        {"counts": {"c" * place: 1 for place in range(1, 18)}},
    ],
)
def test_what_does_not_belong_there_is_a_mistake_of_ours(wrong: dict[str, object]) -> None:
    """A name with a blank, a URI or too much of anything cannot even be made into an event."""
    with pytest.raises(AssertionError):
        Event(**{"act": Act.READ, "actor": "server", **wrong})
