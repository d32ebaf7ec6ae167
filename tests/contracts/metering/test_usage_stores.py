"""What every store of counts keeps to."""

from dataclasses import astuple
from datetime import date

import pytest

from oss_faces.metering import Outcome, UsageCounts, UsageKey, UsageStore

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
COUNTS = UsageCounts(1, 2, 3, 4, 5, 6)
LARGE = UsageCounts(2**40, 2**50, 2**50, 2**40, 1, 1)


def key(day: date = MONDAY, **changes) -> UsageKey:
    named = {"access_key_id": "k", "bucket": "b", "operation": "oss:GetObject", "outcome": Outcome.SUCCEEDED, **changes}
    return UsageKey(day, **named)


def test_new_store_is_empty(usage: UsageStore) -> None:
    """Nothing was used yet."""
    assert list(usage.rows()) == []
    assert usage.buckets() == frozenset()


def test_counts_add_up(usage: UsageStore) -> None:
    """The same key twice is one row with the sums of each number, also of large ones."""
    usage.add({key(): COUNTS})
    usage.add({key(): LARGE})
    usage.add({key(): UsageCounts()})
    [(found, counts)] = usage.rows()
    assert found == key()
    assert astuple(counts) == tuple(a + b for a, b in zip(astuple(COUNTS), astuple(LARGE), strict=True))


@pytest.mark.parametrize(
    "other",
    [
        key(TUESDAY),
        key(access_key_id="K"),
        key(access_key_id=""),
        key(bucket=""),
        key(operation=""),
        key(operation="imm:DetectImageFaces"),
        *(key(outcome=outcome) for outcome in Outcome if outcome is not Outcome.SUCCEEDED),
    ],
    ids=str,
)
def test_each_part_of_a_key_counts_apart(usage: UsageStore, other: UsageKey) -> None:
    """Another day, key, bucket, operation or outcome is another row, in the order of the keys."""
    usage.add({key(): COUNTS, other: LARGE})
    assert list(usage.rows()) == sorted([(key(), COUNTS), (other, LARGE)], key=lambda row: row[0])


def test_days_can_be_chosen(usage: UsageStore) -> None:
    """First and last day are both included, and either may be open."""
    usage.add({key(day): COUNTS for day in (MONDAY, TUESDAY)})

    def days(*wanted: date | None) -> list[date]:
        return [found.day for found, _ in usage.rows(*wanted)]

    assert days() == days(MONDAY, TUESDAY) == [MONDAY, TUESDAY]
    assert days(TUESDAY) == days(TUESDAY, TUESDAY) == [TUESDAY]
    assert days(None, MONDAY) == [MONDAY]
    assert days(TUESDAY, MONDAY) == []


def test_buckets_are_named_once(usage: UsageStore) -> None:
    """Requests about no bucket name none."""
    usage.add({key(): COUNTS, key(TUESDAY): COUNTS, key(bucket="c"): COUNTS, key(bucket=""): COUNTS})
    assert usage.buckets() == {"b", "c"}


def test_old_days_are_forgotten(usage: UsageStore) -> None:
    """All rows of earlier days go, those of the day stay."""
    usage.add({key(): COUNTS, key(bucket="c"): COUNTS, key(TUESDAY): LARGE})
    assert usage.forget_before(MONDAY) == 0
    assert usage.forget_before(TUESDAY) == 2
    assert list(usage.rows()) == [(key(TUESDAY), LARGE)]


def test_checking_counts_nothing(usage: UsageStore) -> None:
    """A store that can be written says so, and shows nothing of it."""
    usage.add({key(): COUNTS})
    usage.check()
    usage.check()
    assert list(usage.rows()) == [(key(), COUNTS)]
