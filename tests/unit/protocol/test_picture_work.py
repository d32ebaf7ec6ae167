"""Which requests say that they want work on a picture."""

import pytest

from oss_faces.protocol import is_conditional, wants_imm_picture_work, wants_picture_work
from oss_faces.values import WireRequest


@pytest.mark.parametrize(
    ("method", "query", "wants"),
    [
        ("GET", "x-oss-process=image/faces", True),
        ("GET", "x-oss-date=1&x-oss-process=image%2Finfo", True),
        ("GET", "x-oss-process", True),
        ("HEAD", "x-oss-process=image/faces", False),
        ("POST", "x-oss-process", False),
        ("GET", "", False),
        ("GET", "prefix=x-oss-process", False),
        ("GET", "x-oss-processes=image/faces", False),
        ("GET", "x-oss-process=image/faces" + "&" * 40_000, False),
    ],
)
def test_reading_what_becomes_of_a_picture_is_work(method: str, query: str, *, wants: bool) -> None:
    """A GET with the parameter, wherever it stands; the word elsewhere is none."""
    assert wants_picture_work(WireRequest(method, "/photos/k", query, ())) is wants


@pytest.mark.parametrize(
    ("query", "headers", "wants"),
    [
        ("", (("x-acs-action", "DetectImageFaces"),), True),
        ("", (("x-acs-action", "ListProjects"),), False),
        ("Action=DetectImageFaces", (("x-acs-action", "ListProjects"),), False),
        ("Version=2020-09-30&Action=IdentifyFigures", (), True),
        ("Action=GetProject&Version=2020-09-30", (), False),
        ("InternetAction=DetectImageFaces", (), False),
        ("Action=GetProject&Action=DetectImageFaces", (), False),
        ("", (), False),
    ],
)
def test_operation_is_named_in_a_header_or_in_the_query(
    query: str, headers: tuple[tuple[str, str], ...], *, wants: bool
) -> None:
    """The header goes first, as for the signature."""
    assert wants_imm_picture_work(WireRequest("POST", "/", query, headers)) is wants


@pytest.mark.parametrize(
    ("name", "conditional"), [("if-none-match", True), ("if-unmodified-since", True), ("x-if-match", False)]
)
def test_condition_stands_in_a_header(name: str, *, conditional: bool) -> None:
    """One of the four of HTTP."""
    assert is_conditional(WireRequest("GET", "/photos/k", "", (("host", "here"), (name, "x")))) is conditional
