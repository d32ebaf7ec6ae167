"""GetObject with x-oss-process and ProcessObject, from the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import (
    InvalidArgument,
    InvalidBucketName,
    InvalidObjectName,
    InvalidProcess,
    MissingArgument,
    NoSuchStyle,
    RequestError,
)
from oss_faces.protocol import parse_query
from oss_faces.protocol.picture_steps import Resize
from oss_faces.request import (
    DescribePicture,
    DetectFaces,
    EditPicture,
    ReadObject,
    SavePicture,
    parse_process_request,
    parse_save,
)
from oss_faces.values import Address, WireRequest

PLACE = Address("photos", "a.jpg")
EDITS = (Resize(width=8),)


def parse(query: str, *headers: tuple[str, str], place: Address = PLACE):
    return parse_process_request(WireRequest("GET", "/", query, headers), parse_query(query), place)


def save(body: bytes, *headers: tuple[str, str], place: Address = PLACE) -> SavePicture:
    return parse_save(WireRequest("POST", "/", "x-oss-process", headers), place, body)


def test_what_is_wanted():
    """Faces, facts or a picture, each with the conditions on its source and without any range."""
    condition, part = ("if-none-match", '"abc"'), ("range", "bytes=0-9")
    faces = parse("x-oss-process=image%2Fresize%2Cw_8%2Ffaces", condition, part)
    assert isinstance(faces, DetectFaces)
    assert (faces.address, faces.conditions.if_none_match, faces.edits) == (PLACE, ("ABC",), EDITS)
    source = ReadObject(PLACE, faces.conditions)
    assert parse("x-oss-process=image/info", condition, part) == DescribePicture(source)
    assert parse("x-oss-process=image/resize,w_8", condition, part) == EditPicture(source, EDITS)


def test_key_is_checked():
    """As for every operation on an object."""
    with pytest.raises(InvalidObjectName):
        parse("x-oss-process=image/info", place=Address("photos", "\\a"))


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (b"x-oss-process=image/resize,w_8|sys/saveas,o_Yi5qcGc,b_b3RoZXI", Address("other", "b.jpg")),
        (b"x-oss-process=image/resize,w_8|sys/saveas,o_Yi5qcGc=", Address("photos", "b.jpg")),
        (b"x-oss-process=image%2Fresize%2Cw_8%7Csys%2Fsaveas%2Co_Yi5qcGc%3D\r\n", Address("photos", "b.jpg")),
    ],
)
def test_saving(body, target):
    """The body has the process string, bare or percent-encoded; the target's bucket is the source's by default."""
    want = save(body, ("if-match", "x"))
    assert (want.source.address, want.source.conditions.if_match, want.edits) == (PLACE, ("X",), EDITS)
    assert want.target == target


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", MissingArgument),
        (b"x-oss-process", MissingArgument),
        (b"x-oss-process=", MissingArgument),
        (b"process=image/resize,w_8|sys/saveas,o_YQ", MissingArgument),
        (b"x-oss-process=image/resize,w_8", InvalidArgument),
        (b"x-oss-process=image/faces|sys/saveas,o_YQ", InvalidArgument),
        (b"x-oss-process=image/resize,w_8|sys/saveas,o_%zz", InvalidArgument),
        (b"x-oss-process=image/resize,w_8\xff|sys/saveas,o_YQ", InvalidProcess),
        (b"x-oss-process=image/resize,w_8|sys/saveas,b_YQ", InvalidProcess),
        (b"x-oss-process=image/resize,w_8|sys/saveas,o_YQ,b_YQ", InvalidBucketName),
        (b"x-oss-process=image/resize,w_8|sys/saveas,o_XGE", InvalidObjectName),
        (b"x-oss-process=image/resize,w_8|sys/saveas,o_" + b"eHh4" * 342, InvalidObjectName),
        (b"x-oss-process=style/x|sys/saveas,o_YQ", NoSuchStyle),
    ],
)
def test_what_cannot_be_saved(body, error):
    """Each has the error that its part has elsewhere."""
    with pytest.raises(error) as caught:
        save(body)
    assert type(caught.value) is error


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(lambda tail: b"x-oss-process=image/" + tail)))
def test_garbage_raises_request_errors_only(body):
    """Whatever the body is."""
    try:
        save(body)
    except RequestError:
        return
    assert b"sys/saveas,o_" in body
