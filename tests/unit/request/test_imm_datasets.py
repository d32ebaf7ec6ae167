"""What IMM's operations on datasets are asked for."""

from collections.abc import Callable

import pytest

from oss_faces.datasets import DatasetRef, DatasetSpec
from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query
from oss_faces.request import imm_datasets as requests
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.values import ProjectLimits

REF = DatasetRef("p", "d")


def fields(**values: str) -> Fields:
    return Fields.of(Query(tuple({"ProjectName": "p", "DatasetName": "d", **values}.items())))


def test_a_dataset_has_the_limits_of_its_project() -> None:
    """What is not named is what the project says when the dataset is made."""
    want = requests.parse_change_dataset(fields(Description="x", TemplateId="Official:FaceManagement"))
    assert want.ref == REF
    assert want.created(ProjectLimits(1, 2, 3, 4, 5, 6)) == DatasetSpec(
        "x",
        "Official:FaceManagement",
        {
            "DatasetMaxBindCount": 1,
            "DatasetMaxEntityCount": 2,
            "DatasetMaxFileCount": 3,
            "DatasetMaxRelationCount": 4,
            "DatasetMaxTotalFileSize": 5,
        },
    )


def test_a_dataset_has_limits_of_its_own() -> None:
    """A limit that is named goes before the project's; no dataset has more files than IMM documents."""
    want = requests.parse_change_dataset(fields(DatasetMaxFileCount="7"))
    assert want.created(ProjectLimits()).limits["DatasetMaxFileCount"] == 7
    wide = requests.parse_change_dataset(fields()).created(ProjectLimits(dataset_max_file_count=10_000_000_000))
    assert wide.limits["DatasetMaxFileCount"] == 100_000_000


def test_an_update_keeps_what_it_does_not_name() -> None:
    """Only what is sent is replaced; how long files are kept is nothing that IMM can change."""
    old = DatasetSpec("x", "t", {"DatasetMaxFileCount": 7, "DatasetMaxBindCount": 1}, 30)
    assert requests.parse_change_dataset(fields(Description="")).applied(old) == old
    changed = requests.parse_change_dataset(fields(Description="y", DatasetMaxFileCount="8")).applied(old)
    assert changed == DatasetSpec("y", "t", {"DatasetMaxFileCount": 8, "DatasetMaxBindCount": 1}, 30)


@pytest.mark.parametrize(
    "sent",
    [
        {"Description": "d" * 257},
        {"TemplateId": "t" * 129},
        {"DatasetMaxBindCount": "11"},
        {"DatasetMaxFileCount": "0"},
        {"DatasetMaxFileCount": "100000001"},
        {"DatasetMaxTotalFileSize": "many"},
        {"DatasetName": "1d"},
        {"DatasetName": "d" * 129},
    ],
)
def test_limits_of_what_is_said(sent: dict[str, str]) -> None:
    """Every text and number has its documented limit."""
    with pytest.raises(InvalidArgument):
        requests.parse_change_dataset(fields(**sent))


@pytest.mark.parametrize("parse", [requests.parse_change_dataset, requests.parse_named_dataset])
def test_both_names_are_needed(parse: Callable[[Fields], object]) -> None:
    """A dataset is named by its project and by itself."""
    for missing in ("ProjectName", "DatasetName"):
        with pytest.raises(MissingParameter, match=missing):
            parse(fields(**{missing: ""}))


def test_statistics_are_told_anyway() -> None:
    """WithStatistics is read, and has to be a truth."""
    assert requests.parse_named_dataset(fields(WithStatistics="True")).ref == REF
    with pytest.raises(InvalidArgument, match="WithStatistics"):
        requests.parse_named_dataset(fields(WithStatistics="maybe"))


def test_lists_go_on_where_they_ended() -> None:
    """A token belongs to the project and the prefix of its list."""
    token = next_token("album-9", "p", "album")
    want = requests.parse_list_datasets(fields(Prefix="album", NextToken=token, MaxResults="5"))
    assert want == requests.ListDatasets("p", "album", "album-9", 5)
    with pytest.raises(InvalidArgument, match="NextToken"):
        requests.parse_list_datasets(fields(NextToken=token))
