"""What IMM's operations on pictures are asked for."""

import pytest

from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query
from oss_faces.request.imm import (
    CompareImageFaces,
    DetectImageFaces,
    parse_compare_image_faces,
    parse_detect_image_faces,
)
from oss_faces.request.imm_fields import Fields
from oss_faces.values import Address


def fields(**values: str) -> Fields:
    return Fields.of(Query(tuple(values.items())))


def test_detect() -> None:
    """The key is raw text, whatever is in it, and other parameters have no effect."""
    sent = fields(ProjectName="p", SourceURI="oss://photos/dir//照片 a+%2F?b.jpg", CredentialConfig="{}", RegionId="x")
    assert parse_detect_image_faces(sent) == DetectImageFaces("p", Address("photos", "dir//照片 a+%2F?b.jpg"))


def test_compare() -> None:
    """Both pictures stand in one record."""
    sent = fields(ProjectName="p", Source='{"URI1":"oss://photos/a","URI2":"oss://other/b"}')
    assert parse_compare_image_faces(sent) == CompareImageFaces("p", Address("photos", "a"), Address("other", "b"))


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ({"SourceURI": "oss://photos/a"}, "ProjectName"),
        ({"ProjectName": "", "SourceURI": "oss://photos/a"}, "ProjectName"),
        ({"ProjectName": "p"}, "SourceURI"),
    ],
)
def test_what_detect_needs(sent: dict[str, str], missing: str) -> None:
    """Without project or picture there is nothing to do."""
    with pytest.raises(MissingParameter, match=f"^{missing} is"):
        parse_detect_image_faces(fields(**sent))


@pytest.mark.parametrize("source", ["", "{}", '{"URI1":"oss://photos/a"}', '{"URI2":"oss://photos/a"}'])
def test_what_compare_needs(source: str) -> None:
    """Two pictures are needed, by their names in the record."""
    with pytest.raises(MissingParameter, match=r"^Source\.URI[12] is"):
        parse_compare_image_faces(fields(ProjectName="p", Source=source))


@pytest.mark.parametrize("name", ["1p", "-p", "p.q", "p q", "p/q", "ä", "p" * 129])
def test_names_of_projects(name: str) -> None:
    """Letters, digits, hyphens and underscores, up to 128, no digit or hyphen first."""
    with pytest.raises(InvalidArgument, match="ProjectName"):
        parse_detect_image_faces(fields(ProjectName=name, SourceURI="oss://photos/a"))
    for allowed in ("p", "_", "P-1_x", "p" * 128):
        assert parse_detect_image_faces(fields(ProjectName=allowed, SourceURI="oss://photos/a")).project == allowed


@pytest.mark.parametrize(
    "uri",
    [
        "photos/a",
        "oss:/photos/a",
        "http://photos/a",
        "oss://photos",
        "oss://photos/",
        "oss:///a",
        "oss://ph/a",
        "oss://PHOTOS/a",
        "oss://photos/" + "a" * 1024,
        "oss://photos/\\a",
        "OSS://photos/a",
        "oss://photos/" + "a" * 2000,
    ],
)
def test_addresses_of_pictures(uri: str) -> None:
    """An address is `oss://`, a bucket that could be there, and a key that could be."""
    with pytest.raises(InvalidArgument, match="SourceURI"):
        parse_detect_image_faces(fields(ProjectName="p", SourceURI=uri))
