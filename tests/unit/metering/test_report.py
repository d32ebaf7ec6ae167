"""Sums in the terms of a bill."""

from dataclasses import astuple, fields
from datetime import date

import pytest

from oss_faces.metering import GroupBy, Outcome, UsageCounts, UsageKey, UsageSum, kind_of, summed
from oss_faces.protocol import Action

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
OK = Outcome.SUCCEEDED
ROWS = [
    (UsageKey(MONDAY, "", "", "", Outcome.DENIED), UsageCounts(1, 100)),
    (UsageKey(MONDAY, "a", "x", "oss:GetObject", OK), UsageCounts(2, 20, 20)),
    (UsageKey(MONDAY, "a", "x", "oss:ProcessImage", OK), UsageCounts(3, 30, 300, 3, 0, 1)),
    (UsageKey(MONDAY, "b", "x", "imm:CompareImageFaces", OK), UsageCounts(1, 1, 2, 0, 1)),
    (UsageKey(TUESDAY, "a", "y", "oss:ProcessImage", Outcome.FAILED), UsageCounts(4, 40)),
    (UsageKey(TUESDAY, "a", "y", "oss:PutObject", OK), UsageCounts(5)),
]


def test_no_rows_are_no_groups() -> None:
    """Nothing comes of nothing."""
    assert summed([], [GroupBy.DAY]) == ()


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ([GroupBy.DAY], [("2026-11-23",), ("2026-11-24",)]),
        ([GroupBy.KEY], [("",), ("a",), ("b",)]),
        ([GroupBy.BUCKET], [("",), ("x",), ("y",)]),
        ([GroupBy.KEY, GroupBy.BUCKET], [("", ""), ("a", "x"), ("a", "y"), ("b", "x")]),
        (
            [GroupBy.OPERATION],
            [(n,) for n in ("", "imm:CompareImageFaces", "oss:GetObject", "oss:ProcessImage", "oss:PutObject")],
        ),
    ],
)
def test_groups_are_what_was_asked_by(by: list[GroupBy], names: list[tuple[str, ...]]) -> None:
    """Each name once, in order; whatever the groups, the sums together are the same."""
    groups = summed(ROWS, by)
    assert [group.names for group in groups] == names
    assert sum((group.sums for group in groups), UsageSum()) == UsageSum(
        get_requests=5,
        put_requests=5,
        imm_requests=1,
        denied=1,
        failed=4,
        image_detect=3,
        image_compare=1,
        cache_hits=1,
        bytes_out=191,
        source_bytes=322,
    )


def test_each_request_is_in_one_column() -> None:
    """Successes by kind, the others by how they ended: the columns add up to the requests."""
    rows = [(UsageKey(MONDAY, "a", "x", "oss:GetObject", outcome), UsageCounts(1)) for outcome in Outcome]
    [everything] = summed(rows, [GroupBy.DAY])
    assert sum(astuple(everything.sums)) == len(Outcome)


@pytest.mark.parametrize("action", Action, ids=lambda action: action.value)
def test_every_operation_has_a_kind(action: Action) -> None:
    """An operation that is added to the wire is counted as what it is, and not as some other."""
    assert kind_of(f"oss:{action.value}") in {field.name for field in fields(UsageSum)} - {"other_requests"}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("oss:GetObject", "get_requests"),
        ("oss:ProcessImage", "get_requests"),
        ("oss:HeadObject", "head_requests"),
        ("oss:GetObjectMeta", "head_requests"),
        ("oss:ListObjectsV2", "list_requests"),
        ("oss:CopyObject", "put_requests"),
        ("oss:DeleteMultipleObjects", "delete_requests"),
        ("imm:GetProject", "imm_requests"),
        ("", "other_requests"),
    ],
)
def test_kinds(operation: str, kind: str) -> None:
    """As the price lists of OSS sort them; IMM apart."""
    assert kind_of(operation) == kind
