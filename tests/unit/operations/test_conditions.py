"""Preconditions, as RFC 9110 section 13.2.2 orders them."""

from datetime import UTC, datetime, timedelta

import pytest

from oss_faces.errors import NotModified, PreconditionFailed
from oss_faces.operations.conditions import check
from oss_faces.request import Conditions
from oss_faces.values import ObjectMeta

NOON = datetime(2015, 12, 5, 12, 0, 0, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(seconds=1), NOON - timedelta(seconds=1)
META = ObjectMeta("k", 1, "AA", 0, "t", NOON)


@pytest.mark.parametrize(
    ("conditions", "error"),
    [
        (Conditions(), None),
        (Conditions(if_match=("AA",)), None),
        (Conditions(if_match=("BB", "AA")), None),
        (Conditions(if_match=("*",)), None),
        (Conditions(if_match=("BB",)), PreconditionFailed),
        (Conditions(if_none_match=("BB",)), None),
        (Conditions(if_none_match=("AA",)), NotModified),
        (Conditions(if_none_match=("BB", "AA")), NotModified),
        (Conditions(if_none_match=("*",)), NotModified),
        (Conditions(if_unmodified_since=LATER), None),
        (Conditions(if_unmodified_since=NOON), None),
        (Conditions(if_unmodified_since=EARLIER), PreconditionFailed),
        (Conditions(if_modified_since=EARLIER), None),
        (Conditions(if_modified_since=NOON), NotModified),
        (Conditions(if_modified_since=LATER), NotModified),
        (Conditions(if_match=("AA",), if_unmodified_since=EARLIER), None),
        (Conditions(if_none_match=("BB",), if_modified_since=LATER), None),
        (Conditions(if_match=("BB",), if_none_match=("AA",)), PreconditionFailed),
        (Conditions(if_unmodified_since=EARLIER, if_modified_since=LATER), PreconditionFailed),
        (Conditions(if_match=("AA",), if_none_match=("AA",)), NotModified),
    ],
)
def test_condition_holds_or_says_why_not(conditions: Conditions, error: type[Exception] | None) -> None:
    """An ETag goes before a date, and what must match before what must not."""
    if error is None:
        check(conditions, META)
        return
    with pytest.raises(error):
        check(conditions, META)
