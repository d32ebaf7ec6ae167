"""How errors read in IMM's answers; the tree that imm_errors.py draws is the one that it holds."""

import re

import pytest

from oss_faces import errors, imm_errors
from oss_faces.errors import OssFacesError
from oss_faces.imm_errors import ImmError, ImmForm, MissingParameter, imm_form

OWN = [
    kind
    for kind in vars(imm_errors).values()
    if isinstance(kind, type) and issubclass(kind, ImmError) and kind is not ImmError
]
# A group is drawn to hold others, and is not raised itself.
ALL = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, OssFacesError) and not kind.__subclasses__()
]


def test_drawing_and_classes_are_the_same() -> None:
    """Each class is drawn once, with its status and its code."""
    drawn = re.findall(r"^ {8}(\w+) +(\d{3})(?: `([^`]+)`)?$", imm_errors.__doc__ or "", re.MULTILINE)
    assert sorted(name for name, _, _ in drawn) == sorted(kind.__name__ for kind in OWN)
    for name, status, code in drawn:
        kind = getattr(imm_errors, name)
        assert kind.http_status == int(status)
        assert kind.code == (code.partition("<")[0] if code else name)


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_own_errors_read_as_they_are(kind: type[ImmError]) -> None:
    """An error of IMM keeps its code, status and message, and is the caller's fault."""
    error = MissingParameter("OSSBucket") if kind is MissingParameter else kind()
    form = imm_form(error)
    assert form.http_status == kind.http_status
    assert 400 <= form.http_status < 500
    assert form.message == error.message
    assert form.code == ("MissingOSSBucket" if kind is MissingParameter else kind.code)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_other_error_has_a_form(kind: type[OssFacesError]) -> None:
    """Errors of OSS read as IMM documents them, or as the most general one; a fault of ours stays one."""
    error = kind()
    form = imm_form(error)
    assert re.fullmatch(r"[A-Z][A-Za-z]+(\.[A-Za-z]+)?", form.code)
    assert form.message
    assert (form.http_status >= 500) == (error.http_status >= 500)
    assert (form.http_status == 503) == error.retryable


@pytest.mark.parametrize(
    ("error", "form"),
    [
        (errors.NoSuchKey(), ImmForm("ResourceNotFound", 404, "The specified key does not exist.")),
        (errors.CorruptImage(), ImmForm("InvalidArgument", 400, "The image is damaged and cannot be decoded.")),
        (
            errors.AccessDenied("bucket acl"),
            ImmForm("NoPermission", 403, "You are not authorized to perform this operation."),
        ),
        (errors.InvalidObjectName("Too long."), ImmForm("InvalidArgument", 400, "Too long.")),
        (OssFacesError(), ImmForm("InternalError", 500, OssFacesError.default_message)),
    ],
)
def test_forms(error: OssFacesError, form: ImmForm) -> None:
    """The message is the error's own, without the prefix that it has in OSS, unless IMM has one for it."""
    assert imm_form(error) == form
