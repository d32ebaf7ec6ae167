"""SimpleQuery: conditions as text become conditions as values, and what makes no sense is refused by name."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oss_faces.datasets import Aggregation, Comparing, Condition, Conditions, DatasetRef, FileQuery, Joining
from oss_faces.errors import InvalidArgument, RequestError
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.request.imm_query import parse_simple_query


def fields(**values: Any) -> Fields:
    sent = {"ProjectName": "p", "DatasetName": "d", **values}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}
    return Fields.of(Query(tuple(texts.items())))


def leaf(field: str = "Size", operation: str = "gt", value: str = "10") -> dict[str, Any]:
    """A condition as the official client sends it."""
    return {"Field": field, "Operation": operation, "Value": value, "SubQueries": []}


def joined(operation: str, *parts: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"Operation": operation, "SubQueries": list(parts), **more}


def where(query: dict[str, Any]) -> Condition | Conditions | None:
    return parse_simple_query(fields(Query=query)).query.where


def test_nothing_asked_is_everything() -> None:
    """Without a query all files come, a hundred a page, and they are counted."""
    want = parse_simple_query(fields())
    assert (want.ref, want.query, want.fields) == (DatasetRef("p", "d"), FileQuery(), ())


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (leaf(), Condition("Size", Comparing.GT, 10.0)),
        (leaf("ImageWidth", "lte", "1.5e3"), Condition("ImageWidth", Comparing.LTE, 1500.0)),
        (leaf("URI", "prefix", "oss://b/a/"), Condition("URI", Comparing.PREFIX, "oss://b/a/")),
        (leaf("CustomLabels.trip", "eq", "sea"), Condition("CustomLabels.trip", Comparing.EQ, "sea")),
        (leaf("OSSUserMeta.x-oss-meta-a.b", "eq", "c"), Condition("OSSUserMeta.x-oss-meta-a.b", Comparing.EQ, "c")),
        (leaf("Title", "eq", "10"), Condition("Title", Comparing.EQ, "10")),
        (leaf("ETag", "eq", '"AB"'), Condition("ETag", Comparing.EQ, "AB")),
        (leaf("Figures.Age", "gt", "36"), Condition("Figures.Age", Comparing.GT, 36.0)),
        (leaf("Figures.HeadPose.Yaw", "lt", "-.5"), Condition("Figures.HeadPose.Yaw", Comparing.LT, -0.5)),
        (leaf("ProduceTime", "exist", ""), Condition("ProduceTime", Comparing.EXIST)),
        (
            leaf("CreateTime", "gte", "2026-11-22T18:00:00.5+08:00"),
            Condition("CreateTime", Comparing.GTE, datetime(2026, 11, 22, 10, 0, 0, 500_000, UTC)),
        ),
    ],
)
def test_value_becomes_what_the_field_holds(sent: dict[str, Any], expected: Condition) -> None:
    """Values arrive as text, whatever they are."""
    assert where(sent) == expected


def test_documented_example() -> None:
    """No man older than 36: one and the same face has to be both, and no such file is wanted."""
    inner = joined("and", leaf("Figures.Age", "gt", "36"), leaf("Figures.Gender", "eq", "male"))
    both = Conditions(
        Joining.AND,
        (Condition("Figures.Age", Comparing.GT, 36.0), Condition("Figures.Gender", Comparing.EQ, "male")),
    )
    for named in ({}, {"Field": "Figures"}):
        nested = Conditions(Joining.AND, (both,), "Figures")
        assert where(joined("not", joined("nested", inner, **named))) == Conditions(Joining.NOT, (nested,))


def test_flattened_query() -> None:
    """Clients that flatten lists and records are understood as well."""
    flat = {
        "Query.Operation": "or",
        "Query.SubQueries.1.Field": "Size",
        "Query.SubQueries.1.Operation": "eq",
        "Query.SubQueries.1.Value": "1",
        "Query.SubQueries.2.Field": "FigureCount",
        "Query.SubQueries.2.Operation": "exist",
    }
    parts = (Condition("Size", Comparing.EQ, 1.0), Condition("FigureCount", Comparing.EXIST))
    assert parse_simple_query(fields(**flat)).query.where == Conditions(Joining.OR, parts)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (leaf("Colour", "eq", "red"), "Colour"),
        (leaf("size", "eq", "1"), "size"),
        (leaf("Figures.Colour", "eq", "red"), "Figures.Colour"),
        (leaf("Figures", "exist", ""), "Figures"),
        (leaf("CustomLabels", "eq", "x"), "CustomLabels"),
        (leaf("CustomLabels.", "eq", "x"), "CustomLabels"),
        (leaf("Size", "gt", "large"), "number"),
        (leaf("Size", "gt", "nan"), "number"),
        (leaf("Size", "gt", "1e999"), "number"),
        (leaf("CreateTime", "gt", "2026-11-22"), "time"),
        (leaf("CreateTime", "gt", "2026-11-31T00:00:00Z"), "time"),
        (leaf("Size", "prefix", "1"), "prefix"),
        (leaf("Size", "match-phrase", "1"), "match-phrase"),
        (leaf("Size", "", "1"), "Operation"),
        (leaf("Size", "eq", ""), "Value"),
        (leaf("", "eq", "1"), "Field"),
        (leaf("URI", "eq", "u" * 2049), "2048"),
        (leaf("URI", "eq", "\ud800"), "kept"),
        (joined("and"), "SubQueries"),
        (joined("nested", leaf("Size")), "Size"),
        (joined("nested", leaf("Figures.Age"), Field="Labels"), "nested"),
        (joined("nested", joined("nested", leaf("Figures.Age"))), "nested"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(sent: dict[str, Any], why: str) -> None:
    """An answer without hits would hide the mistake."""
    with pytest.raises((InvalidArgument, MissingParameter), match=why):
        where(sent)


def test_documented_limits_of_a_query() -> None:
    """Five levels and a hundred conditions."""
    deep = leaf()
    for _ in range(4):
        deep = joined("and", deep)
    where(deep)
    with pytest.raises(InvalidArgument, match="deep"):
        where(joined("and", deep))
    where(joined("or", *[leaf()] * 99))
    with pytest.raises(InvalidArgument, match="100 conditions"):
        where(joined("or", joined("or", *[leaf()] * 60), *[leaf()] * 60))


def test_sorting() -> None:
    """What has no order of its own descends, as documented."""
    want = parse_simple_query(fields(Sort="Size, URI,CreateTime", Order="asc,desc"))
    assert want.query.sort == (("Size", False), ("URI", True), ("CreateTime", True))


@pytest.mark.parametrize(
    "sent",
    [
        {"Sort": "Figures.Age"},
        {"Sort": "Title"},
        {"Sort": "Size,Size"},
        {"Sort": "Size,,URI"},
        {"Sort": "URI,Size,CreateTime,ETag,CustomId,ImageWidth"},
        {"Sort": "Size", "Order": "up"},
        {"Order": "asc"},
        {"Sort": "Size", "Order": "asc,asc"},
    ],
)
def test_sorting_that_cannot_be_done(sent: dict[str, str]) -> None:
    """At most five fields, each once and known, and no more orders than fields."""
    with pytest.raises(InvalidArgument, match=r"Sort|Order"):
        parse_simple_query(fields(**sent))


def test_aggregations() -> None:
    """Numbers over hits; with them up to 2,000 groups are asked for, without them up to 100 files."""
    entries = [{"Field": "Figures.Gender", "Operation": "group"}, {"Field": "Size", "Operation": "sum"}]
    want = parse_simple_query(fields(Aggregations=entries, MaxResults="2000", WithoutTotalHits="True"))
    assert want.query.aggregations == (Aggregation("Figures.Gender", "group"), Aggregation("Size", "sum"))
    assert (want.query.limit, want.query.wants_total) == (2000, False)
    with pytest.raises(InvalidArgument, match="MaxResults"):
        parse_simple_query(fields(MaxResults="101"))


@pytest.mark.parametrize(
    ("field", "operation"),
    [("Colour", "group"), ("URI", "sum"), ("Size", "median"), ("CustomLabels.trip", "group"), ("", "count")],
)
def test_aggregations_that_cannot_be_done(field: str, operation: str) -> None:
    """Texts have no sum, and what is not known is not counted."""
    with pytest.raises((InvalidArgument, MissingParameter)):
        parse_simple_query(fields(Aggregations=[{"Field": field, "Operation": operation}]))


def test_token_belongs_to_the_question() -> None:
    """A page goes on where it ended; with other conditions, another order or dataset the token is refused."""
    asked = {"Query": leaf(), "Sort": "Size"}
    question = parse_simple_query(fields(**asked)).question
    token = next_token("place", *question)
    assert parse_simple_query(fields(**asked, NextToken=token, MaxResults="7")).query.after == "place"
    for other in ({"Query": leaf(value="11")}, {"Sort": "URI"}, {"Order": "asc"}, {"DatasetName": "e"}):
        with pytest.raises(InvalidArgument, match="NextToken"):
            parse_simple_query(fields(**{**asked, **other, "NextToken": token}))


@pytest.mark.parametrize("sent", ["[]x", "[1]", '{"Operation":"and","SubQueries":[1]}', '{"Operation":{"a":1}}', "1"])
def test_garbage(sent: str) -> None:
    """Whatever comes as a query, the answer is an error of the caller."""
    with pytest.raises(RequestError):
        parse_simple_query(fields(Query=sent))
