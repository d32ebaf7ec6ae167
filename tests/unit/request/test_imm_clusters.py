import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oss_faces.datasets import ClusterQuery, ClusterSpec, DatasetRef
from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.request import imm_clusters
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token

D = {"ProjectName": "project", "DatasetName": "album"}
REF = DatasetRef("project", "album")


def read(**values: Any) -> Fields:
    return Fields(
        {**D, **{name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}}
    )


def test_clustering_keeps_what_the_caller_wants_to_find_again() -> None:
    """User data and tags; a dataset has to be named."""
    want = imm_clusters.parse_cluster_figures(read(UserData="mine", Tags={"who": "me"}))
    assert want == imm_clusters.ClusterFigures(REF, "mine", {"who": "me"})
    assert imm_clusters.read_task_dataset(imm_clusters.clustering_task(want)) == REF
    with pytest.raises(MissingParameter):
        imm_clusters.parse_cluster_figures(Fields({"ProjectName": "project"}))


@pytest.mark.parametrize(("given", "froms"), [({"From": "b"}, ("b",)), ({"Froms": ["b", "c"]}, ("b", "c"))])
def test_merge_names_one_or_several(given: dict[str, Any], froms: tuple[str, ...]) -> None:
    """From and Froms mean the same; lists that a client sends empty are absent."""
    want = imm_clusters.parse_merge_clusters(read(To="a", **given))
    assert (want.into, want.froms) == ("a", froms)
    assert imm_clusters.merge_task(want)["Froms"] == list(froms)
    assert imm_clusters.parse_merge_clusters(read(To="a", **{"Froms": [], **given})).froms == froms


@pytest.mark.parametrize(
    "given",
    [{}, {"From": "b", "Froms": ["c"]}, {"From": "a"}, {"Froms": ["b", "b"]}, {"Froms": [str(n) for n in range(101)]}],
)
def test_merge_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    """Neither or both, a cluster with itself or twice, too many."""
    with pytest.raises(InvalidArgument):
        imm_clusters.parse_merge_clusters(read(To="a", **given))


def test_merge_needs_a_destination() -> None:
    """To is mandatory."""
    with pytest.raises(MissingParameter, match="To"):
        imm_clusters.parse_merge_clusters(read(From="b"))


def test_query_without_anything_is_all_by_creation() -> None:
    """Defaults."""
    assert imm_clusters.parse_query_clusters(Fields(D)).query == ClusterQuery()


def test_query_with_everything() -> None:
    """Sort, order, labels, times, page and total, as the official client writes them."""
    first = imm_clusters.parse_query_clusters(read(Sort="FaceCount", Order="desc", CustomLabels={"kind": "cousin"}))
    want = imm_clusters.parse_query_clusters(
        read(
            Sort="FaceCount",
            Order="desc",
            CustomLabels={"kind": "cousin"},
            MaxResults="7",
            WithTotalCount="True",
            NextToken=next_token("page end", *first.question),
        )
    )
    assert want.query == ClusterQuery(
        "face_count", descending=True, labels={"kind": "cousin"}, after="page end", limit=7, wants_total=True
    )
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    timed = imm_clusters.parse_query_clusters(
        read(CreateTimeRange={"Start": "2026-11-22T00:00:00Z"}, UpdateTimeRange={"End": "2026-11-22T00:00:00Z"})
    )
    assert (timed.query.created, timed.query.updated) == ((moment, None), (None, moment))


@pytest.mark.parametrize(
    "wrong", [{"Sort": "VideoCount"}, {"Order": "up"}, {"MaxResults": "101"}, {"CustomLabels": "x"}]
)
def test_query_that_is_not_understood_is_refused(wrong: dict[str, Any]) -> None:
    """Unknown words and numbers out of range."""
    with pytest.raises(InvalidArgument):
        imm_clusters.parse_query_clusters(read(**wrong))


def test_token_of_another_question_is_refused() -> None:
    """A page goes on only with what it began with."""
    token = next_token("end", *imm_clusters.parse_query_clusters(read(Sort="Name")).question)
    with pytest.raises(InvalidArgument):
        imm_clusters.parse_query_clusters(read(Sort="FaceCount", NextToken=token))


def test_named_clusters() -> None:
    """One, or up to a hundred."""
    assert imm_clusters.parse_get_cluster(read(ObjectId="a")).cluster_ids == ("a",)
    assert imm_clusters.parse_get_clusters(read(ObjectIds=["a", "b"])).cluster_ids == ("a", "b")
    with pytest.raises(MissingParameter):
        imm_clusters.parse_get_clusters(read(ObjectIds=[]))
    with pytest.raises(InvalidArgument):
        imm_clusters.parse_get_clusters(read(ObjectIds=["a"] * 101))


def test_update_replaces_what_it_names() -> None:
    """The rest stays; a version of 0 is a version."""
    want = imm_clusters.parse_update_cluster(
        read(FigureCluster={"ObjectId": "a", "Name": "Ann", "CustomLabels": {"kind": "aunt"}, "MetaLockVersion": 0})
    )
    old = ClusterSpec("Bea", "id-7", {"x": "y"}, "oss://b/k")
    assert want.lock_version == 0
    assert want.applied(old, None) == ClusterSpec("Ann", "id-7", {"kind": "aunt"}, "oss://b/k")
    other = imm_clusters.parse_update_cluster(
        read(FigureCluster={"ObjectId": "a", "CustomId": "id-8", "Cover": {"Figures": [{"FigureId": "f"}]}})
    )
    assert (other.cover, other.lock_version) == ("f", None)
    assert other.applied(old, "oss://b/other") == ClusterSpec("Bea", "id-8", {"x": "y"}, "oss://b/other")


@pytest.mark.parametrize(
    ("cluster", "error"),
    [
        ({}, MissingParameter),
        ({"Name": "Ann"}, MissingParameter),
        ({"ObjectId": "a", "MetaLockVersion": "new"}, InvalidArgument),
        ({"ObjectId": "a", "Cover": {"Figures": [{"FigureId": "f"}, {"FigureId": "g"}]}}, InvalidArgument),
    ],
)
def test_update_that_is_not_understood_is_refused(cluster: dict[str, Any], error: type[Exception]) -> None:
    """Nothing named, no cluster, a version that is no number, two covers."""
    with pytest.raises(error):
        imm_clusters.parse_update_cluster(read(FigureCluster=cluster))
