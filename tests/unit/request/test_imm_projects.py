"""What IMM's operations on projects are asked for."""

from collections.abc import Callable

import pytest

from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query
from oss_faces.request import imm_projects as requests
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import next_token
from oss_faces.values import ProjectLimits, ProjectSpec

TAGS = '[{"Key":"k","Value":"v"},{"Key":"l"}]'


def fields(**values: str) -> Fields:
    return Fields.of(Query(tuple(values.items())))


def test_a_project_has_documented_defaults() -> None:
    """Only the name is needed."""
    want = requests.parse_create_project(fields(ProjectName="p"))
    assert want == requests.CreateProject("p", ProjectSpec("", "AliyunIMMDefaultRole", "", {}, ProjectLimits()))


def test_everything_that_can_be_said_about_a_project() -> None:
    """Each parameter finds its place."""
    want = requests.parse_create_project(
        fields(
            ProjectName="p",
            Description="d",
            ServiceRole="r",
            TemplateId="Official:FaceManagement",
            Tag=TAGS,
            DatasetMaxBindCount="1",
            DatasetMaxEntityCount="2",
            DatasetMaxFileCount="3",
            DatasetMaxRelationCount="4",
            DatasetMaxTotalFileSize="5",
            ProjectMaxDatasetCount="6",
        )
    )
    limits = ProjectLimits(1, 2, 3, 4, 5, 6)
    assert want.spec == ProjectSpec("d", "r", "Official:FaceManagement", {"k": "v", "l": ""}, limits)


def test_an_update_keeps_what_it_does_not_name() -> None:
    """Only what is sent, and is not empty, is replaced."""
    old = ProjectSpec("d", "r", "t", {"k": "v"}, ProjectLimits(1, 2, 3, 4, 5, 6))
    assert requests.parse_update_project(fields(ProjectName="p", Description="", Tag="[]")).applied(old) == old
    changed = requests.parse_update_project(fields(ProjectName="p", Tag='[{"Key":"x"}]', DatasetMaxFileCount="9"))
    assert changed.applied(old) == ProjectSpec("d", "r", "t", {"x": ""}, ProjectLimits(1, 2, 9, 4, 5, 6))


@pytest.mark.parametrize(
    "sent",
    [
        {"Description": "d" * 257},
        {"ServiceRole": "r" * 257},
        {"TemplateId": "t" * 129},
        {"DatasetMaxBindCount": "0"},
        {"DatasetMaxBindCount": "11"},
        {"ProjectMaxDatasetCount": "1000000001"},
        {"DatasetMaxTotalFileSize": str(2**63)},
        {"Tag": "[{}]"},
        {"Tag": '[{"Key":"k"},{"Key":"k"}]'},
        {"Tag": '[{"Key":"' + "k" * 129 + '"}]'},
        {"Tag": "[" + ",".join(f'{{"Key":"{number}"}}' for number in range(21)) + "]"},
        {"Tag": '["k"]'},
    ],
)
def test_limits_of_a_project(sent: dict[str, str]) -> None:
    """Every text, number and list has its documented limit."""
    with pytest.raises((InvalidArgument, MissingParameter)):
        requests.parse_create_project(fields(ProjectName="p", **sent))


@pytest.mark.parametrize(
    ("parse", "sent"),
    [
        (requests.parse_create_project, {}),
        (requests.parse_update_project, {}),
        (requests.parse_named_project, {}),
        (requests.parse_attach_bucket, {"ProjectName": "p"}),
        (requests.parse_attach_bucket, {"OSSBucket": "photos"}),
        (requests.parse_named_bucket, {}),
        (requests.parse_list_attached_buckets, {}),
    ],
)
def test_what_is_needed(parse: Callable[[Fields], object], sent: dict[str, str]) -> None:
    """Each operation names the parameter that it misses."""
    with pytest.raises(MissingParameter, match=r"^(ProjectName|OSSBucket) is mandatory"):
        parse(fields(**sent))


def test_statistics_are_a_flag() -> None:
    """`WithStatistics` is read, though there is nothing to count yet."""
    assert requests.parse_named_project(fields(ProjectName="p", WithStatistics="True")).name == "p"
    with pytest.raises(InvalidArgument, match="WithStatistics"):
        requests.parse_named_project(fields(ProjectName="p", WithStatistics="maybe"))


def test_attaching() -> None:
    """Bucket, project and description; a bucket's name keeps the rules of OSS."""
    sent = fields(ProjectName="p", OSSBucket="photos", Description="d")
    assert requests.parse_attach_bucket(sent) == requests.AttachBucket("photos", "p", "d")
    for wrong in ({"OSSBucket": "Photos"}, {"OSSBucket": "photos", "Description": "d" * 129}):
        with pytest.raises(InvalidArgument):
            requests.parse_attach_bucket(fields(ProjectName="p", **wrong))


@pytest.mark.parametrize(("sent", "limit"), [({}, 100), ({"MaxResults": "0"}, 100), ({"MaxResults": "200"}, 200)])
def test_pages(sent: dict[str, str], limit: int) -> None:
    """As documented, nothing and 0 mean 100 and 200 is the most."""
    assert requests.parse_list_projects(fields(**sent)) == requests.ListProjects("", "", {}, limit)
    assert requests.parse_list_attached_buckets(fields(ProjectName="p", **sent)).limit == limit
    with pytest.raises(InvalidArgument, match="MaxResults"):
        requests.parse_list_projects(fields(MaxResults="201"))


def test_lists_go_on_where_they_ended() -> None:
    """A token carries the end of a page, and nothing else is one."""
    sent = fields(Prefix="te", NextToken=next_token("test"), Tag=TAGS)
    assert requests.parse_list_projects(sent) == requests.ListProjects("te", "test", {"k": "v", "l": ""}, 100)
    assert next_token("") == ""
    for token in ("test!", "dGVzd", "/w==", "A" * 300):
        with pytest.raises(InvalidArgument, match="NextToken"):
            requests.parse_list_projects(fields(NextToken=token))
