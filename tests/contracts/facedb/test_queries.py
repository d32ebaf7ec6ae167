"""What every face database answers to questions about files: the same in memory and in SQL."""

from datetime import timedelta
from itertools import pairwise

import pytest

from oss_faces.datasets import (
    CLUSTER_INDEPENDENT,
    CLUSTER_UNAVAILABLE,
    FIGURE_FIELDS,
    FILE_FIELDS,
    TEXT_FIELDS,
    Aggregated,
    Aggregation,
    ClusterSpec,
    Comparing,
    Condition,
    Conditions,
    FieldKind,
    FileQuery,
    FileSpec,
    Joining,
)
from oss_faces.errors import InvalidArgument
from oss_faces.facedb import FaceDatabase, Placement
from oss_faces.values import Age, Box, Emotion, ImageSize, Label
from tests.contracts.facedb.faces import BARE, FIRST, REF, album, face, figure, put

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


@pytest.fixture
async def shelf(faces: FaceDatabase) -> FaceDatabase:
    """Five files: a (two faces), b (one of which nothing is known), c (none), D and an old one."""
    await album(faces)
    young = face(age=Age(20.6, 2.0), gender=Label("male", 0.7), quality=0.5, box=Box(0, 0, 60.5, 50))
    old = face(age=Age(63.2, 5.0), emotion=Emotion({"happy": 0.2, "neutral": 0.8}))
    spec = FileSpec("Id-1", {"Colour": "Red", "empty": ""}, FIRST, {"Title": "Beach", "Artist": ""})
    await put(faces, "oss://b/x/a.jpg", [figure("a1", 1, young), figure("a2", 2, old)], spec, user={"place": "Ulm"})
    await put(faces, "oss://b/x/b.png", [figure("b1", 3, BARE)], FileSpec("id-2"), content_type="image/png")
    await put(faces, "oss://b/y/c.jpg", size_bytes=5, image=ImageSize(80, 60), crc64=7, spec=FileSpec(produced=FIRST))
    await put(faces, "oss://b/y/D_.jpg", spec=FileSpec(custom_labels={"colour": "blue"}), size_bytes=5, orientation=6)
    await put(faces, "oss://B/old", etag="", content_type="", modified=FIRST - 99 * HOUR, object_type="", acl="")
    return faces


def names(page) -> list[str]:
    return sorted(file.uri.rpartition("/")[2] for file in page.files)


async def found(faces: FaceDatabase, where: Condition | Conditions) -> list[str]:
    """Give the last parts of the URIs of all hits; every way of counting has to agree with them."""
    page = await faces.query_files(REF, FileQuery(where))
    assert page.total == len(page.files)
    denied = await faces.query_files(REF, FileQuery(Conditions(Joining.NOT, (where,))))
    assert sorted(names(page) + names(denied)) == ["D_.jpg", "a.jpg", "b.png", "c.jpg", "old"]
    return names(page)


def eq(field: str, value: str | float) -> Condition:
    return Condition(field, Comparing.EQ, value)


CASES = [
    ("URI", Comparing.EQ, "oss://b/x/a.jpg", ["a.jpg"]),
    ("URI", Comparing.EQ, "OSS://b/x/a.jpg", []),
    ("URI", Comparing.PREFIX, "oss://b/x/", ["a.jpg", "b.png"]),
    ("URI", Comparing.PREFIX, "oss://B/", ["old"]),
    ("URI", Comparing.PREFIX, "oss://b/%", []),
    ("URI", Comparing.PREFIX, "", ["D_.jpg", "a.jpg", "b.png", "c.jpg", "old"]),
    ("URI", Comparing.LT, "oss://b", ["old"]),
    ("Filename", Comparing.GTE, "x/b", ["D_.jpg", "b.png", "c.jpg"]),
    ("Filename", Comparing.EQ, "y/D_.jpg", ["D_.jpg"]),
    ("Filename", Comparing.PREFIX, "y/D?", []),
    ("CustomId", Comparing.EXIST, "", ["a.jpg", "b.png"]),
    ("CustomId", Comparing.EQ, "", []),
    ("CustomId", Comparing.PREFIX, "Id", ["a.jpg"]),
    ("CustomId", Comparing.GT, "Id-1", ["b.png"]),
    ("Size", Comparing.EQ, 5, ["D_.jpg", "c.jpg"]),
    ("Size", Comparing.GT, 5, ["a.jpg", "b.png", "old"]),
    ("Size", Comparing.LTE, 4.9, []),
    ("ContentType", Comparing.EQ, "image/png", ["b.png"]),
    ("ContentType", Comparing.EXIST, "", ["D_.jpg", "a.jpg", "b.png", "c.jpg"]),
    ("MediaType", Comparing.EQ, "image", ["D_.jpg", "a.jpg", "b.png", "c.jpg"]),
    ("ETag", Comparing.EQ, "ABCDEF", ["D_.jpg", "a.jpg", "b.png", "c.jpg"]),
    ("OSSCRC64", Comparing.EQ, "7", ["c.jpg"]),
    ("OSSObjectType", Comparing.EXIST, "", ["D_.jpg", "a.jpg", "b.png", "c.jpg"]),
    ("ObjectACL", Comparing.EQ, "default", ["D_.jpg", "a.jpg", "b.png", "c.jpg"]),
    ("ImageWidth", Comparing.LT, 640, ["c.jpg"]),
    ("ImageHeight", Comparing.GTE, 480, ["D_.jpg", "a.jpg", "b.png", "old"]),
    ("Orientation", Comparing.EQ, 6, ["D_.jpg"]),
    ("FigureCount", Comparing.GTE, 1, ["a.jpg", "b.png"]),
    ("ProduceTime", Comparing.EXIST, "", ["a.jpg", "c.jpg"]),
    ("ProduceTime", Comparing.EQ, FIRST, ["a.jpg", "c.jpg"]),
    ("ProduceTime", Comparing.LT, FIRST, []),
    ("FileModifiedTime", Comparing.LT, FIRST - 10 * 24 * HOUR, []),
    ("FileModifiedTime", Comparing.GT, FIRST - 100 * HOUR, ["old"]),
    ("CreateTime", Comparing.GT, FIRST + timedelta(seconds=3), ["D_.jpg", "old"]),
    ("UpdateTime", Comparing.LTE, FIRST + timedelta(seconds=1), ["a.jpg"]),
    ("CustomLabels.colour", Comparing.EQ, "RED", ["a.jpg"]),
    ("CustomLabels.COLOUR", Comparing.EXIST, "", ["D_.jpg", "a.jpg"]),
    ("CustomLabels.colour", Comparing.PREFIX, "B", ["D_.jpg"]),
    ("CustomLabels.colour", Comparing.GT, "blue", ["a.jpg"]),
    ("CustomLabels.empty", Comparing.EXIST, "", ["a.jpg"]),
    ("CustomLabels.missing", Comparing.EXIST, "", []),
    ("OSSUserMeta.place", Comparing.EQ, "Ulm", ["a.jpg"]),
    ("OSSUserMeta.x-oss-meta-Place", Comparing.EQ, "Ulm", ["a.jpg"]),
    ("OSSUserMeta.place", Comparing.EQ, "ulm", []),
    ("Title", Comparing.EQ, "Beach", ["a.jpg"]),
    ("Artist", Comparing.EXIST, "", []),
    ("Figures.FigureId", Comparing.EQ, "a2", ["a.jpg"]),
    ("Figures.FigureType", Comparing.EQ, "face", ["a.jpg", "b.png"]),
    ("Figures.Age", Comparing.EQ, 21, ["a.jpg"]),
    ("Figures.Age", Comparing.GT, 63, []),
    ("Figures.Age", Comparing.EXIST, "", ["a.jpg"]),
    ("Figures.AgeSD", Comparing.EQ, 5.0, ["a.jpg"]),
    ("Figures.Gender", Comparing.EQ, "male", ["a.jpg"]),
    ("Figures.Emotion", Comparing.EQ, "none", ["a.jpg"]),
    ("Figures.Emotion", Comparing.EQ, "happiness", ["a.jpg"]),
    ("Figures.EmotionConfidence", Comparing.EQ, 0.8, ["a.jpg"]),
    ("Figures.Glasses", Comparing.PREFIX, "sun", ["a.jpg"]),
    ("Figures.HeadPose.Yaw", Comparing.GT, 12.2, ["a.jpg"]),
    ("Figures.FaceQuality", Comparing.LT, 0.6, ["a.jpg"]),
    ("Figures.FigureConfidence", Comparing.LTE, 0.5, ["b.png"]),
    ("Figures.Boundary.Width", Comparing.EQ, 60.5, ["a.jpg"]),
    ("Figures.Boundary.Height", Comparing.EQ, 50, ["a.jpg", "b.png"]),
    ("Figures.FigureClusterId", Comparing.EQ, CLUSTER_UNAVAILABLE, ["a.jpg", "b.png"]),
    ("Figures.FigureClusterConfidence", Comparing.EXIST, "", []),
]


@pytest.mark.parametrize(("part", "of"), [(part, 4) for part in range(4)], ids=["first", "second", "third", "fourth"])
async def test_conditions(shelf: FaceDatabase, part: int, of: int) -> None:
    """Each field is compared as its kind says; the files that do not fulfil a condition are those that NOT gives."""
    for field, comparing, value, expected in CASES[part::of]:
        assert await found(shelf, Condition(field, comparing, value)) == expected, (field, comparing, value)


async def test_every_field_can_be_asked_for(shelf: FaceDatabase) -> None:
    """No field that a request may name is unknown here; each is compared, sorted by and aggregated."""
    samples = {FieldKind.TEXT: "x", FieldKind.NUMBER: 1, FieldKind.TIME: FIRST}
    fields = {**FILE_FIELDS, **{f"Figures.{name}": kind for name, kind in FIGURE_FIELDS.items()}}
    for field, kind in fields.items():
        await found(shelf, Condition(field, Comparing.GT, samples[kind]))
    for field in (*TEXT_FIELDS, "CustomLabels.x", "OSSUserMeta.x"):
        assert await found(shelf, Condition(field, Comparing.EQ, "nothing like it")) == []
    counted = await shelf.query_files(REF, FileQuery(aggregations=tuple(Aggregation(one, "group") for one in fields)))
    assert len(counted.aggregated) == len(fields)
    for field in FILE_FIELDS:
        page = await shelf.query_files(REF, FileQuery(sort=((field, True),)))
        assert len(page.files) == 5


async def test_conditions_are_joined(shelf: FaceDatabase) -> None:
    """AND, OR and NOT, one in the other."""
    jpg, small = Condition("URI", Comparing.PREFIX, "oss://b/y"), eq("Size", 5)
    png = eq("ContentType", "image/png")
    assert await found(shelf, Conditions(Joining.AND, (jpg, small))) == ["D_.jpg", "c.jpg"]
    assert await found(shelf, Conditions(Joining.OR, (png, small))) == ["D_.jpg", "b.png", "c.jpg"]
    assert await found(shelf, Conditions(Joining.NOT, (png, small))) == ["a.jpg", "old"]
    inner = Conditions(Joining.NOT, (eq("Orientation", 6),))
    assert await found(shelf, Conditions(Joining.AND, (small, inner))) == ["c.jpg"]


async def test_one_figure_fulfils_what_is_nested(shelf: FaceDatabase) -> None:
    """Two figures may fulfil two conditions, but of nested ones the same figure has to fulfil both."""
    male, aged = eq("Figures.Gender", "male"), Condition("Figures.Age", Comparing.GT, 40)
    assert await found(shelf, Conditions(Joining.AND, (male, aged))) == ["a.jpg"]
    assert await found(shelf, Conditions(Joining.AND, (male, aged), nested="Figures")) == []
    assert await found(shelf, Conditions(Joining.OR, (male, aged), nested="Figures")) == ["a.jpg"]
    inner = Conditions(Joining.NOT, (male,))
    assert await found(shelf, Conditions(Joining.AND, (aged, inner), nested="Figures")) == ["a.jpg"]
    assert await found(shelf, Conditions(Joining.AND, (inner,), nested="Figures")) == ["a.jpg", "b.png"]


async def test_the_cluster_can_be_asked_for(shelf: FaceDatabase) -> None:
    """The files of a person are found by the id, and those who are alone by IMM's word for it."""
    numbers = {
        one.figure_id: one.number for file in (await shelf.query_files(REF, FileQuery())).files for one in file.figures
    }
    await shelf.place(REF, Placement(left_alone=(numbers["b1"],)))
    cluster = await shelf.found_cluster(REF, ClusterSpec(), [numbers["a2"]])
    assert await found(shelf, eq("Figures.FigureClusterId", cluster.cluster_id)) == ["a.jpg"]
    assert await found(shelf, eq("Figures.FigureClusterId", CLUSTER_INDEPENDENT)) == ["b.png"]
    assert await found(shelf, eq("Figures.FigureClusterId", CLUSTER_UNAVAILABLE)) == ["a.jpg"]
    assert await found(shelf, eq("Figures.FigureClusterConfidence", 1.0)) == ["a.jpg"]


SORTS = [
    (),
    (("URI", False),),
    (("URI", True),),
    (("Size", True), ("Filename", False)),
    (("CustomId", False), ("Size", False)),
    (("CustomId", True),),
    (("ProduceTime", True), ("CreateTime", True)),
    (("MediaType", True), ("ImageWidth", False), ("UpdateTime", True)),
]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: ",".join(name for name, _ in sort) or "none")
async def test_pages_are_in_order_and_whole(shelf: FaceDatabase, sort) -> None:
    """Pages of any length put together are the whole list, each file once; files without the field come last."""
    whole = (await shelf.query_files(REF, FileQuery(sort=sort))).files
    for limit in (1, 2, 3):
        seen, after, pages = [], "", 0
        while pages == 0 or after:
            page = await shelf.query_files(REF, FileQuery(sort=sort, after=after, limit=limit, wants_total=False))
            assert page.total is None
            seen, after, pages = [*seen, *page.files], page.next_after, pages + 1
        assert [file.uri for file in seen] == [file.uri for file in whole]
        assert pages == -(-5 // limit)


async def test_order_of_files(shelf: FaceDatabase) -> None:
    """Text is sorted by code point, numbers by size, and what is missing comes last either way."""

    async def order(*sort: tuple[str, bool]) -> list[str]:
        page = await shelf.query_files(REF, FileQuery(sort=sort))
        return [file.uri.rpartition("/")[2] for file in page.files]

    assert await order(("Filename", False)) == ["old", "a.jpg", "b.png", "D_.jpg", "c.jpg"]
    assert await order(("Filename", True)) == ["c.jpg", "D_.jpg", "b.png", "a.jpg", "old"]
    assert (await order(("CustomId", False), ("URI", False)))[:2] == ["a.jpg", "b.png"]
    assert (await order(("CustomId", True), ("URI", False)))[:2] == ["b.png", "a.jpg"]
    assert await order(("Size", False), ("Filename", True)) == ["c.jpg", "D_.jpg", "b.png", "a.jpg", "old"]
    ties = (await shelf.query_files(REF, FileQuery(sort=(("MediaType", False),)))).files[:4]
    assert all(one.object_id < other.object_id for one, other in pairwise(ties))


@pytest.mark.parametrize(
    "after", ["x", "!!", "bm8", "WzFd", "W10", "WyJcdWQ4MDAiLCJ4Il0", "WzEsMl0", "e30", "A" * 20_000]
)
async def test_a_token_that_was_not_given_out_is_refused(shelf: FaceDatabase, after: str) -> None:
    """Whatever a client makes up for the next page is an error of his."""
    with pytest.raises(InvalidArgument):
        await shelf.query_files(REF, FileQuery(sort=(("URI", False),), after=after))


async def test_a_token_of_another_order_is_refused(shelf: FaceDatabase) -> None:
    """A place among sizes is none among names."""
    page = await shelf.query_files(REF, FileQuery(sort=(("Size", False),), limit=1))
    with pytest.raises(InvalidArgument):
        await shelf.query_files(REF, FileQuery(sort=(("URI", False),), after=page.next_after))


AGGREGATIONS = [
    ("Size", "sum", 3010.0, ()),
    ("Size", "min", 5.0, ()),
    ("Size", "max", 1000.0, ()),
    ("Size", "average", 602.0, ()),
    ("Size", "distinct", 2.0, ()),
    ("CustomId", "count", 2.0, ()),
    ("URI", "sum", None, ()),
    ("CreateTime", "max", None, ()),
    ("Size", "group", None, (("1000", 3), ("5", 2))),
    ("ContentType", "group", None, (("image/jpeg", 3), ("image/png", 1))),
    ("ProduceTime", "group", None, (("2026-11-22T18:54:03.123456Z", 2),)),
    ("Figures.Age", "max", 63.0, ()),
    ("Figures.FaceQuality", "average", 0.7, ()),
    ("Figures.FigureId", "count", 3.0, ()),
    ("Figures.Gender", "group", None, (("female", 1), ("male", 1))),
    ("Figures.FigureType", "distinct", 1.0, ()),
]


async def test_aggregations(shelf: FaceDatabase) -> None:
    """Numbers over all hits, of files and of their figures; a page with them has no files."""
    asked = tuple(Aggregation(field, operation) for field, operation, _, _ in AGGREGATIONS)
    page = await shelf.query_files(REF, FileQuery(aggregations=asked))
    assert (page.files, page.total, page.next_after) == ((), 5, "")
    for got, what, (_, _, value, groups) in zip(page.aggregated, asked, AGGREGATIONS, strict=True):
        assert got == Aggregated(what, value if value is None else pytest.approx(value), groups)


async def test_aggregations_are_of_hits_only(shelf: FaceDatabase) -> None:
    """What does not fulfil the conditions does not count, and the number of groups has a limit."""
    where = eq("MediaType", "nothing")
    asked = (Aggregation("Size", "sum"), Aggregation("Size", "count"), Aggregation("URI", "group"))
    page = await shelf.query_files(REF, FileQuery(where, aggregations=asked))
    assert [one.value for one in page.aggregated] == [None, 0.0, None]
    assert page.aggregated[2].groups == ()
    few = await shelf.query_files(REF, FileQuery(aggregations=asked[2:], limit=2))
    assert len(few.aggregated[0].groups) == 2
